import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { findContact, findCustomer } from '../../registers/customers/store.ts';
import { cancelTasks, completeTasks, openTasks, redateTasks } from '../../registers/tasks/store.ts';
import {
  kindTitles,
  type RequestCommand,
  type RequestEvent,
  type RequestOpened,
  type RequestSettings,
  requestTask,
  shippedRequestSettings,
} from './facts.requests.ts';
import type { RequestState } from './flow.requests.ts';

/** Requests are numbered one after the other, without a gap. */
const requestsLock = 0x72657173;

export async function loadRequest(
  tx: Tx,
  command: RequestCommand,
  { actor, now, zone }: Context,
): Promise<RequestState> {
  if (command.do === 'openRequest')
    await sql`select pg_advisory_xact_lock(${requestsLock})`.execute(tx);
  const named = namedBy(command, actor.kind === 'contact' ? actor : null);
  const customer = named.customerId ? await findCustomer(tx, named.customerId) : null;
  const contact = named.contactId ? await findContact(tx, named.contactId) : null;
  return {
    settings: await requestSettingsOf(tx),
    nextNumber: command.do === 'openRequest' ? await nextNumber(tx) : 0,
    request: 'requestId' in command ? await lockRequest(tx, command.requestId) : null,
    customerKnown: customer !== null && !customer.erased,
    contactKnown: contact !== null && contact.customerId === named.customerId,
    ownerKnown:
      command.do === 'assignRequest' && (await worksHere(tx, command.ownerId, dateIn(now, zone))),
  };
}

function namedBy(
  command: RequestCommand,
  caller: { readonly id: string; readonly customerId: string } | null,
): { readonly customerId: string | null; readonly contactId: string | null } {
  if (command.do !== 'openRequest' && command.do !== 'matchRequest')
    return { customerId: null, contactId: null };
  return caller && command.do === 'openRequest'
    ? { customerId: caller.customerId, contactId: caller.id }
    : { customerId: command.customerId, contactId: command.contactId };
}

/** How long people wait for an answer: the organisation's own way, or the one that ships. */
export async function requestSettingsOf(db: Db): Promise<RequestSettings> {
  const { rows } = await sql<RequestSettings>`
    select answer_days as "answerDays", extension_days as "extensionDays" from request_setting`.execute(
    db,
  );
  return rows[0] ?? shippedRequestSettings;
}

async function nextNumber(db: Db): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select coalesce(max(number), 0)::int + 1 as n from customer_request`.execute(db);
  return rows[0]?.n ?? 1;
}

async function lockRequest(tx: Tx, id: string): Promise<RequestState['request']> {
  const { rows } = await sql<NonNullable<RequestState['request']>>`
    select id, number, kind, customer_id as "customerId", contact_id as "contactId",
      received_on as "receivedOn", due_at as "dueAt", owner_id as "ownerId",
      verified_at is not null as verified, extended_at is not null as extended,
      answered_at is not null as answered
    from customer_request where id = ${id} for update`.execute(tx);
  return rows[0] ?? null;
}

async function worksHere(db: Db, personId: string, today: Temporal.PlainDate): Promise<boolean> {
  const { rows } = await sql`
    select from person where id = ${personId} and erased_at is null
      and (ends_on is null or ends_on >= ${today})`.execute(db);
  return rows.length === 1;
}

/**
 * Whether a request of the register asks for this on this account, and who asks was made sure of.
 * Whoever acts on behalf of a customer asks here first.
 */
export async function isVerifiedRequest(
  db: Db,
  asked: { readonly requestId: string; readonly customerId: string; readonly kind: string },
): Promise<boolean> {
  const { rows } = await sql`
    select from customer_request
    where id = ${asked.requestId} and customer_id = ${asked.customerId} and kind = ${asked.kind}
      and verified_at is not null and answered_at is null`.execute(db);
  return rows.length === 1;
}

export async function projectRequest(tx: Tx, event: RequestEvent, context: Context): Promise<void> {
  const id = event.subject.slice('request/'.length);
  const { now } = context;
  const touched = sql`version = version + 1`;
  switch (event.type) {
    case 'RequestOpened':
      return await insertRequest(tx, id, event, context);
    case 'RequestMatched':
      await sql`
        update customer_request set customer_id = ${event.body.customer},
          contact_id = ${event.body.contact}, ${touched} where id = ${id}`.execute(tx);
      return;
    case 'RequestAssigned':
      await sql`
        update customer_request set owner_id = ${event.body.owner}, ${touched} where id = ${id}`.execute(
        tx,
      );
      return await passOn(tx, id, event.body.owner, context);
    case 'IdentityVerified':
      await sql`
        update customer_request set method = ${event.body.method}, verified_at = ${now},
          verified_by = ${event.body.by}, ${touched} where id = ${id}`.execute(tx);
      return;
    case 'RequestExtended': {
      const dueAt = Temporal.Instant.from(event.body.dueAt);
      await sql`
        update customer_request set due_at = ${dueAt}, extended_at = ${now},
          extension = ${event.private.reason}, ${touched} where id = ${id}`.execute(tx);
      return await redateTasks(tx, [{ subject: event.subject, dueAt }]);
    }
    case 'RequestAnswered':
      await sql`
        update customer_request set answered_at = ${now}, answered_by = ${event.body.by},
          outcome = ${event.body.outcome}, answer = ${event.private.answer}, ${touched}
        where id = ${id}`.execute(tx);
      return await completeTasks(
        tx,
        { kind: requestTask, subject: event.subject },
        event.body.by,
        now,
      );
    case 'RequestSettingsChanged':
      await sql`
        insert into request_setting (answer_days, extension_days)
        values (${event.body.answerDays}, ${event.body.extensionDays})
        on conflict (single) do update set answer_days = excluded.answer_days,
          extension_days = excluded.extension_days`.execute(tx);
  }
}

async function insertRequest(
  tx: Tx,
  id: string,
  event: RequestOpened,
  context: Context,
): Promise<void> {
  const { body } = event;
  const { what, fromName, fromAddress } = event.private;
  const { now } = context;
  const dueAt = Temporal.Instant.from(body.dueAt);
  await sql`
    insert into customer_request (id, number, customer_id, contact_id, kind, channel, from_name,
      from_address, what, received_on, opened_at, due_at, method, verified_at)
    values (${id}, ${body.number}, ${body.customer}, ${body.contact}, ${body.kind}, ${body.channel},
      ${fromName}, ${fromAddress}, ${what}, ${body.receivedOn}::date, ${now}, ${dueAt}, ${body.method},
      ${body.method && now})`.execute(tx);
  await openTask(tx, { id, number: body.number, kind: body.kind, dueAt, ownerId: null }, context);
}

/** The line on Today: of whoever it was given to, of support until then. */
async function openTask(
  tx: Tx,
  request: Pick<
    NonNullable<RequestState['request']>,
    'id' | 'number' | 'kind' | 'dueAt' | 'ownerId'
  >,
  { now, newId }: Context,
): Promise<void> {
  await openTasks(tx, [
    {
      id: newId(),
      kind: requestTask,
      promise: 'RET-4',
      subject: `request/${request.id}`,
      assigneeId: request.ownerId,
      ...(request.ownerId ? {} : { role: 'support' }),
      openedAt: now,
      dueAt: request.dueAt,
      detail: { number: String(request.number), ...kindTitles[request.kind] },
      path: `/console/customer-requests?open=${request.id}`,
    },
  ]);
}

async function passOn(tx: Tx, id: string, ownerId: string, context: Context): Promise<void> {
  const request = await lockRequest(tx, id);
  if (!request) return;
  await cancelTasks(tx, { kind: requestTask, subject: `request/${id}` }, context.now);
  await openTask(tx, { ...request, ownerId }, context);
}

/** Who asked, what, and what they were told goes; that somebody asked and when it was answered stays. */
export async function forgetRequests(
  tx: Tx,
  ids: readonly string[],
  { now }: Pick<Context, 'now'>,
): Promise<void> {
  await sql`
    update customer_request set from_name = '', from_address = '', what = '', answer = '',
      extension = case when extension is null then null else '' end, forgotten_at = ${now},
      version = version + 1
    where id = any(${ids}::uuid[]) and answered_at is not null`.execute(tx);
}
