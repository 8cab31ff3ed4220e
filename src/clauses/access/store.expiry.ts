import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Db, Tx } from '../../kernel/db.ts';
import { dateIn, type Instant, isBefore, startOfDay } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { endGrants } from '../../registers/accounts/store.grants.ts';
import { schedule } from '../../registers/tasks/store.ts';
import type {
  AccessGivenBack,
  ExpiryWarned,
  GiveBack,
  GrantsExpired,
  SweepGrants,
} from './facts.requests.ts';
import { defaults } from './facts.terms.ts';
import type { SweepState, Warned } from './flow.expiry.ts';
import { revokeBy } from './flow.opening.ts';
import type { GivingBackState } from './flow.requests.ts';
import { employed, evidenceOf, linesOf, planForMany } from './store.campaign.ts';
import { placeFor, present } from './store.placing.ts';
import { reviewSettings } from './store.settings.ts';

/** Grants that end: with their day, or because whoever holds them gives them back. */

const [early, late] = defaults.warnDays;

export const sweepKind = 'access.sweepGrants';
/** There is only ever one sweep on the clock. */
const sweepSubject = 'grants/next';

/**
 * Puts the next sweep on the clock: for the first moment of the next day on which a grant has ended
 * or its holder is to be told; for now, where grants have run out unseen. Idempotent; run after
 * whatever may have brought a nearer end.
 */
export async function scheduleSweep(db: Db, { now, zone, newId }: Context): Promise<void> {
  const dueAt = await nextSweepAt(db, now, zone);
  if (!dueAt) return;
  const { rows } = await sql`
    select from obligation
    where kind = ${sweepKind} and subject = ${sweepSubject} and done_at is null
      and due_at > ${now} and due_at <= ${dueAt} limit 1`.execute(db);
  if (rows.length > 0) return;
  await db
    .transaction()
    .execute((tx) =>
      schedule(tx, [
        { id: newId(), clause: 'access', kind: sweepKind, subject: sweepSubject, dueAt },
      ]),
    );
}

async function nextSweepAt(db: Db, now: Instant, zone: string): Promise<Instant | null> {
  const today = dateIn(now, zone);
  const { rows } = await sql<{ day: Temporal.PlainDate | null }>`
    with ending as (
      select ends_on from access_grant
      where revoked_at is null and ends_on is not null
        and not exists (select from emergency_access taken where taken.grant_id = access_grant.id)
    )
    select least(
      (select min(ends_on) + 1 from ending),
      (select min(ends_on) - ${early}::int from ending where ends_on > ${today.add({ days: early })}::date),
      (select min(ends_on) - ${late}::int from ending where ends_on > ${today.add({ days: late })}::date)
    ) as day`.execute(db);
  const day = rows[0]?.day;
  if (!day) return null;
  const first = startOfDay(day, zone);
  return isBefore(now, first) ? first : now.add({ seconds: 1 });
}

export async function loadSweep(
  tx: Tx,
  _command: SweepGrants,
  { now, zone }: Context,
): Promise<SweepState> {
  const today = dateIn(now, zone);
  const { rows } = await sql<{ expired: number; lines: string | null }>`
    select count(*)::int as expired, string_agg(id || E'\\n', '' order by id) as lines
    from access_grant where revoked_at is null and ends_on < ${today}::date`.execute(tx);
  const warned = await sql<Warned>`
    select told.id as "personId", count(*)::int as grants, min(ending.ends_on)::text as "endsOn"
    from (${endingUntold(today)}) ending
    join account on account.id = ending.account_id
    join system on system.id = ending.system_id
    join person told on told.id = coalesce(account.person_id, system.owner_id) and ${employed('told', today)}
    group by told.id order by told.id`.execute(tx);
  return {
    expired: rows[0]?.expired ?? 0,
    evidence: evidenceOf(rows[0]?.lines ?? null),
    warned: warned.rows,
  };
}

/** Grants within a warning of their end, not told of it; what was granted within it is not told again. */
function endingUntold(today: Temporal.PlainDate) {
  const days = sql`case when ends_on <= ${today.add({ days: late })}::date then ${late}::int else ${early}::int end`;
  return sql`
    select near.* from (
      select id, account_id, system_id, ends_on, granted_at, ${days} as days from access_grant
      where revoked_at is null and ends_on >= ${today}::date and ends_on <= ${today.add({ days: early })}::date
    ) near
    where near.ends_on - near.granted_at::date > near.days and not exists (
      select from grant_warning warned where warned.grant_id = near.id and warned.days <= near.days)`;
}

export async function projectSweep(
  tx: Tx,
  event: GrantsExpired | ExpiryWarned,
  context: Context,
): Promise<void> {
  if (event.type === 'ExpiryWarned') {
    const today = Temporal.PlainDate.from(event.body.day);
    await sql`
      insert into grant_warning (grant_id, days) select id, days from (${endingUntold(today)}) ending`.execute(
      tx,
    );
    return;
  }
  await planForMany(tx, event.body.count);
  const ended = sql`(
    select account_id, entitlement_id from access_grant
    join string_to_table(${linesOf(event.blobs.grantsBlob)}::text, E'\\n') line on line::uuid = access_grant.id
    where revoked_at is null)`;
  const { revokeWithinHours } = await reviewSettings(tx);
  await placeFor(
    tx,
    {
      originId: context.newId(),
      kind: 'expiry',
      personId: null,
      placedBy: null,
      dueAt: revokeBy(context.now, revokeWithinHours),
    },
    present((access) => sql`(${access}.account_id, ${access}.entitlement_id) in ${ended}`),
    context,
  );
  await endGrants(tx, ended, context.now);
}

export async function loadGivingBack(
  tx: Tx,
  { accountId, entitlementId }: GiveBack,
  { actor }: Context,
): Promise<GivingBackState> {
  const { rows } = await sql<NonNullable<GivingBackState['account']>>`
    select person_id as "personId", system_id as "systemId" from account
    where id = ${accountId} for no key update`.execute(tx);
  const held = await sql<{ granted: boolean; present: boolean }>`
    select exists (select from access_grant where account_id = ${accountId} and entitlement_id = ${entitlementId}
        and revoked_at is null) as granted,
      exists (select from observation where account_id = ${accountId} and entitlement_id = ${entitlementId}
        and gone_at is null) as present`.execute(tx);
  return {
    callerId: personOf(actor),
    account: rows[0] ?? null,
    granted: held.rows[0]?.granted ?? false,
    present: held.rows[0]?.present ?? false,
  };
}

export async function projectGivenBack(
  tx: Tx,
  event: AccessGivenBack,
  context: Context,
): Promise<void> {
  const accountId = event.subject.slice('account/'.length);
  const { person, entitlement } = event.body;
  const { revokeWithinHours } = await reviewSettings(tx);
  await placeFor(
    tx,
    {
      originId: context.newId(),
      kind: 'return',
      personId: person,
      placedBy: person,
      dueAt: revokeBy(context.now, revokeWithinHours),
    },
    present(
      (access) =>
        sql`${access}.account_id = ${accountId} and ${access}.entitlement_id = ${entitlement}`,
    ),
    context,
  );
  await endGrants(
    tx,
    sql`(select ${accountId}::uuid as account_id, ${entitlement}::uuid as entitlement_id)`,
    context.now,
  );
}
