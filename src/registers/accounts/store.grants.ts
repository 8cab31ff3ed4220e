import { type RawBuilder, sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { AccountId, PersonId } from '../../kernel/id.ts';
import { dateIn, type Instant } from '../../kernel/instant.ts';
import { sha256Hex } from '../../ledger/hash.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import {
  lackingUndertaking,
  lacksUndertaking,
  lacksUndertakingSql,
} from '../people/store.undertakings.ts';
import {
  type Arrivals,
  type Grant,
  type GrantCommand,
  type GrantEvent,
  type GrantRefusal,
  grantCommand,
  type ImportedGrant,
} from './facts.ts';
import { decideGrant, type GrantState } from './flow.ts';
import { findConflicts } from './store.duties.ts';
import {
  lockSystem,
  manyRows,
  matchAccounts,
  matchEntitlements,
  saveArrivals,
} from './store.reads.ts';
import { type Brought, brokenByRows, holdersOf, ownLines } from './store.weighing.ts';

/** Approval of access, its end, and approvals brought from elsewhere. */
export const grantFlow: Flow<GrantState, GrantCommand, GrantEvent, GrantRefusal> = {
  name: 'accounts.grant',
  clause: 'accounts',
  command: grantCommand,
  load: loadGrant,
  authorize: (_, command) => ({ action: command.do }),
  decide: decideGrant,
  project: projectGrant,
};

const nothing: GrantState = {
  system: null,
  account: null,
  entitlement: null,
  standing: null,
  left: 0,
  withoutUndertaking: 0,
  conflicts: [],
  arrivals: { accounts: [], entitlements: [], settled: [], marked: [] },
  changed: [],
  unchanged: 0,
  digest: '',
  own: [],
  broken: null,
};

async function loadGrant(tx: Tx, command: GrantCommand, context: Context): Promise<GrantState> {
  switch (command.do) {
    case 'approveGrant':
      return { ...nothing, ...(await loadApproval(tx, command, context)) };
    case 'endGrant':
      return { ...nothing, standing: await findStanding(tx, sql`access_grant.id = ${command.id}`) };
    case 'importGrants':
      return { ...nothing, ...(await loadImport(tx, command, context)) };
  }
}

async function loadApproval(
  tx: Tx,
  command: GrantCommand & { do: 'approveGrant' },
  context: Context,
) {
  const { accountId, entitlementId } = command;
  const account = await sql<NonNullable<GrantState['account']>>`
    select system_id as "systemId", person_id as "personId" from account where id = ${accountId}
    for no key update`.execute(tx);
  const entitlement = await sql<NonNullable<GrantState['entitlement']>>`
    select system_id as "systemId" from entitlement where id = ${entitlementId}`.execute(tx);
  const standing = await findStanding(
    tx,
    sql`access_grant.account_id = ${accountId} and entitlement_id = ${entitlementId}
      and (ends_on is null or ends_on >= ${dateIn(context.now, context.zone)}::date)`,
  );
  const personId = account.rows[0]?.personId ?? null;
  return {
    account: account.rows[0] ?? null,
    entitlement: entitlement.rows[0] ?? null,
    standing,
    left: personId ? await countLeft(tx, [personId]) : 0,
    withoutUndertaking: personId && (await lacksUndertaking(tx, personId)) ? 1 : 0,
    conflicts: personId
      ? await findConflicts(tx, personId, entitlementId, dateIn(context.now, context.zone))
      : [],
  };
}

async function findStanding(tx: Tx, which: RawBuilder<unknown>): Promise<GrantState['standing']> {
  const { rows } = await sql<NonNullable<GrantState['standing']>>`
    select access_grant.id, access_grant.system_id as "systemId", person_id as "personId"
    from access_grant join account on account.id = account_id
    where revoked_at is null and ${which}
    for no key update of access_grant`.execute(tx);
  return rows[0] ?? null;
}

/** Grants already standing on the same terms are left as they are: importing twice changes nothing. */
async function loadImport(
  tx: Tx,
  command: GrantCommand & { do: 'importGrants' },
  context: Context,
) {
  const system = await lockSystem(tx, command.system);
  if (!system) return {};
  const names = (of: (row: ImportedGrant) => string) => [...new Set(command.rows.map(of))].sort();
  const accountNames = names((row) => row.account);
  const entitlementNames = names((row) => row.entitlement);
  const asRead = (list: readonly string[]) => list.map((name) => ({ name }));
  const accounts = await matchAccounts(tx, system.id, asRead(accountNames), context.newId);
  const entitlements = await matchEntitlements(
    tx,
    system.id,
    asRead(entitlementNames),
    context.newId,
  );
  const accountIds = new Map(accountNames.map((name, at) => [name, accounts.ids[at] as AccountId]));
  const entitlementIds = new Map(
    entitlementNames.map((name, at) => [name, entitlements.ids[at] as string]),
  );
  const standing = await standingTerms(tx, system.id);
  const brought: Brought[] = [];
  for (const [at, row] of command.rows.entries()) {
    const accountId = accountIds.get(row.account) as AccountId;
    const entitlementId = entitlementIds.get(row.entitlement) as string;
    const { purpose, approverId, endsOn } = row;
    if (standing.get(`${accountId} ${entitlementId}`) === terms(purpose, approverId, endsOn))
      continue;
    const grant = {
      id: context.newId(),
      accountId,
      entitlementId,
      purpose,
      approverId,
      endsOn,
    };
    brought.push({ grant, line: row.line ?? at + 1 });
  }
  const arrivals: Arrivals = { ...accounts, ...entitlements };
  const digest = sha256Hex(
    Buffer.from(
      command.rows
        .map(({ line: _, ...row }) => JSON.stringify(row))
        .sort()
        .join('\n'),
    ),
  );
  const unchanged = command.rows.length - brought.length;
  const changed = brought.map(({ grant }) => grant);
  const holders = await holdersOf(tx, brought, arrivals);
  const people = [...new Set(holders.values())];
  return {
    system,
    arrivals,
    changed,
    unchanged,
    digest,
    left: await countLeft(tx, people),
    withoutUndertaking: (await lackingUndertaking(tx, people)).size,
    own: ownLines(brought, holders, context),
    broken: await brokenByRows(tx, brought, holders, context),
  };
}

/** How many of some people have left: nobody approves access for them (ACC-7). */
async function countLeft(tx: Tx, people: readonly PersonId[]): Promise<number> {
  const { rows } = await sql<{ left: number }>`
    select count(*)::int as left from person
    where id = any(${people}::uuid[]) and left_at is not null`.execute(tx);
  return rows[0]?.left ?? 0;
}

function terms(purpose: string, approverId: PersonId | null, endsOn: string | null): string {
  return JSON.stringify([purpose, approverId, endsOn]);
}

async function standingTerms(tx: Tx, systemId: string): Promise<Map<string, string>> {
  const { rows } = await sql<{
    pair: string;
    purpose: string;
    approverId: PersonId | null;
    endsOn: string | null;
  }>`
    select account_id || ' ' || entitlement_id as pair, purpose, approver_id as "approverId", ends_on::text as "endsOn"
    from access_grant where system_id = ${systemId} and revoked_at is null`.execute(tx);
  return new Map(
    rows.map(({ pair, purpose, approverId, endsOn }) => [pair, terms(purpose, approverId, endsOn)]),
  );
}

async function projectGrant(tx: Tx, event: GrantEvent, { now }: Context): Promise<void> {
  switch (event.type) {
    case 'GrantApproved':
      await saveGrants(tx, event.systemId, [event.grant], now);
      break;
    case 'GrantEnded':
      await sql`update access_grant set revoked_at = ${now} where id = ${event.grantId}`.execute(
        tx,
      );
      break;
    case 'GrantsImported':
      await saveArrivals(tx, event.systemId, event.arrivals);
      await saveGrants(tx, event.systemId, event.grants, now);
      break;
  }
}

/** Writes grants; one that stands for the same access ends where the new one begins. */
async function saveGrants(
  tx: Tx,
  systemId: string,
  grants: readonly Grant[],
  now: Instant,
): Promise<void> {
  const rows = sql`jsonb_to_recordset(${JSON.stringify(grants)}::jsonb) as t
    (id uuid, "accountId" uuid, "entitlementId" uuid, purpose text, "approverId" uuid, "endsOn" date)`;
  await sql`
    update access_grant set revoked_at = ${now} from ${rows}
    where account_id = t."accountId" and entitlement_id = t."entitlementId" and revoked_at is null`.execute(
    tx,
  );
  await sql`
    insert into access_grant
      (id, account_id, entitlement_id, system_id, purpose, approver_id, granted_at, ends_on, observed)
    select id, "accountId", "entitlementId", ${systemId}, purpose, "approverId", ${now}, "endsOn",
      ${isObserved(sql`t."accountId"`, sql`t."entitlementId"`)}
    from ${rows}`.execute(tx);
}

export interface Approval {
  readonly purpose: string;
  readonly approverId: PersonId | null;
  readonly at: Instant;
  /** The day on which `at` falls for the organisation: a grant that ended before it no longer stands. */
  readonly today: Temporal.PlainDate;
  readonly endsOn?: Temporal.PlainDate | null;
  /** A fresh id of the act; the ids of its grants follow from it. */
  readonly act: string;
}

/**
 * Approves access in bulk: every pair of the selection that has no standing grant gets one; a grant
 * that has run out is closed first. None for people who have left or have signed no undertaking in
 * force. For clauses whose decisions say that access stays.
 *
 * @param selection a query in parentheses with columns `account_id, entitlement_id`, each pair once,
 *   and optionally filtered however the clause likes
 * @returns how many grants were written
 */
export async function approveObserved(
  tx: Tx,
  selection: RawBuilder<unknown>,
  approval: Approval,
): Promise<number> {
  const { purpose, approverId, at, today, endsOn = null, act } = approval;
  await sql`
    update access_grant set revoked_at = ${at} from ${selection} chosen
    where access_grant.account_id = chosen.account_id and access_grant.entitlement_id = chosen.entitlement_id
      and revoked_at is null and access_grant.ends_on < ${today}::date`.execute(tx);
  const written = await sql`
    with barred as materialized (
      select person.id from person
      where left_at is not null or ${lacksUndertakingSql(sql`person.id`)}
    )
    insert into access_grant
      (id, account_id, entitlement_id, system_id, purpose, approver_id, granted_at, ends_on, observed)
    select ${derivedId(sql`${act}::text || chosen.account_id || chosen.entitlement_id`)}, chosen.account_id,
      chosen.entitlement_id, account.system_id, ${purpose}, ${approverId}::uuid, ${at}::timestamptz,
      ${endsOn}::date, ${isObserved(sql`chosen.account_id`, sql`chosen.entitlement_id`)}
    from ${selection} chosen join account on account.id = chosen.account_id
    where not exists (
      select from access_grant standing
      where standing.account_id = chosen.account_id
        and standing.entitlement_id = chosen.entitlement_id and standing.revoked_at is null)
      and not exists (select from barred where barred.id = account.person_id)`.execute(tx);
  const count = Number(written.numAffectedRows ?? 0);
  if (count > manyRows) await sql`analyze access_grant`.execute(tx);
  return count;
}

/** Whether the newest reads show an access. */
function isObserved(
  account: RawBuilder<unknown>,
  entitlement: RawBuilder<unknown>,
): RawBuilder<boolean> {
  return sql`exists (
    select from observation
    where observation.account_id = ${account} and observation.entitlement_id = ${entitlement}
      and gone_at is null)`;
}

/**
 * Ends the standing grants of the pairs of a selection (`account_id, entitlement_id`), for clauses
 * whose decisions say that access goes.
 */
export async function endGrants(
  tx: Tx,
  selection: RawBuilder<unknown>,
  at: Instant,
): Promise<number> {
  const ended = await sql`
    update access_grant set revoked_at = ${at} from ${selection} chosen
    where access_grant.account_id = chosen.account_id
      and access_grant.entitlement_id = chosen.entitlement_id and revoked_at is null`.execute(tx);
  return Number(ended.numAffectedRows ?? 0);
}

/** A UUID of version 8 (RFC 9562, section 5.8) from a text: the same text, the same id. */
export function derivedId(text: RawBuilder<unknown>): RawBuilder<string> {
  return sql`overlay(overlay(md5(${text}) placing '8' from 13) placing '8' from 17)::uuid`;
}
