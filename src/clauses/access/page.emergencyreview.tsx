import { Radio, Stack, Textarea } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { Section } from '../../ui/Page.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import { type Verdict, verdicts } from './facts.terms.ts';
import type { routes } from './routes.ts';

/** Says of an emergency, after it, whether it was one. */
export function ReviewForm({ id }: { id: string }) {
  const t = useWords('clauses/access');
  const review = useCommand(useApi<typeof routes>().reviewEmergency, {
    done: t('emergency.reviewed'),
  });
  const form = useFields({ verdict: 'justified', note: '' }, review.fieldErrors);
  const { verdict, note } = form.values;
  return (
    <Section title={t('emergency.review')}>
      <FieldForm
        onSubmit={() => void review.run({ id, verdict: verdict as Verdict, note })}
        submit={t('emergency.reviewVerb')}
        will={t('emergency.reviewWill')}
        running={review.running}
        problem={review.problem}
        disabled={note.trim() === ''}
      >
        <Radio.Group label={t('emergency.verdict')} {...form.choice('verdict')}>
          <Stack gap="xs" mt="xs">
            {verdicts.map((value) => (
              <Radio key={value} value={value} label={t(`verdict.${value}`)} />
            ))}
          </Stack>
        </Radio.Group>
        <Textarea
          label={t('emergency.note')}
          required
          autosize
          minRows={2}
          {...form.text('note')}
        />
      </FieldForm>
    </Section>
  );
}
