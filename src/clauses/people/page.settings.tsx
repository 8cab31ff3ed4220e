import { NumberInput, Skeleton } from '@mantine/core';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { PeopleSettings } from './facts.ts';
import type { routes } from './routes.ts';

const names = [
  'introductionDays',
  'refresherMonths',
  'leadDays',
  'newVersionDays',
  'disposalDays',
  'erasureDays',
] as const;

/** Days and months of people's duties. */
export default function SettingsForm({ done }: { done: () => void }) {
  const read = useRead(useApi<typeof routes>().readPeopleSettings, {});
  if (read.error) return <ProblemNotice problem={read.error} retry={() => read.refetch()} />;
  return read.data ? <Form settings={read.data} done={done} /> : <Skeleton height={320} />;
}

function Form({ settings, done }: { settings: PeopleSettings; done: () => void }) {
  const t = useWords('clauses/people');
  const change = useCommand(useApi<typeof routes>().changePeopleSettings, {
    done: t('settings.done'),
    onDone: done,
  });
  const form = useFields<Record<(typeof names)[number], number | string>>(
    { ...settings },
    change.fieldErrors,
  );
  const send = () => {
    const given = Object.fromEntries(names.map((name) => [name, Number(form.values[name])]));
    return change.run(given as PeopleSettings);
  };
  return (
    <FieldForm
      onSubmit={() => void send()}
      submit={t('settings.verb')}
      will={t('settings.will')}
      running={change.running}
      problem={change.problem}
      onCancel={done}
    >
      {names.map((name) => (
        <NumberInput key={name} label={t(`settings.${name}`)} min={0} {...form.choice(name)} />
      ))}
    </FieldForm>
  );
}
