import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { AccountId, PersonId, SystemId } from '../../kernel/id.ts';
import { together } from '../../kernel/together.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import { digestOfPairs } from '../imports/pairs.ts';
import { peopleByAddress } from '../people/store.ts';
import {
  type AccessObserved,
  type AccountKind,
  type Arrivals,
  type ReadRefusal,
  type RecordRead,
  recordRead,
} from './facts.ts';
import { decideRead, type KnownSystem, type ReadState } from './flow.ts';

/** A reading of a system: what it shows, what is new in it, what is no longer in it. */
export const readFlow: Flow<ReadState, RecordRead, AccessObserved, ReadRefusal> = {
  name: 'accounts.read',
  clause: 'accounts',
  command: recordRead,
  async load(tx, command, context) {
    const system = await lockSystem(tx, command.system);
    return await compareRead(tx, system, command, context.newId);
  },
  authorize: () => ({ action: 'recordRead' }),
  decide: decideRead,
  project: projectRead,
};

/** A system by its key, and whether a connection reads it: then a list would contradict it. */
const systemOf = (key: string) => sql<KnownSystem>`
  select id, retired_at is not null as retired, exists (
    select from connection where system_id = system.id and removed_at is null) as connected
  from system where key = ${key}`;

/** The system of a key. Held until the transaction ends: readings of one system follow each other. */
export async function lockSystem(tx: Tx, key: string): Promise<KnownSystem | null> {
  const { rows } = await sql<KnownSystem>`${systemOf(key)} for no key update of system`.execute(tx);
  return rows[0] ?? null;
}

export async function findSystem(db: Db, key: string): Promise<KnownSystem | null> {
  const { rows } = await systemOf(key).execute(db);
  return rows[0] ?? null;
}

const nothing: Arrivals = { accounts: [], entitlements: [], settled: [], marked: [] };

/**
 * Lays a reading beside the observations. Its pairs land in a temporary table of the transaction,
 * which both this comparison and the projection work from.
 */
export async function compareRead(
  tx: Tx,
  system: KnownSystem | null,
  read: Pick<RecordRead, 'accounts' | 'entitlements' | 'pairs'>,
  newId: () => string,
): Promise<ReadState> {
  if (!system) return { system, arrivals: nothing, added: 0, missing: 0, digest: '' };
  const accounts = await matchAccounts(tx, system.id, read.accounts, newId);
  const entitlements = await matchEntitlements(tx, system.id, read.entitlements, newId);
  await stagePairs(tx, accounts.ids, entitlements.ids, read.pairs);
  const { added, missing } = await differences(tx, system.id);
  const digest = digestOfPairs({
    accounts: read.accounts.map(({ name }) => name),
    entitlements: read.entitlements.map(({ name }) => name),
    pairs: read.pairs,
  });
  return { system, arrivals: { ...accounts, ...entitlements }, added, missing, digest };
}

/**
 * The account of each name: one that is known, or a new one. Whose it is follows from the address
 * that the source gives, or from a name that is itself an address; a link that stands is left.
 */
export async function matchAccounts(
  tx: Tx,
  systemId: SystemId,
  read: RecordRead['accounts'],
  newId: () => string,
): Promise<Pick<Arrivals, 'accounts' | 'settled'> & { ids: AccountId[] }> {
  const addressed = ({ name, email }: RecordRead['accounts'][number]) =>
    email ?? (name.includes('@') ? name : null);
  const journey = together(tx);
  const [known, people] = await Promise.all([
    knownAccounts(
      journey,
      systemId,
      read.map(({ name }) => name),
    ),
    peopleByAddress(
      journey,
      read.flatMap((account) => addressed(account) ?? []),
    ),
  ]);
  const accounts: Arrivals['accounts'][number][] = [];
  const settled: Arrivals['settled'][number][] = [];
  const ids = read.map((account) => {
    const before = known.get(account.name);
    const personId =
      before?.personId ?? people.get(addressed(account)?.toLowerCase() ?? '') ?? null;
    const kind = account.kind ?? before?.kind ?? 'staff';
    if (!before) {
      const id = newId();
      accounts.push({ id, name: account.name, personId, kind });
      return id;
    }
    if (before.personId !== personId || before.kind !== kind)
      settled.push({ id: before.id, personId, kind });
    return before.id;
  });
  return { accounts, settled, ids };
}

interface KnownAccount {
  readonly id: AccountId;
  readonly name: string;
  readonly personId: PersonId | null;
  readonly kind: AccountKind;
}

async function knownAccounts(
  db: Db,
  systemId: SystemId,
  names: readonly string[],
): Promise<ReadonlyMap<string, KnownAccount>> {
  const { rows } = await sql<KnownAccount>`
    select id, name, person_id as "personId", kind from account
    where system_id = ${systemId} and name = any(${names}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.name, row]));
}

export async function matchEntitlements(
  tx: Tx,
  systemId: SystemId,
  read: RecordRead['entitlements'],
  newId: () => string,
): Promise<Pick<Arrivals, 'entitlements' | 'marked'> & { ids: string[] }> {
  const { rows } = await sql<{ id: string; name: string; privileged: boolean }>`
    select id, name, privileged from entitlement
    where system_id = ${systemId} and name = any(${read.map(({ name }) => name)}::text[])`.execute(
    tx,
  );
  const known = new Map(rows.map((row) => [row.name, row]));
  const entitlements: Arrivals['entitlements'][number][] = [];
  const marked: Arrivals['marked'][number][] = [];
  const ids = read.map(({ name, privileged }) => {
    const before = known.get(name);
    if (!before) {
      const id = newId();
      entitlements.push({ id, name, privileged: privileged ?? false });
      return id;
    }
    const said = privileged ?? before.privileged;
    if (said !== before.privileged) marked.push({ id: before.id, privileged: said });
    return before.id;
  });
  return { entitlements, marked, ids };
}

async function stagePairs(
  tx: Tx,
  accounts: readonly string[],
  entitlements: readonly string[],
  pairs: readonly number[],
): Promise<void> {
  // Sorts and hashes of this size belong in memory; the setting ends with the transaction.
  await write(tx, sql`set local work_mem = '64MB'`);
  await write(
    tx,
    sql`
    create temporary table staged_access (account_id uuid not null, entitlement_id uuid not null)
    on commit drop`,
  );
  // Places count from 0 here and from 1 in PostgreSQL's arrays.
  const places = (odd: number) =>
    `{${pairs.filter((_, at) => at % 2 === odd).map((place) => place + 1)}}`;
  await write(
    tx,
    sql`
    insert into staged_access
    select (${accounts}::uuid[])[pair.account], (${entitlements}::uuid[])[pair.entitlement]
    from unnest(${places(0)}::int[], ${places(1)}::int[]) as pair (account, entitlement)`,
  );
  await write(tx, sql`analyze staged_access`);
}

async function differences(
  tx: Tx,
  systemId: SystemId,
): Promise<{ added: number; missing: number }> {
  const { rows } = await sql<{ added: number; missing: number }>`
    select
      (select count(*) from staged_access staged where not exists (
        select from observation
        where system_id = ${systemId} and gone_at is null
          and observation.account_id = staged.account_id
          and observation.entitlement_id = staged.entitlement_id))::int as added,
      (select count(*) from observation
        where system_id = ${systemId} and gone_at is null and not exists (
          select from staged_access staged
          where staged.account_id = observation.account_id
            and staged.entitlement_id = observation.entitlement_id))::int as missing`.execute(tx);
  return rows[0] ?? { added: 0, missing: 0 };
}

async function projectRead(tx: Tx, event: AccessObserved, context: Context): Promise<void> {
  const { systemId, read, arrivals } = event;
  const { now } = context;
  await saveArrivals(tx, systemId, arrivals);
  if (read.added > 0) await observe(tx, systemId, now);
  if (read.gone > 0) await markGone(tx, systemId, now);
  if (read.added + read.gone > manyRows) await describeTables(tx);
  await write(
    tx,
    sql`
    insert into read (id, system_id, at, source, complete, pairs, added, gone, digest)
    values (${read.id}, ${systemId}, ${now}, ${read.source}, ${read.complete}, ${read.pairs}, ${read.added},
      ${read.gone}, ${read.digest})`,
  );
}

/** From so many changed rows on, what PostgreSQL remembers of a table is no longer true of it. */
export const manyRows = 10_000;

/**
 * Lists of what was just imported are asked for at once, before autovacuum has been by. A sample of a
 * third is enough for that, and takes a third of the time; autovacuum takes a whole one later.
 */
export async function describeTables(tx: Tx): Promise<void> {
  await write(tx, sql`set local default_statistics_target = 33`);
  await write(tx, sql`analyze observation`);
  await write(tx, sql`analyze account`);
  await write(tx, sql`analyze entitlement`);
}

/** What came back is observed from now on, as what is new is; what never left is not touched. */
export async function observe(tx: Tx, systemId: SystemId, now: Temporal.Instant): Promise<void> {
  await write(
    tx,
    sql`
    update observation set gone_at = null, first_seen_at = ${now}
    from staged_access staged
    where observation.account_id = staged.account_id
      and observation.entitlement_id = staged.entitlement_id and gone_at is not null`,
  );
  await write(
    tx,
    sql`
    insert into observation (account_id, entitlement_id, system_id, first_seen_at)
    select account_id, entitlement_id, ${systemId}, ${now} from staged_access staged
    -- of this system, and after the update above none of what is staged is gone: that much is indexed
    where not exists (
      select from observation
      where observation.system_id = ${systemId} and gone_at is null
        and observation.account_id = staged.account_id
        and observation.entitlement_id = staged.entitlement_id)
    order by account_id, entitlement_id`,
  );
  // An account that holds something is there, whatever an earlier read did not show.
  await write(
    tx,
    sql`
    update account set absent_since = null, active = true
    where absent_since is not null and id in (select account_id from staged_access)`,
  );
  await write(
    tx,
    sql`
    update access_grant set observed = true from staged_access staged
    where access_grant.account_id = staged.account_id
      and access_grant.entitlement_id = staged.entitlement_id
      and revoked_at is null and not observed`,
  );
}

export async function markGone(tx: Tx, systemId: SystemId, now: Temporal.Instant): Promise<void> {
  await write(
    tx,
    sql`
    update observation set gone_at = ${now}
    where system_id = ${systemId} and gone_at is null and not exists (
      select from staged_access staged
      where staged.account_id = observation.account_id
        and staged.entitlement_id = observation.entitlement_id)`,
  );
  await write(
    tx,
    sql`
    update access_grant set observed = false
    where system_id = ${systemId} and revoked_at is null and observed and not exists (
      select from staged_access staged
      where staged.account_id = access_grant.account_id
        and staged.entitlement_id = access_grant.entitlement_id)`,
  );
}

/** Accounts and entitlements that were not known, and what is now known of others. */
export async function saveArrivals(tx: Tx, systemId: SystemId, arrivals: Arrivals): Promise<void> {
  const { accounts, entitlements, settled, marked } = arrivals;
  if (accounts.length > 0) {
    await write(
      tx,
      sql`
      insert into account (id, system_id, name, person_id, kind)
      select id, ${systemId}, name, "personId", kind
      from jsonb_to_recordset(${JSON.stringify(accounts)}::jsonb)
        as t (id uuid, name text, "personId" uuid, kind text)`,
    );
  }
  if (entitlements.length > 0) {
    await write(
      tx,
      sql`
      insert into entitlement (id, system_id, name, privileged)
      select id, ${systemId}, name, privileged
      from jsonb_to_recordset(${JSON.stringify(entitlements)}::jsonb)
        as t (id uuid, name text, privileged boolean)`,
    );
  }
  if (settled.length > 0) {
    await write(
      tx,
      sql`
      update account set person_id = t."personId", kind = t.kind
      from jsonb_to_recordset(${JSON.stringify(settled)}::jsonb) as t (id uuid, "personId" uuid, kind text)
      where account.id = t.id`,
    );
  }
  if (marked.length > 0) {
    await write(
      tx,
      sql`
      update entitlement set privileged = t.privileged
      from jsonb_to_recordset(${JSON.stringify(marked)}::jsonb) as t (id uuid, privileged boolean)
      where entitlement.id = t.id`,
    );
  }
}
