import { lazy, Suspense, useState } from 'react';
import { SubjectTimeline } from '../../registers/page.timeline.tsx';
import { useApi } from '../../ui/api.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Link } from '../../ui/Link.tsx';
import { FactsAndTimeline, Page, Section } from '../../ui/Page.tsx';
import { type Action, PageHeader } from '../../ui/PageHeader.tsx';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useRead } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay } from '../../ui/reader.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useParam } from '../../ui/useParam.ts';
import { useWords } from '../../ui/words.ts';
import { type CaseDetail, CaseFacts } from './page.facts.tsx';
import type { routes } from './routes.ts';

const ActForm = lazy(() => import('./page.acts.tsx'));
const Contents = lazy(() => import('./page.contents.tsx'));
const Reads = lazy(() => import('./page.reads.tsx'));

/** Acts that need a form of their own; those without one are confirmed. */
export type FormAct = 'refuse' | 'more' | 'refuseMore' | 'reconcile' | 'review';
type PlainAct = 'approve' | 'approveMore' | 'open' | 'end' | 'withdraw' | 'tell';
type Act = FormAct | PlainAct;

const forms: readonly Act[] = ['refuse', 'more', 'refuseMore', 'reconcile', 'review'];
const isForm = (act: Act): act is FormAct => forms.includes(act);

/** A case: what it is about and who decided, its timeline, and for its requester what may be read. */
export default function CasePage() {
  const t = useWords('clauses/customer-data');
  const id = useParam('id');
  const read = useRead(useApi<typeof routes>().getCase, { id }, { everySeconds: 60 });
  const [act, setAct] = useState<Act | null>(null);
  const acts = useActs(read.data);
  if (read.error) return <ProblemNotice problem={read.error} retry={() => void read.refetch()} />;
  const found = read.data;
  if (!found) return <Page>{null}</Page>;
  const close = () => setAct(null);
  const [first, ...rest] = acts.map((name): Action => {
    const danger = name === 'refuse' || name === 'refuseMore' || name === 'withdraw';
    return { label: t(`acts.${name}`), run: () => setAct(name), danger };
  });
  const primary = first && !first.danger ? first : undefined;
  return (
    <Page>
      <PageHeader
        above={<Link to="/console/cases">{t('title')}</Link>}
        title={t('caseOf', { customer: found.customer })}
        sentence={<Sentence found={found} />}
        primary={primary}
        others={primary || !first ? rest : [first, ...rest]}
      />
      <FactsAndTimeline
        facts={<CaseFacts found={found} />}
        timeline={
          <Section title={t('timeline')}>
            <SubjectTimeline subject={`case/${found.id}`} />
          </Section>
        }
      />
      <Suspense>
        {found.own && found.state === 'open' && <Contents found={found} />}
        {found.openedAt && <Reads id={found.id} unlisted={found.unlisted} />}
      </Suspense>
      <Sheet
        opened={act !== null && isForm(act)}
        onClose={close}
        label={act ? t(`acts.${act}`) : ''}
      >
        <SheetHeader title={act ? t(`acts.${act}`) : ''} sentence={found.customer} />
        <Suspense>
          {act && isForm(act) && <ActForm act={act} found={found} close={close} />}
        </Suspense>
      </Sheet>
      {act && !isForm(act) && <PlainDialog act={act} found={found} close={close} />}
    </Page>
  );
}

function Sentence({ found }: { found: CaseDetail }) {
  const t = useWords('clauses/customer-data');
  const flagged = found.emergency ? `${t('emergencyFlag')} ` : '';
  if (found.state !== 'open' || !found.endsAt)
    return (
      <>
        {flagged}
        {t(`sentences.${found.state}`)}
      </>
    );
  return (
    <>
      {flagged}
      {t('sentences.open')} {t('endsAt')}: <RelativeTime at={found.endsAt} />
    </>
  );
}

/** What the reader may do with a case now, the likeliest first. */
function useActs(found: CaseDetail | undefined): readonly Act[] {
  const mayDecide = useMay('decideCases');
  const mayApprove = useMay('approveCase');
  const mayReconcile = useMay('reconcileCase');
  const mayReview = useMay('reviewEmergencyCase') && !found?.own && !found?.ownApproval;
  if (!found) return [];
  const { own, state, emergency } = found;
  const decides = !own && mayDecide && (emergency || mayApprove);
  const more = found.extensions.some((each) => each.state === 'asked');
  const acts: (Act | false)[] = [
    decides && state === 'asked' && 'approve',
    decides && state === 'asked' && 'refuse',
    decides && state === 'awaitingCustomer' && 'refuse',
    own && state === 'approved' && 'open',
    own && state === 'open' && 'end',
    own && state === 'open' && !more && 'more',
    decides && state === 'open' && more && 'approveMore',
    decides && state === 'open' && more && 'refuseMore',
    !own && mayReconcile && state === 'ended' && 'reconcile',
    mayReview && emergency && !found.reviewedAt && found.openedAt !== null && 'review',
    mayReconcile && state === 'reconciled' && 'tell',
    own && ['asked', 'awaitingCustomer', 'approved'].includes(state) && 'withdraw',
  ];
  return acts.filter((each): each is Act => each !== false);
}

type PlainProps = { act: PlainAct; found: CaseDetail; close: () => void };

/** Says what will happen, with the names, before it does. */
function PlainDialog({ act, found, close }: PlainProps) {
  const t = useWords('clauses/customer-data');
  const api = useApi<typeof routes>();
  const done = { done: t(`done.${act}`), onDone: close };
  const decide = useCommand(api.decideCase, done);
  const decideMore = useCommand(api.decideCaseExtension, done);
  const open = useCommand(api.openCase, done);
  const end = useCommand(api.endCase, done);
  const withdraw = useCommand(api.withdrawCase, done);
  const tell = useCommand(api.tellCustomerOfCase, done);
  const commands = {
    approve: { ...decide, go: () => decide.run({ id: found.id, decision: 'approve' }) },
    approveMore: { ...decideMore, go: () => decideMore.run({ id: found.id, decision: 'approve' }) },
    open: { ...open, go: () => open.run({ id: found.id }) },
    end: { ...end, go: () => end.run({ id: found.id }) },
    withdraw: { ...withdraw, go: () => withdraw.run({ id: found.id }) },
    tell: { ...tell, go: () => tell.run({ id: found.id }) },
  };
  const command = commands[act];
  const told = found.toldAtOnce || found.emergency;
  const will =
    act === 'approve' && found.emergency
      ? t('will.approveEmergency', { hours: found.hours })
      : act === 'open' && told
        ? t('will.openTold', { hours: found.hours })
        : t(`will.${act}`, { hours: found.hours });
  return (
    <ConfirmDialog
      opened
      onClose={close}
      title={t(`asks.${act}`, { customer: found.customer, requester: found.requester })}
      verb={t(`acts.${act}`)}
      danger={act === 'withdraw'}
      run={() => void command.go()}
      running={command.running}
      problem={command.problem}
    >
      {will}
    </ConfirmDialog>
  );
}
