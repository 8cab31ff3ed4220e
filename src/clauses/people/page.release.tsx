import { NumberInput, Radio, Stack } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { WrittenCourse } from './page.editing.tsx';
import type { routes } from './routes.ts';

const numbers = ['draw', 'passPercent', 'attempts', 'pauseHours'] as const;

/** Publishes what is written: as a major version, or as a minor one. */
export default function ReleaseForm({ course, done }: { course: WrittenCourse; done: () => void }) {
  const t = useWords('clauses/people');
  const publish = useCommand(useApi<typeof routes>().publishCourse, {
    done: t('release.done'),
    onDone: done,
  });
  const { draw, passPercent, attempts, pauseHours } = course;
  const form = useFields(
    {
      draw: draw as number | string,
      passPercent: passPercent as number | string,
      attempts: attempts as number | string,
      pauseHours: pauseHours as number | string,
      how: course.versions.length === 0 ? 'major' : 'minor',
    },
    publish.fieldErrors,
  );
  const { values } = form;
  const send = () =>
    publish.run({
      course: course.course,
      revision: course.revision,
      major: values.how === 'major',
      draw: Number(values.draw),
      passPercent: Number(values.passPercent),
      attempts: Number(values.attempts),
      pauseHours: Number(values.pauseHours),
    });
  return (
    <FieldForm
      onSubmit={() => void send()}
      submit={t('release.verb')}
      will={t(values.how === 'major' ? 'release.willMajor' : 'release.willMinor')}
      running={publish.running}
      problem={publish.problem}
      onCancel={done}
    >
      <Radio.Group label={t('release.how')} {...form.choice('how')}>
        <Stack gap="xs" mt="xs">
          <Radio value="minor" label={t('release.minor')} disabled={course.versions.length === 0} />
          <Radio value="major" label={t('release.major')} />
        </Stack>
      </Radio.Group>
      {numbers.map((name) => (
        <NumberInput key={name} label={t(`release.${name}`)} min={0} {...form.choice(name)} />
      ))}
    </FieldForm>
  );
}
