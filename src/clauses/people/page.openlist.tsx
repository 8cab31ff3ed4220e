import { Select, TextInput } from '@mantine/core';
import { PersonSelect } from '../../registers/page.PersonSelect.tsx';
import { useApi } from '../../ui/api.ts';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import type { routes } from './routes.ts';

const occasions = ['joiner', 'mover', 'leaver'] as const;

/** Opens the checklists of an occasion for somebody, by hand. */
export default function OpenForm({ done }: { done: () => void }) {
  const t = useWords('clauses/people');
  const open = useCommand(useApi<typeof routes>().openChecklists, {
    done: ({ opened }) => t('checklists.opened', { count: opened }),
    onDone: done,
  });
  const form = useFields(
    { kind: 'mover' as string | null, personId: null as string | null, on: '' },
    open.fieldErrors,
  );
  const { kind, personId, on } = form.values;
  const send = () =>
    open.run({
      kind: (kind ?? 'mover') as (typeof occasions)[number],
      personId: personId ?? '',
      on,
    });
  return (
    <FieldForm
      onSubmit={() => void send()}
      submit={t('checklists.open')}
      will={t('checklists.will')}
      running={open.running}
      problem={open.problem}
      onCancel={done}
      disabled={!personId || on === ''}
    >
      <Select
        label={t('checklists.occasion')}
        data={occasions.map((value) => ({ value, label: t(`occasion.${value}`) }))}
        allowDeselect={false}
        {...form.choice('kind')}
      />
      <PersonSelect
        label={t('paper.person')}
        value={personId}
        onChange={(id) => form.set('personId', id)}
      />
      <TextInput label={t('checklists.on')} type="date" required {...form.text('on')} />
    </FieldForm>
  );
}
