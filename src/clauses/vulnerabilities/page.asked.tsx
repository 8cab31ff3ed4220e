import { lazy, Suspense, useState } from 'react';
import { useAddressValue } from '../../ui/address.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page, Section } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { useCommand } from '../../ui/queries.ts';
import { RelativeTime } from '../../ui/RelativeTime.tsx';
import { useMay, useReader } from '../../ui/reader.tsx';
import { RegisterTable } from '../../ui/register/RegisterTable.tsx';
import type { BulkAction, Column, Selection } from '../../ui/register/types.ts';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useWords, type Words } from '../../ui/words.ts';
import type { DecisionItem } from './facts.shown.ts';
import { decisionKinds, decisionStates } from './facts.terms.ts';
import { useBacklogApi } from './page.api.ts';
import classes from './page.item.module.css';

const DecideForm = lazy(() => import('./page.deciding.tsx'));

interface Asked {
  readonly approve: boolean;
  readonly ids: readonly string[];
  readonly clear: () => void;
}

/** Decisions: what waits for somebody, what holds and until when, and what became of the rest. */
export default function DecisionsPage() {
  const t = useWords('clauses/vulnerabilities');
  return (
    <Page wide>
      <PageHeader
        above={<Link to="/console/backlog">{t('title')}</Link>}
        title={t('decisions')}
        sentence={t('decisionsSentence')}
      />
      <Decisions />
    </Page>
  );
}

function Decisions() {
  const t = useWords('clauses/vulnerabilities');
  const [asked, setAsked] = useState<Asked | null>(null);
  const mayDecide = useMay('decideDecision');
  const me = useReader().person?.id;
  const api = useBacklogApi();
  const decide =
    (approve: boolean): BulkAction['run'] =>
    (selection, clear) =>
      void idsOf(selection, api.listDecisions).then((ids) => setAsked({ approve, ids, clear }));
  const bulk: readonly BulkAction[] = mayDecide
    ? [
        { label: t('acts.approve'), run: decide(true) },
        { label: t('acts.refuse'), run: decide(false), danger: true },
      ]
    : [];
  const close = () => setAsked(null);
  const title = t(asked?.approve ? 'acts.approve' : 'acts.refuse');
  return (
    <>
      <RegisterTable
        name="decisions"
        label={t('decisions')}
        list={api.listDecisions}
        rowId={(decision) => decision.id}
        defaultSort="-asked"
        columns={columns(t)}
        filters={[
          {
            id: 'state',
            label: t('state'),
            options: decisionStates.map((value) => ({
              value,
              label: t(`decisionStates.${value}`),
            })),
          },
          {
            id: 'kind',
            label: t('kind'),
            options: decisionKinds.map((value) => ({ value, label: t(`kinds.${value}`) })),
          },
        ]}
        bulk={bulk}
        selectable={(decision) => decision.state === 'asked' && decision.askedBy?.id !== me}
        sheet={(_, decision) => <DecisionSheet decision={decision} />}
        empty={<EmptyState title={t('noDecisions')}>{t('noDecisionsWhy')}</EmptyState>}
      />
      {asked && (
        <Sheet opened onClose={close} label={title}>
          <SheetHeader title={title} sentence={t('selected', { count: asked.ids.length })} />
          <Suspense>
            <DecideForm
              approve={asked.approve}
              ids={asked.ids}
              close={close}
              done={() => {
                asked.clear();
                close();
              }}
            />
          </Suspense>
        </Sheet>
      )}
    </>
  );
}

/** Of all that match only what still waits: the server takes up to so many at once. */
async function idsOf(
  selection: Selection,
  list: ReturnType<typeof useBacklogApi>['listDecisions'],
): Promise<readonly string[]> {
  if (selection.kind === 'ids') return selection.ids;
  const { items } = await list({ ...selection.query, state: 'asked', limit: 500 });
  return items.map(({ id }) => id).filter((id) => !selection.except.includes(id));
}

function columns(t: Words): readonly Column<DecisionItem>[] {
  return [
    {
      id: 'item',
      label: t('vulnerability'),
      value: ({ item }) => (
        <span>
          {item.vulnerability} <span className="kept-soft">{item.component}</span>
        </span>
      ),
      width: 'minmax(12rem, 2fr)',
    },
    {
      id: 'state',
      label: t('state'),
      value: (it) => t(`decisionStates.${it.state}`),
      priority: 1,
      width: '9rem',
    },
    { id: 'kind', label: t('kind'), value: (it) => t(`kinds.${it.kind}`), width: '9rem' },
    { id: 'system', label: t('asset'), value: ({ item }) => item.system },
    {
      id: 'reason',
      label: t('reason'),
      value: (it) => it.reason,
      width: 'minmax(10rem, 2fr)',
      priority: 3,
    },
    {
      id: 'askedBy',
      label: t('askedBy'),
      value: (it) => it.askedBy?.name ?? t('statedBy', { tool: it.reporter ?? '' }),
    },
    {
      id: 'asked',
      label: t('askedAt'),
      value: (it) => <RelativeTime at={it.askedAt} />,
      sort: true,
    },
    { id: 'until', label: t('until'), value: (it) => <RelativeTime at={it.until} />, sort: true },
  ];
}

function DecisionSheet({ decision }: { decision: DecisionItem | undefined }) {
  const t = useWords('clauses/vulnerabilities');
  const [form, setForm] = useState<'approve' | 'refuse' | null>(null);
  const [, setOpen] = useAddressValue('open');
  // What was decided no longer waits: the list goes on without it.
  const shut = () => setOpen(undefined);
  const withdraw = useCommand(useBacklogApi().withdrawDecision, {
    done: t('done.withdraw'),
    onDone: shut,
  });
  const me = useReader().person?.id;
  const mayDecide = useMay('decideDecision');
  const mayAsk = useMay('askDecision');
  if (!decision) return <SheetHeader title={t('decisions')} />;
  const own = decision.askedBy?.id === me;
  const waits = decision.state === 'asked';
  const standing = waits || decision.state === 'approved';
  const decides = waits && mayDecide && !own;
  const takesBack = standing && mayAsk && (own || mayDecide);
  return (
    <>
      <SheetHeader
        title={`${decision.item.vulnerability} · ${decision.item.component}`}
        sentence={`${t(`kinds.${decision.kind}`)} · ${t(`decisionStates.${decision.state}`)}`}
        primary={
          decides && !form ? { label: t('acts.approve'), run: () => setForm('approve') } : undefined
        }
        others={[
          ...(decides
            ? [{ label: t('acts.refuse'), run: () => setForm('refuse'), danger: true }]
            : []),
          ...(takesBack
            ? [{ label: t('acts.withdraw'), run: () => void withdraw.run({ id: decision.id }) }]
            : []),
        ]}
      />
      {form && (
        <Suspense>
          <Section title={t(`acts.${form}`)}>
            <DecideForm
              key={form}
              approve={form === 'approve'}
              ids={[decision.id]}
              close={() => setForm(null)}
              done={shut}
            />
          </Section>
        </Suspense>
      )}
      <DecisionFacts decision={decision} />
    </>
  );
}

function DecisionFacts({ decision }: { decision: DecisionItem }) {
  const t = useWords('clauses/vulnerabilities');
  return (
    <Facts
      facts={[
        {
          label: t('items'),
          value: (
            <Link to={`/console/backlog/V-${decision.item.number}`}>V-{decision.item.number}</Link>
          ),
        },
        { label: t('asset'), value: decision.item.system },
        {
          label: t('justification'),
          value: decision.justification && t(`justifications.${decision.justification}`),
        },
        { label: t('reason'), value: <span className={classes.text}>{decision.reason}</span> },
        { label: t('until'), value: <RelativeTime at={decision.until} /> },
        { label: t('askedAt'), value: <RelativeTime at={decision.askedAt} /> },
        { label: t('askedBy'), value: decision.askedBy?.name ?? decision.reporter },
        { label: t('decidedBy'), value: decision.decidedBy?.name },
        { label: t('note'), value: decision.note },
      ]}
    />
  );
}
