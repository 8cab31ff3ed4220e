import { type DragEvent, lazy, Suspense, useState } from 'react';
import { useAddress } from '../../ui/address.ts';
import { ProblemNotice } from '../../ui/ProblemNotice.tsx';
import { useCommand, useList } from '../../ui/queries.ts';
import { FilterChips } from '../../ui/register/FilterChips.tsx';
import { Sheet, SheetHeader } from '../../ui/Sheet.tsx';
import { useWords } from '../../ui/words.ts';
import type { BacklogItem } from './facts.shown.ts';
import { useBacklogApi } from './page.api.ts';
import classes from './page.board.module.css';
import { Card } from './page.card.tsx';
import { useBacklogFilters } from './page.filters.ts';
import { type ColumnId, columnIds, queryOf, useMoves } from './page.moves.ts';

const AskForm = lazy(() => import('./page.asking.tsx'));
const DecideForm = lazy(() => import('./page.deciding.tsx'));

/** Cards of a column; the table has the rest. */
const shown = 40;

/** A move that needs a form before it is made. */
interface Waiting {
  readonly item: BacklogItem;
  readonly to: ColumnId;
}

/** The backlog by where it stands. A card is moved where a command leads, and never to fixed: that is proven. */
export default function Board() {
  const t = useWords('clauses/vulnerabilities');
  const { search, set } = useAddress();
  const filters = useBacklogFilters(t).filter(({ id }) => id !== 'state');
  const values = Object.fromEntries(
    filters.flatMap(({ id }) => (search[id] ? [[id, search[id]]] : [])),
  );
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  const { move, problem } = useMove(setWaiting);
  return (
    <>
      <div className={classes.bar}>
        <FilterChips
          filters={filters}
          values={values}
          setFilter={(id, value) => set({ [id]: value })}
        />
      </div>
      {problem && <ProblemNotice problem={problem} />}
      <div className={classes.board}>
        {columnIds.map((id) => (
          <Column key={id} id={id} filters={values} move={move} />
        ))}
      </div>
      {waiting && <MoveForm waiting={waiting} close={() => setWaiting(null)} />}
    </>
  );
}

type Move = (item: BacklogItem, to: ColumnId) => void;

/** Makes a move at once, or asks for what its command needs. */
function useMove(wait: (waiting: Waiting) => void) {
  const t = useWords('clauses/vulnerabilities');
  const api = useBacklogApi();
  const start = useCommand(api.startBacklog, { done: t('done.start') });
  const putBack = useCommand(api.putBackBacklog, { done: t('done.putBack') });
  const withdraw = useCommand(api.withdrawDecision, { done: t('done.withdraw') });
  const move: Move = (item, to) => {
    if (to === 'working' && item.decision === null) void start.run({ ids: [item.id] });
    else if (to === 'open' && item.decision === null) void putBack.run({ ids: [item.id] });
    else if (item.decision && (to === 'open' || to === 'working'))
      void withdraw.run({ id: item.decision.id });
    else wait({ item, to });
  };
  return { move, problem: start.problem ?? putBack.problem ?? withdraw.problem };
}

interface ColumnProps {
  readonly id: ColumnId;
  readonly filters: Readonly<Record<string, string>>;
  readonly move: Move;
}

function Column({ id, filters, move }: ColumnProps) {
  const t = useWords('clauses/vulnerabilities');
  const [over, setOver] = useState(false);
  const { mayMove } = useMoves();
  const read = useList(useBacklogApi().listBacklog, {
    ...filters,
    ...queryOf(id),
    limit: shown,
  });
  const items = read.data?.items ?? [];
  const total = read.data?.total ?? 0;
  const drag = (event: DragEvent) => {
    if (!dragged.item || !mayMove(dragged.item, dragged.from, id)) return;
    event.preventDefault();
    setOver(true);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (dragged.item) move(dragged.item, id);
    dragged.item = null;
  };
  return (
    <section
      className={classes.column}
      aria-label={t(`columns.${id}`)}
      data-over={over}
      onDragOver={drag}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <h2 className={classes.head}>
        {t(`columns.${id}`)} <span className="kept-soft">{t('amount', { count: total })}</span>
      </h2>
      {read.error && <ProblemNotice problem={read.error} retry={() => void read.refetch()} />}
      <ul className={classes.cards}>
        {items.map((item) => (
          <li
            key={item.id}
            draggable
            onDragStart={() => {
              dragged.item = item;
              dragged.from = id;
            }}
          >
            <Card item={item} column={id} move={(to) => move(item, to)} />
          </li>
        ))}
      </ul>
      {total > items.length && (
        <p className="kept-soft">{t('moreInTable', { count: total - items.length })}</p>
      )}
    </section>
  );
}

/** What is being dragged: one card at a time, and browsers hand over nothing but text. */
const dragged: { item: BacklogItem | null; from: ColumnId } = { item: null, from: 'open' };

function MoveForm({ waiting, close }: { waiting: Waiting; close: () => void }) {
  const t = useWords('clauses/vulnerabilities');
  const { item, to } = waiting;
  const title = t(to === 'asked' ? 'acts.ask' : 'acts.approve');
  return (
    <Sheet opened onClose={close} label={title}>
      <SheetHeader title={title} sentence={`${item.vulnerability.name} · ${item.component}`} />
      <Suspense>
        {to === 'asked' ? (
          <AskForm ids={async () => [item.id]} count={1} close={close} done={close} />
        ) : (
          <DecideForm approve ids={item.decision ? [item.decision.id] : []} close={close} />
        )}
      </Suspense>
    </Sheet>
  );
}
