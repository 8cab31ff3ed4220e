import { type RawBuilder, sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Tx } from '../../kernel/db.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { stands } from '../../registers/accounts/fragments.ts';
import { findConflicts } from '../../registers/accounts/store.duties.ts';
import {
  cancelTasks,
  missTasks,
  openTasks,
  schedule,
  unschedule,
} from '../../registers/tasks/store.ts';
import type {
  AccessRequested,
  AskAccess,
  LapseRequest,
  RequestLapsed,
  RequestWithdrawn,
  WithdrawRequest,
} from './facts.requests.ts';
import { defaults } from './facts.terms.ts';
import { type AskingState, type OneRequestState, requestIdOf } from './flow.requests.ts';
import { employed, isEmployed, securityOfficers } from './store.campaign.ts';

/** Requests as they come, go, and are taken back. */

export const decideTask = 'access.decideRequest';
export const lapseKind = 'access.lapseRequest';

export async function loadAsking(
  tx: Tx,
  command: AskAccess,
  context: Context,
): Promise<AskingState> {
  const today = dateIn(context.now, context.zone);
  const requesterId = personOf(context.actor);
  const personId = command.personId ?? requesterId;
  const officers = await securityOfficers(tx, today);
  const offered = await findOffered(tx, command.entitlementId, personId, requesterId, today);
  const { approverId = null, byOfficer = false, ...entitlement } = offered ?? {};
  const given = personId && offered ? await standingOf(tx, personId, command, today) : null;
  const conflicts = personId ? await findConflicts(tx, personId, command.entitlementId, today) : [];
  const forbidden = conflicts.find(({ severity }) => severity === 'forbid');
  return {
    entitlement: offered ? (entitlement as AskingState['entitlement']) : null,
    requesterId,
    personId,
    personAble: personId !== null && (await isEmployed(tx, personId, today)),
    mayAskFor: personId === requesterId || (await isManagerOf(tx, requesterId, personId)),
    standing: given?.standing ?? null,
    asked: given?.asked ?? false,
    forbidden: forbidden ? { rule: forbidden.rule, other: forbidden.other } : null,
    approverId,
    byOfficer,
    officers,
  };
}

interface Offered extends NonNullable<AskingState['entitlement']> {
  readonly approverId: string | null;
  readonly byOfficer: boolean;
}

/** What is asked for, and who is to decide: the owner, their delegate, or the role; never who asks. */
async function findOffered(
  tx: Tx,
  entitlementId: string,
  personId: string | null,
  requesterId: string | null,
  today: Temporal.PlainDate,
): Promise<Offered | null> {
  const able = (column: RawBuilder<unknown>) => sql`(
    select able.id from person able where able.id = ${column} and ${employed('able', today)}
      and able.id is distinct from ${personId}::uuid and able.id is distinct from ${requesterId}::uuid)`;
  const { rows } = await sql<Offered>`
    select entitlement.name, system.id as "systemId", system.name as system,
      system.retired_at is null and coalesce(offer.requestable, true) as requestable,
      coalesce(rule.longest_days, ${defaults.longestDays}::int) as "longestDays",
      entitlement.privileged and rule.privileged_by is not distinct from 'officer' as "byOfficer",
      case when entitlement.privileged and rule.privileged_by = 'officer' then null
        else coalesce(${able(sql`system.owner_id`)}, ${able(sql`rule.delegate_id`)}) end as "approverId"
    from entitlement
    join system on system.id = entitlement.system_id
    left join entitlement_offer offer on offer.entitlement_id = entitlement.id
    left join access_rule rule on rule.system_id = system.id
    where entitlement.id = ${entitlementId}`.execute(tx);
  return rows[0] ?? null;
}

/** The grant that stands for an access of a person, on whichever of their accounts; the longest one. */
async function standingOf(
  tx: Tx,
  personId: string,
  { entitlementId }: AskAccess,
  today: Temporal.PlainDate,
): Promise<Pick<AskingState, 'standing' | 'asked'>> {
  const { rows } = await sql<{ id: string; endsOn: string | null }>`
    select given.id, given.ends_on::text as "endsOn"
    from access_grant given join account on account.id = given.account_id
    where account.person_id = ${personId} and given.entitlement_id = ${entitlementId} and ${stands('given', today)}
    order by given.ends_on desc nulls first limit 1`.execute(tx);
  const open = await sql`
    select from access_request
    where person_id = ${personId} and entitlement_id = ${entitlementId} and state = 'open'`.execute(
    tx,
  );
  return { standing: rows[0] ?? null, asked: open.rows.length > 0 };
}

async function isManagerOf(
  tx: Tx,
  managerId: string | null,
  personId: string | null,
): Promise<boolean> {
  if (!managerId || !personId) return false;
  const { rows } = await sql`
    select from person where id = ${personId} and manager_id = ${managerId}`.execute(tx);
  return rows.length > 0;
}

export async function projectAsked(
  tx: Tx,
  event: AccessRequested,
  context: Context,
): Promise<void> {
  const { body, subject } = event;
  const id = requestIdOf(subject);
  const dueAt = Temporal.Instant.from(body.dueAt);
  await sql`
    insert into access_request (id, person_id, requester_id, system_id, entitlement_id, purpose, ends_on,
      extends_grant_id, asked_at, due_at, approver_id, by_officer)
    values (${id}, ${body.person}, ${body.requester}, ${body.system}, ${body.entitlement}, ${event.private.purpose},
      ${body.endsOn}, ${body.extends}, ${context.now}, ${dueAt}, ${body.approver}, ${body.byOfficer})`.execute(
    tx,
  );
  await openTasks(tx, [
    {
      id: context.newId(),
      kind: decideTask,
      promise: 'ACC-4',
      subject,
      assigneeId: body.approver,
      ...(body.approver ? {} : { role: 'security-officer' }),
      openedAt: context.now,
      dueAt,
      detail: await namesOf(tx, id),
      path: `/console/access-requests?mine=true&open=${id}`,
    },
  ]);
  await schedule(tx, [
    {
      id: context.newId(),
      clause: 'access',
      kind: lapseKind,
      subject,
      dueAt: Temporal.Instant.from(body.lapsesAt),
    },
  ]);
}

async function namesOf(tx: Tx, requestId: string): Promise<Record<string, string>> {
  const { rows } = await sql<{
    personId: string;
    person: string;
    entitlement: string;
    system: string;
  }>`
    select person.id as "personId", person.name as person, entitlement.name as entitlement, system.name as system
    from access_request asked join person on person.id = asked.person_id
    join entitlement on entitlement.id = asked.entitlement_id join system on system.id = asked.system_id
    where asked.id = ${requestId}`.execute(tx);
  return { ...rows[0] };
}

export async function loadOne(
  tx: Tx,
  { id }: WithdrawRequest | LapseRequest,
  { actor }: Context,
): Promise<OneRequestState> {
  const { rows } = await sql<
    Omit<NonNullable<OneRequestState['request']>, 'lapsesAt'> & { askedAt: Temporal.Instant }
  >`
    select id, state, person_id as "personId", requester_id as "requesterId", approver_id as "approverId",
      asked_at as "askedAt"
    from access_request where id = ${id} for update`.execute(tx);
  const [row] = rows;
  if (!row) return { request: null, callerId: personOf(actor) };
  const { askedAt, ...request } = row;
  const lapsesAt = askedAt.add({ hours: 24 * defaults.lapseAfterDays });
  return { request: { ...request, lapsesAt }, callerId: personOf(actor) };
}

export async function projectWithdrawn(
  tx: Tx,
  event: RequestWithdrawn,
  context: Context,
): Promise<void> {
  await closeRequest(tx, event.subject, 'withdrawn', event.body.by, context);
  await cancelTasks(tx, { kind: decideTask, subject: event.subject }, context.now);
}

export async function projectLapsed(tx: Tx, event: RequestLapsed, context: Context): Promise<void> {
  await closeRequest(tx, event.subject, 'lapsed', null, context);
  await missTasks(tx, { kind: decideTask, subject: event.subject }, context.now);
}

async function closeRequest(
  tx: Tx,
  subject: string,
  state: 'withdrawn' | 'lapsed',
  by: string | null,
  { now }: Context,
): Promise<void> {
  await sql`
    update access_request set state = ${state}, decided_at = ${now}, decided_by = ${by}
    where id = ${requestIdOf(subject)}`.execute(tx);
  await unschedule(tx, subject, lapseKind);
}

/** What an erased person wrote, or others wrote of them, in requests and emergencies. Ids and dates stay. */
export async function forgetRequestsOf(tx: Tx, personId: string): Promise<void> {
  await sql`
    update access_request set purpose = '', reason = ''
    where person_id = ${personId} or requester_id = ${personId}`.execute(tx);
  await sql`
    update emergency_access set reason = '', note = '' where person_id = ${personId}`.execute(tx);
}
