import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { Action } from '../../ui/PageHeader.tsx';
import { useCommand } from '../../ui/queries.ts';
import { useMay, useReader } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useWords } from '../../ui/words.ts';
import type { BacklogDetail } from './facts.shown.ts';
import { useBacklogApi } from './page.api.ts';

const AssignForm = lazy(() => import('./page.assigning.tsx'));
const AskForm = lazy(() => import('./page.asking.tsx'));
const DecideForm = lazy(() => import('./page.deciding.tsx'));
const IssuesForm = lazy(() => import('./page.issues.tsx'));

/** Acts with a form of their own. */
type FormAct = 'assign' | 'ask' | 'approve' | 'refuse' | 'issues';
type Act = FormAct | 'start' | 'putBack' | 'withdraw';

interface ItemActs {
  readonly primary: Action | undefined;
  readonly others: readonly Action[];
  readonly dialogs: ReactNode;
}

/** What the reader may do with an item now: the likeliest first, which becomes the one primary action. */
export function useItemActs(item: BacklogDetail | undefined): ItemActs {
  const t = useWords('clauses/vulnerabilities');
  const [act, setAct] = useState<FormAct | null>(null);
  const acts = useActsOf(item);
  const run = useRun(item, setAct);
  const actions = acts.map((each): Action & { act: Act } => ({
    act: each,
    label: t(`acts.${each}`),
    run: () => run(each),
    danger: each === 'refuse',
  }));
  const [first, ...rest] = actions;
  const close = () => setAct(null);
  return {
    primary: first && !first.danger ? first : undefined,
    others: first?.danger ? actions : rest,
    dialogs: item && <Forms act={act} item={item} close={close} />,
  };
}

function useActsOf(item: BacklogDetail | undefined): readonly Act[] {
  const me = useReader().person?.id;
  const mayWork = useMay('changeBacklog');
  const mayAsk = useMay('askDecision');
  const mayDecide = useMay('decideDecision');
  if (!item) return [];
  const { state, decision } = item;
  const toDo = state === 'open' || state === 'working';
  const asked = decision?.state === 'asked';
  const own = decision?.askedBy?.id === me;
  const acts: (Act | false)[] = [
    asked && mayDecide && !own && 'approve',
    asked && mayDecide && !own && 'refuse',
    mayWork && state === 'open' && !asked && 'start',
    asked && own && mayAsk && 'withdraw',
    toDo && !asked && mayAsk && 'ask',
    mayWork && toDo && 'assign',
    mayWork && state === 'working' && 'putBack',
    mayWork && toDo && item.issue === null && 'issues',
    decision !== null && !(asked && own) && mayAsk && (own || mayDecide) && 'withdraw',
  ];
  return acts.filter((each): each is Act => each !== false);
}

/** Acts without a form are done at once: each can be undone by another. */
function useRun(item: BacklogDetail | undefined, ask: (act: FormAct) => void) {
  const t = useWords('clauses/vulnerabilities');
  const api = useBacklogApi();
  const start = useCommand(api.startBacklog, { done: t('done.start') });
  const putBack = useCommand(api.putBackBacklog, { done: t('done.putBack') });
  const withdraw = useCommand(api.withdrawDecision, { done: t('done.withdraw') });
  return (act: Act) => {
    if (!item) return;
    if (act === 'start') void start.run({ ids: [item.id] });
    else if (act === 'putBack') void putBack.run({ ids: [item.id] });
    else if (act === 'withdraw') void withdraw.run({ id: item.decision?.id ?? '' });
    else ask(act);
  };
}

interface FormsProps {
  readonly act: FormAct | null;
  readonly item: BacklogDetail;
  readonly close: () => void;
}

function Forms({ act, item, close }: FormsProps) {
  const t = useWords('clauses/vulnerabilities');
  if (act === null) return null;
  const title = t(`acts.${act}`);
  const ids = async () => [item.id];
  return (
    <Sheet opened onClose={close} label={title}>
      <SheetHeader title={title} sentence={`${item.vulnerability.name} · ${item.component}`} />
      <Suspense>
        {act === 'assign' && (
          <AssignForm ids={ids} count={1} chosen={item.assignee} close={close} done={close} />
        )}
        {act === 'ask' && <AskForm ids={ids} count={1} close={close} done={close} />}
        {act === 'issues' && <IssuesForm ids={ids} count={1} close={close} done={close} />}
        {(act === 'approve' || act === 'refuse') && item.decision && (
          <DecideForm approve={act === 'approve'} ids={[item.decision.id]} close={close} />
        )}
      </Suspense>
    </Sheet>
  );
}
