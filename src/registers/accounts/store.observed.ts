import { type RawBuilder, sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import {
  type ObservationsRecorded,
  type ObservedCounts,
  type ObservedRefusal,
  type OpenRead,
  type RecordObserved,
  recordObserved,
} from './facts.observed.ts';
import { decideObserved, type ObservedState } from './flow.observed.ts';
import { saveHeld, saveShown } from './store.derived.ts';
import { matchShown, settlePersons } from './store.matching.ts';
import { manyRows } from './store.reads.ts';
import { closeRead, dropRead, findOpenRead } from './store.staging.ts';

/** A read made of observations, recorded whole: what it showed becomes what is known of the system. */
export const observedFlow: Flow<
  ObservedState,
  RecordObserved,
  ObservationsRecorded,
  ObservedRefusal
> = {
  name: 'accounts.observed',
  clause: 'accounts',
  command: recordObserved,
  load: loadObserved,
  authorize: () => ({ action: 'recordRead' }),
  decide: decideObserved,
  project: projectObserved,
};

const nothing: ObservedCounts = {
  pairs: 0,
  accounts: 0,
  entitlements: 0,
  newAccounts: 0,
  newEntitlements: 0,
  goneAccounts: 0,
  credentials: 0,
  settings: 0,
  added: 0,
  missing: 0,
  dangling: 0,
};

async function loadObserved(tx: Tx, command: RecordObserved): Promise<ObservedState> {
  const read = await findOpenRead(tx, command.readId);
  const unknown = {
    read,
    system: null,
    newestAt: null,
    counts: nothing,
    digest: '',
  };
  if (!read) return unknown;
  const system = await lockSystem(tx, read.systemId);
  if (!system) return unknown;
  const newestAt = await newestRead(tx, read.systemId);
  // Of what was staged just now PostgreSQL knows no more than how large it is, and sometimes not that: for joins
  // of such tables a nested loop is never the way, nor is a plan that was made for another read.
  await write(tx, sql`set local enable_nestloop = off`);
  await write(tx, sql`set local plan_cache_mode = force_custom_plan`);
  await matchShown(tx, read);
  await settlePersons(tx);
  await stageAccess(tx, read);
  const counts = await countShown(tx, read);
  if (!isLarge(counts)) await write(tx, sql`set local enable_nestloop = on`);
  return { read, system, newestAt, counts, digest: await digestOfAccess(tx) };
}

async function lockSystem(tx: Tx, id: string): Promise<ObservedState['system']> {
  const { rows } = await sql<{ key: string; retired: boolean }>`
    select key, retired_at is not null as retired from system where id = ${id}
    for no key update`.execute(tx);
  return rows[0] ?? null;
}

async function newestRead(db: Db, systemId: string): Promise<Temporal.Instant | null> {
  const { rows } = await sql<{ at: Temporal.Instant }>`
    select at from read where system_id = ${systemId} and complete order by at desc limit 1`.execute(
    db,
  );
  return rows[0]?.at ?? null;
}

/**
 * The whole access of the system after this read, as pairs of ids in the temporary table
 * `staged_access`: what a whole read showed; or what was there before a read of changes, without what
 * it took away and with what it brought. What is held by an account that was not shown waits in
 * `dangling_held`.
 */
async function stageAccess(tx: Tx, read: OpenRead): Promise<void> {
  for (const kind of ['account', 'entitlement'] as const) await keyEverything(tx, read, kind);
  const said = await sayHeld(tx, read);
  // Null where one of the two is not known by its key.
  await sql`
    create temporary table staged_access on commit drop as
    select distinct a.id as account_id, e.id as entitlement_id
    from ${said} held
    left join keyed_account a on a.key = held.account
    left join keyed_entitlement e on e.key = held.entitlement
    where not held.gone
    -- in the order in which it is digested and written: what is sorted once is not sorted again
    order by account_id, entitlement_id`.execute(tx);
  const unresolved = await sql`
    delete from staged_access where account_id is null or entitlement_id is null`.execute(tx);
  await keepDangling(tx, said, unresolved.numAffectedRows !== 0n);
  if (read.changes) await addUntouched(tx, read);
  await sql`analyze staged_access`.execute(tx);
}

/** What a read says of each pair last; of a whole one, that is simply what it showed. */
async function sayHeld(tx: Tx, { id, systemId, changes }: OpenRead): Promise<RawBuilder<unknown>> {
  if (!changes) {
    return sql`(select account, entitlement, gone from staged_held where read_id = ${id})`;
  }
  await sql`
    create temporary table said_held on commit drop as
    select distinct on (account, entitlement) account, entitlement, gone
    from (
      select account, entitlement, 0 as n, false as gone from held_pending where system_id = ${systemId}
      union all select account, entitlement, n, gone from staged_held where read_id = ${id}
    ) held
    order by account, entitlement, n desc`.execute(tx);
  return sql`said_held`;
}

/** Access of an account, or to an entitlement, that was not shown. */
async function keepDangling(tx: Tx, said: RawBuilder<unknown>, any: boolean): Promise<void> {
  await sql`
    create temporary table dangling_held on commit drop as
    select distinct held.account, held.entitlement
    from ${said} held
    left join keyed_account a on a.key = held.account
    left join keyed_entitlement e on e.key = held.entitlement
    where ${any} and not held.gone and (a.key is null or e.key is null)
      and not exists (select from shown_account s where s.key = held.account and s.gone)
      and not exists (select from shown_entitlement s where s.key = held.entitlement and s.gone)`.execute(
    tx,
  );
}

/** What was there before and of which a read of changes says nothing. */
async function addUntouched(tx: Tx, { systemId }: OpenRead): Promise<void> {
  await sql`
    insert into staged_access
    select account_id, entitlement_id from observation
    where system_id = ${systemId} and gone_at is null
      and not exists (select from shown_account s where s.gone and s.known_id = account_id)
      and not exists (select from shown_entitlement s where s.gone and s.known_id = entitlement_id)
      and not exists (
        select from said_held held join keyed_account a on a.key = held.account
          join keyed_entitlement e on e.key = held.entitlement
        where a.id = account_id and e.id = entitlement_id)`.execute(tx);
}

/** Ids by the source's keys: of what was shown, and in a read of changes of what was there before. */
async function keyEverything(
  tx: Tx,
  { changes, systemId }: OpenRead,
  kind: 'account' | 'entitlement',
): Promise<void> {
  const shown = sql.ref(`shown_${kind}`);
  const before = changes
    ? sql`union all
      select source_key, id from ${sql.ref(kind)} known
      where system_id = ${systemId} and source_key is not null and absent_since is null
        and not exists (select from ${shown} s where s.known_id = known.id)`
    : sql``;
  const keyed = sql.ref(`keyed_${kind}`);
  await sql`
    create temporary table ${keyed} on commit drop as
    select key, id from ${shown} where not gone ${before}`.execute(tx);
}

async function countShown(tx: Tx, read: OpenRead): Promise<ObservedCounts> {
  const unseen = read.changes
    ? sql`select count(*) from shown_account where gone and known_id is not null`
    : sql`select count(*) from account known where system_id = ${read.systemId} and absent_since is null
        and not exists (select from shown_account s where s.id = known.id and not s.gone)`;
  const { rows } = await sql<ObservedCounts>`
    select
      (select count(*) from staged_access)::int as pairs,
      (select count(*) from keyed_account)::int as accounts,
      (select count(*) from keyed_entitlement)::int as entitlements,
      (select count(*) from shown_account where not gone and known_id is null)::int as "newAccounts",
      (select count(*) from shown_entitlement where not gone and known_id is null)::int as "newEntitlements",
      (${unseen})::int as "goneAccounts",
      said.credentials, said.settings,
      (select count(*) from staged_access staged where not exists (
        select from observation
        where system_id = ${read.systemId} and gone_at is null
          and observation.account_id = staged.account_id
          and observation.entitlement_id = staged.entitlement_id))::int as added,
      (select count(*) from observation
        where system_id = ${read.systemId} and gone_at is null and not exists (
          select from staged_access staged
          where staged.account_id = observation.account_id
            and staged.entitlement_id = observation.entitlement_id))::int as missing,
      (select count(*) from dangling_held)::int as dangling
    from (
      -- both in one pass over all that was staged
      select count(distinct key) filter (where about = 'credential')::int as credentials,
        count(distinct key) filter (where about = 'setting')::int as settings
      from staged_fact where read_id = ${read.id} and about in ('credential', 'setting')
    ) said`.execute(tx);
  return rows[0] ?? nothing;
}

/**
 * SHA-256 over the pairs of ids in their order, 32 bytes each: the same access gives the same digest,
 * which the register can work out again from what it exports.
 */
async function digestOfAccess(tx: Tx): Promise<string> {
  const { rows } = await sql<{ digest: string }>`
    select encode(sha256(coalesce(
      string_agg(uuid_send(account_id) || uuid_send(entitlement_id), ''::bytea order by account_id, entitlement_id),
      ''::bytea)), 'hex') as digest
    from staged_access`.execute(tx);
  return rows[0]?.digest ?? '';
}

/** Whether what was staged is swept after the read instead of deleted with it. */
export function isLarge({ accounts, pairs }: Pick<ObservedCounts, 'accounts' | 'pairs'>): boolean {
  return accounts + pairs > manyRows;
}

async function projectObserved(
  tx: Tx,
  event: ObservationsRecorded,
  _context: Context,
): Promise<void> {
  const { read, complete, counts, gone, digest } = event;
  await saveShown(tx, event);
  await saveHeld(tx, event);
  await sql`
    insert into read (id, system_id, at, source, complete, pairs, added, gone, digest)
    values (${read.id}, ${read.systemId}, ${read.openedAt}, ${read.source}, ${complete}, ${counts.pairs},
      ${counts.added}, ${gone}, ${digest})`.execute(tx);
  if (isLarge(counts)) await closeRead(tx, read.id);
  else await dropRead(tx, read.id);
}
