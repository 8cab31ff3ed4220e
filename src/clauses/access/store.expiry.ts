import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Db, Tx } from '../../kernel/db.ts';
import { dateIn, endOfDay } from '../../kernel/instant.ts';
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

export const sweepKind = 'access.sweepGrants';
/** There is only ever one sweep on the clock. */
const sweepSubject = 'grants/daily';

/** Puts the next sweep on the clock, at the first moment of the organisation's next day. */
export async function scheduleSweep(db: Db, { now, zone, newId }: Context): Promise<void> {
  const { rows } = await sql`
    select from obligation
    where kind = ${sweepKind} and subject = ${sweepSubject} and done_at is null and due_at > ${now} limit 1`.execute(
    db,
  );
  if (rows.length > 0) return;
  const dueAt = endOfDay(dateIn(now, zone), zone);
  await db
    .transaction()
    .execute((tx) =>
      schedule(tx, [
        { id: newId(), clause: 'access', kind: sweepKind, subject: sweepSubject, dueAt },
      ]),
    );
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

const [early, late] = defaults.warnDays;

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
    join string_to_table(${linesOf(event.blobs.grants)}::text, E'\\n') line on line::uuid = access_grant.id
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
