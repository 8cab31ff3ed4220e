import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Tx } from '../../kernel/db.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { holdsEntitlement } from '../../registers/accounts/store.duties.ts';
import { endGrants } from '../../registers/accounts/store.grants.ts';
import {
  accountOf,
  expectAccounts,
  writeGrants,
} from '../../registers/accounts/store.requested.ts';
import { lacksUndertaking } from '../../registers/people/store.undertakings.ts';
import {
  completeTasks,
  missTasks,
  openTasks,
  schedule,
  unschedule,
} from '../../registers/tasks/store.ts';
import type {
  EmergencyEnded,
  EmergencyReviewed,
  EmergencyReviewMissed,
  EmergencyTaken,
  TakeEmergency,
} from './facts.emergency.ts';
import { defaults } from './facts.terms.ts';
import type { EmergencyState, TakingState } from './flow.emergency.ts';
import { employed, holdsOfficerRole, isEmployed, securityOfficers } from './store.campaign.ts';
import { placeFor, present } from './store.placing.ts';

export const reviewTask = 'access.reviewEmergency';
export const endKind = 'access.endEmergency';
export const missKind = 'access.missEmergencyReview';

export async function loadTaking(
  tx: Tx,
  { entitlementId }: TakeEmergency,
  { actor, now, zone }: Context,
): Promise<TakingState> {
  const today = dateIn(now, zone);
  const callerId = personOf(actor);
  const { rows } = await sql<NonNullable<TakingState['entitlement']>>`
    select entitlement.name, system.id as "systemId", system.name as system, system.owner_id as "ownerId",
      system.retired_at is null and coalesce(offer.emergency, false) as emergency
    from entitlement join system on system.id = entitlement.system_id
    left join entitlement_offer offer on offer.entitlement_id = entitlement.id
    where entitlement.id = ${entitlementId}`.execute(tx);
  const person = await sql<{ name: string; held: boolean }>`
    select name, ${holdsEntitlement(sql`person.id`, sql`${entitlementId}::uuid`, today)} as held
    from person where id = ${callerId} for no key update`.execute(tx);
  return {
    callerId,
    name: person.rows[0]?.name ?? '',
    able: callerId !== null && (await isEmployed(tx, callerId, today)),
    lacksUndertaking: callerId !== null && (await lacksUndertaking(tx, callerId)),
    entitlement: rows[0] ?? null,
    held: person.rows[0]?.held ?? false,
    officers: await securityOfficers(tx, today),
  };
}

export async function projectTaken(tx: Tx, event: EmergencyTaken, context: Context): Promise<void> {
  const { person, system, entitlement, endsAt, grant } = event.body;
  const { reason } = event.private;
  const id = emergencyIdOf(event.subject);
  const ends = Temporal.Instant.from(endsAt);
  await expectAccounts(
    tx,
    sql`(select ${person}::uuid as person_id, ${system}::uuid as system_id)`,
    id,
  );
  await writeGrants(
    tx,
    sql`(select ${grant}::uuid as id, ${accountOf(sql`${person}::uuid`, sql`${system}::uuid`)} as account_id,
      ${entitlement}::uuid as entitlement_id, ${system}::uuid as system_id, ${reason}::text as purpose,
      ${dateIn(ends, context.zone)}::date as ends_on)`,
    null,
    context.now,
  );
  await sql`
    insert into emergency_access (id, person_id, system_id, entitlement_id, reason, taken_at, ends_at, grant_id)
    values (${id}, ${person}, ${system}, ${entitlement}, ${reason}, ${context.now}, ${ends}, ${grant})`.execute(
    tx,
  );
  await schedule(tx, [
    { id: context.newId(), clause: 'access', kind: endKind, subject: event.subject, dueAt: ends },
  ]);
}

/** The emergency, locked, and what the caller is to it. */
export async function loadEmergency(
  tx: Tx,
  { id }: { readonly id: string },
  { actor, now, zone }: Context,
): Promise<EmergencyState> {
  const today = dateIn(now, zone);
  const callerId = personOf(actor);
  const { rows } = await sql<
    NonNullable<EmergencyState['emergency']> & { mine: boolean; reviewerId: string | null }
  >`
    select emergency.id, emergency.person_id as "personId", emergency.system_id as "systemId",
      emergency.entitlement_id as "entitlementId", emergency.ends_at as "endsAt",
      emergency.ended_at is not null as ended, emergency.review_due_at as "reviewDueAt",
      emergency.reviewed_at is not null as reviewed,
      coalesce(${callerId}::uuid in (system.owner_id, rule.delegate_id), false) as mine,
      coalesce(owner.id, delegate.id) as "reviewerId"
    from emergency_access emergency
    join system on system.id = emergency.system_id
    left join access_rule rule on rule.system_id = system.id
    left join person owner on owner.id = system.owner_id and owner.id <> emergency.person_id
      and ${employed('owner', today)}
    left join person delegate on delegate.id = rule.delegate_id and delegate.id <> emergency.person_id
      and ${employed('delegate', today)}
    where emergency.id = ${id} for update of emergency`.execute(tx);
  const [row] = rows;
  if (!row) return { callerId, answerable: false, emergency: null, reviewerId: null };
  const { mine, reviewerId, ...emergency } = row;
  return { callerId, answerable: mine || holdsOfficerRole(actor), emergency, reviewerId };
}

export async function projectEmergencyEnded(
  tx: Tx,
  event: EmergencyEnded,
  context: Context,
): Promise<void> {
  const { person, system, entitlement, by, reviewer, reviewDueAt } = event.body;
  const id = emergencyIdOf(event.subject);
  const dueAt = Temporal.Instant.from(reviewDueAt);
  const taken = sql`(
    select account_id, access_grant.entitlement_id from access_grant
    join emergency_access emergency on emergency.grant_id = access_grant.id
    where emergency.id = ${id} and access_grant.revoked_at is null)`;
  await placeFor(
    tx,
    {
      originId: context.newId(),
      kind: 'emergency',
      personId: person,
      placedBy: by,
      dueAt: context.now.add({ hours: defaults.atOnceWithinHours }),
    },
    present((access) => sql`(${access}.account_id, ${access}.entitlement_id) in ${taken}`),
    context,
  );
  await endGrants(tx, taken, context.now);
  await sql`
    update emergency_access set ended_at = ${context.now}, ended_by = ${by}, review_due_at = ${dueAt}
    where id = ${id}`.execute(tx);
  await unschedule(tx, event.subject, endKind);
  const names = await sql<{
    personId: string;
    person: string;
    entitlement: string;
    system: string;
  }>`
    select person.id as "personId", person.name as person, entitlement.name as entitlement, system.name as system
    from person, entitlement, system
    where person.id = ${person} and entitlement.id = ${entitlement} and system.id = ${system}`.execute(
    tx,
  );
  await openTasks(tx, [
    {
      id: context.newId(),
      kind: reviewTask,
      promise: 'ACC-4',
      subject: event.subject,
      assigneeId: reviewer,
      ...(reviewer ? {} : { role: 'security-officer' }),
      openedAt: context.now,
      dueAt,
      detail: { ...names.rows[0] },
      path: `/console/emergencies?open=${id}`,
    },
  ]);
  await schedule(tx, [
    { id: context.newId(), clause: 'access', kind: missKind, subject: event.subject, dueAt },
  ]);
}

/** The task stands as missed; reviewing is possible still, and late. */
export async function projectMissed(
  tx: Tx,
  { subject }: EmergencyReviewMissed,
  { now }: Context,
): Promise<void> {
  await missTasks(tx, { kind: reviewTask, subject }, now);
}

export async function projectReviewed(
  tx: Tx,
  event: EmergencyReviewed,
  { now }: Context,
): Promise<void> {
  const { by, verdict } = event.body;
  await sql`
    update emergency_access
    set reviewed_at = ${now}, reviewed_by = ${by}, verdict = ${verdict}, note = ${event.private.note}
    where id = ${emergencyIdOf(event.subject)}`.execute(tx);
  await completeTasks(tx, { kind: reviewTask, subject: event.subject }, by, now);
  await unschedule(tx, event.subject, missKind);
}

function emergencyIdOf(subject: string): string {
  return subject.slice('emergency/'.length);
}
