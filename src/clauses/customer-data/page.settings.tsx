import { NumberInput } from '@mantine/core';
import type { output } from 'zod';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { routes } from './routes.ts';

type Settings = output<(typeof routes)['getCaseSettings']['output']>;

/** How long cases may be open, and until when they are reconciled. */
export default function SettingsForm({ done }: { done: () => void }) {
  const read = useRead(useApi<typeof routes>().getCaseSettings, {});
  return read.data ? <Form settings={read.data} done={done} /> : null;
}

function Form({ settings, done }: { settings: Settings; done: () => void }) {
  const t = useWords('clauses/customer-data');
  const change = useCommand(useApi<typeof routes>().changeCaseSettings, {
    done: t('settings.done'),
    onDone: done,
  });
  const form = useFields<Settings>(settings, change.fieldErrors);
  const number = (name: keyof Settings, max: number) => (
    <NumberInput
      label={t(`settings.${name}`)}
      min={1}
      max={max}
      allowDecimal={false}
      clampBehavior="strict"
      value={form.values[name]}
      onChange={(value) => form.set(name, Number(value) || 1)}
    />
  );
  return (
    <FieldForm
      onSubmit={() => void change.run(form.values)}
      submit={t('settings.verb')}
      will={t('settings.will')}
      running={change.running}
      problem={change.problem}
      onCancel={done}
    >
      {number('longestHours', 168)}
      {number('reconcileDays', 30)}
      {number('lapseDays', 90)}
    </FieldForm>
  );
}
