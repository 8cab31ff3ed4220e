import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../kernel/db.ts';
import type { Instant } from '../kernel/instant.ts';
import type { ClauseSimulation } from '../policy/simulation.ts';

type Problems = (now: Instant, zone: string) => RawBuilder<{ problem: string }>;

/** What must hold after every step whatever people do, in the house itself. Each query returns what is wrong. */
export const houseInvariants: Readonly<Record<string, Problems>> = {
  // The newest ones; all of them at the end of the life. That none has the place of another is
  // kept by a unique index.
  newestEntriesHaveNoGap: () => sql`
    select 'entries ' || count(*) || ', indices from ' || min(index) || ' to ' || max(index) as problem
    from (select index from ledger_entry where index is not null order by index desc limit 500) newest
    having count(*) <> max(index) - min(index) + 1`,

  checkpointCoversEveryEntry: () => sql`
    select 'size ' || c.size || ', entries ' || e.n as problem
    from (select coalesce(max(size), 0) as size from ledger_checkpoint) c,
      (select coalesce(max(index), -1) + 1 as n from ledger_entry where index is not null) e
    where c.size <> e.n`,

  staleIsNeverKept: (now) => sql`
    select check_id || ' is kept on ' || (source ->> 'name') as problem
    from check_result, jsonb_array_elements(sources) as source
    where status = 'kept' and (source ->> 'readAt' is null
      or (source ->> 'readAt')::timestamptz + (source ->> 'staleAfterHours')::int * interval '1 hour' <= ${now})`,

  brokenHasFindings: () => sql`
    select r.check_id || ' says ' || r.violated || ', findings are ' || count(f.id) as problem
    from check_result r left join finding f on f.check_id = r.check_id and f.closed_at is null
      and coalesce(f.excepted_until, '-infinity') <= r.at
    where r.status <> 'unknown' or r.reason ->> 'code' <> 'checkFailed'
    group by r.check_id, r.violated having count(f.id) <> r.violated`,

  promiseIsNoBetterThanItsFindings: (now) => sql`
    select s.promise || ' is ' || s.status || ' with an open finding of ' || f.check_id as problem
    from promise_status s join finding f on f.promise = s.promise and f.closed_at is null
    where s.status in ('kept', 'due') and coalesce(f.excepted_until, '-infinity') <= ${now}`,

  everyChangeIsInTheHistory: () => sql`
    select s.promise || ' is ' || s.status || ', its history says ' || coalesce(h.status, 'nothing') as problem
    from promise_status s left join lateral (
      select status from promise_status_change c where c.promise = s.promise order by at desc limit 1) h on true
    where h.status is distinct from s.status`,

  noObligationIsLost: (now) => sql`
    select kind || ' ' || subject || ' failed ' || attempts || ' times: ' || last_error as problem
    from obligation where done_at is null and due_at < ${now.subtract({ hours: 48 })}`,
};

/** What is checked once, at the end of a life: it reads every entry. */
export const finalInvariants: Readonly<Record<string, Problems>> = {
  ledgerHasNeitherGapNorDuplicate: () => sql`
    select 'entries ' || count(*) || ', indices up to ' || coalesce(max(index), -1) as problem
    from ledger_entry where index is not null
    having count(*) <> coalesce(max(index), -1) + 1 or count(*) <> count(distinct index)`,

  noPersonalDataInTheLedger: () => sql`
    select 'entry ' || e.index || ' (' || e.type || ') holds an address' as problem
    from ledger_entry e where position('@example.com'::bytea in e.bytes) > 0`,
};

/** Runs all invariants in one statement. @returns the problems, each with its invariant's name */
export async function brokenInvariants(
  db: Db,
  simulations: readonly ClauseSimulation[],
  now: Instant,
  zone: string,
  own: Readonly<Record<string, Problems>> = houseInvariants,
): Promise<readonly string[]> {
  const queries = [
    ...Object.entries(own),
    ...simulations.flatMap((each) => Object.entries(each.invariants)),
  ];
  const parts = queries.map(
    ([name, query]) => sql`select ${sql.lit(name)} as name, p.problem from (${query(now, zone)}) p`,
  );
  const all = sql<{ name: string; problem: string }>`${sql.join(parts, sql` union all `)}`;
  const { rows } = await all.execute(db);
  return rows.map(({ name, problem }) => `${name}: ${problem}`);
}
