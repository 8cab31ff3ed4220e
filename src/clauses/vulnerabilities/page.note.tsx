import { Textarea } from '@mantine/core';
import { FieldForm, useFields } from '../../ui/FieldForm.tsx';
import type { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';

interface NoteFormProps {
  readonly approve: boolean;
  /** What will be so once it is sent. */
  readonly will: string;
  readonly command: Pick<ReturnType<typeof useCommand>, 'running' | 'problem' | 'fieldErrors'>;
  readonly send: (note: string) => void;
  readonly close: () => void;
}

/** Approves or refuses with a note: whoever refuses says why. */
export function NoteForm({ approve, will, command, send, close }: NoteFormProps) {
  const t = useWords('clauses/vulnerabilities');
  const form = useFields({ note: '' }, command.fieldErrors);
  const { note } = form.values;
  return (
    <FieldForm
      onSubmit={() => send(note)}
      submit={t(`acts.${approve ? 'approve' : 'refuse'}`)}
      will={will}
      running={command.running}
      problem={command.problem}
      disabled={!approve && note.trim() === ''}
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
