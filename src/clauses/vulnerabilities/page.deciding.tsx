import { useCommand } from '../../ui/queries.ts';
import { useWords } from '../../ui/words.ts';
import { useBacklogApi } from './page.api.ts';
import { NoteForm } from './page.note.tsx';

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
  return (
    <NoteForm
      approve={approve}
      will={t(`will.${act}`, { count: ids.length })}
      command={decide}
      send={(note) => void decide.run({ ids: [...ids], approve, note })}
      close={close}
    />
  );
}
