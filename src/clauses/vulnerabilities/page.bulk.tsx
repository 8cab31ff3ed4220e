import { lazy, Suspense } from 'react';
import { FieldForm } from '../../ui/FieldForm.tsx';
import type { Selection } from '../../ui/register/types.ts';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useWords } from '../../ui/words.ts';
import { useBacklogApi } from './page.api.ts';
import AssignForm, { type BulkFormProps } from './page.assigning.tsx';
import { useInParts, useSelectedIds } from './page.parts.ts';

const AskForm = lazy(() => import('./page.asking.tsx'));
const IssuesForm = lazy(() => import('./page.issues.tsx'));

export type BulkAct = 'assign' | 'start' | 'putBack' | 'ask' | 'issues';

interface BulkProps {
  readonly act: BulkAct;
  readonly selection: Selection;
  readonly close: () => void;
  readonly done: () => void;
}

/** One act over all that is selected: says over how many, then does it. */
export default function BulkDialog({ act, selection, close, done }: BulkProps) {
  const t = useWords('clauses/vulnerabilities');
  const props = { ids: useSelectedIds(selection), count: selection.count, close, done };
  const title = t(`acts.${act}`);
  return (
    <Sheet opened onClose={close} label={title}>
      <SheetHeader title={title} sentence={t('selected', { count: selection.count })} />
      <Suspense>
        {act === 'assign' && <AssignForm {...props} />}
        {act === 'ask' && <AskForm {...props} />}
        {act === 'issues' && <IssuesForm {...props} />}
        {(act === 'start' || act === 'putBack') && <MoveForm act={act} {...props} />}
      </Suspense>
    </Sheet>
  );
}

function MoveForm({ act, ids, count, close, done }: BulkFormProps & { act: 'start' | 'putBack' }) {
  const t = useWords('clauses/vulnerabilities');
  const api = useBacklogApi();
  const move = useInParts(act === 'start' ? api.startBacklog : api.putBackBacklog, {
    said: (moved) => t(`done.${act}`, { count: moved }),
    done,
    countOf: ({ changed }) => changed,
  });
  return (
    <FieldForm
      onSubmit={() => void move.run(ids, (part) => ({ ids: part }))}
      submit={t(`acts.${act}`)}
      will={t(`will.${act}`, { count })}
      running={move.running}
      problem={move.problem}
      onCancel={close}
    />
  );
}
