import { Textarea } from '@mantine/core';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import { useBacklogApi } from './page.api.ts';

interface DecideProps {
  readonly approve: boolean;
  /** Of the decisions. */
  readonly ids: readonly string[];
  readonly close: () => void;
  readonly done?: () => void;
}

/** Approves or refuses what somebody else asked for. */
export default function DecideForm({ approve, ids, close, done = close }: DecideProps) {
  const t = useWords('clauses/vulnerabilities');
  const act = approve ? 'approve' : 'refuse';
  const decide = useCommand(useBacklogApi().decideDecisions, {
    done: t(`done.${act}`, { count: ids.length }),
    onDone: done,
  });
  const form = useFields({ note: '' }, decide.fieldErrors);
  return (
    <FieldForm
      onSubmit={() => void decide.run({ ids: [...ids], approve, note: form.values.note })}
      submit={t(`acts.${act}`)}
      will={t(`will.${act}`, { count: ids.length })}
      running={decide.running}
      problem={decide.problem}
      disabled={!approve && form.values.note.trim() === ''}
      onCancel={close}
      danger={!approve}
    >
      <Textarea
        label={t('note')}
        description={t(approve ? 'noteHint' : 'noteNeeded')}
        required={!approve}
        autosize
        minRows={3}
        data-autofocus
        {...form.text('note')}
      />
    </FieldForm>
  );
}
