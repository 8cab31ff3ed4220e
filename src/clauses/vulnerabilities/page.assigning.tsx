import { useState } from 'react';
import { PersonSelect } from '../../registers/page.PersonSelect.tsx';
import { FieldForm } from '../../ui/FieldForm.tsx';
import { useWords } from '../../ui/words.ts';
import { useBacklogApi } from './page.api.ts';
import { useInParts } from './page.parts.ts';

export interface BulkFormProps {
  /** Ids of the items, found when they are needed: a selection may be everything that matches. */
  readonly ids: () => Promise<readonly string[]>;
  readonly count: number;
  readonly close: () => void;
  readonly done: () => void;
}

/** Gives items to somebody, or to nobody. */
export default function AssignForm({
  ids,
  count,
  chosen = null,
  close,
  done,
}: BulkFormProps & { readonly chosen?: { readonly id: string; readonly name: string } | null }) {
  const t = useWords('clauses/vulnerabilities');
  const [assigneeId, setAssigneeId] = useState(chosen?.id ?? null);
  const assign = useInParts(useBacklogApi().assignBacklog, {
    said: (changed) => t('done.assign', { count: changed }),
    done,
  });
  return (
    <FieldForm
      onSubmit={() => void assign.run(ids, (part) => ({ ids: part, assigneeId }))}
      submit={t('acts.assign')}
      will={t(assigneeId ? 'will.assign' : 'will.unassign', { count })}
      running={assign.running}
      problem={assign.problem}
      onCancel={close}
    >
      <PersonSelect
        label={t('assignee')}
        value={assigneeId}
        onChange={setAssigneeId}
        chosen={chosen?.name}
      />
    </FieldForm>
  );
}
