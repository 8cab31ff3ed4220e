import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { ownersOf } from '../../registers/customers/store.contacts.ts';
import { isHeld } from '../../registers/customers/store.holds.ts';
import { lockCustomer, setCustomerState } from '../../registers/customers/store.ts';
import { schedule, unschedule } from '../../registers/tasks/store.ts';
import {
  heldOf,
  keysOf,
  recordKeysDestroyed,
  remainingOf,
} from '../../registers/vault/store.erasing.ts';
import type { ClosureCommand, ClosureEvent } from './facts.closure.ts';
import type { ClosingState, FollowedBackup, StandingClosure } from './flow.closure.ts';
import { isVerifiedRequest } from './store.requests.ts';

/** What is next in a closure falls due: the one kind of obligation that a closure has. */
export const closureKind = 'retention.closure';

export async function loadClosing(
  tx: Tx,
  command: ClosureCommand,
  { actor }: Context,
): Promise<ClosingState> {
  const { customerId } = command;
  const strange = actor.kind === 'contact' && actor.customerId !== customerId;
  const customer = strange ? null : await lockCustomer(tx, customerId);
  const closure = customer && (await closureOf(tx, customerId));
  const owners = await ownersOf(tx, customerId);
  const asks = customer && (command.do === 'requestClosure' || command.do === 'reopen');
  return {
    customer,
    held: await isHeld(tx, customerId),
    closure,
    asker: actor.kind !== 'contact' ? 'staff' : owners.includes(actor.id) ? 'owner' : 'other',
    requestVerified:
      command.do === 'requestClosure' &&
      command.requestId !== null &&
      (await isVerifiedRequest(tx, { requestId: command.requestId, customerId, kind: 'close' })),
    seal: asks ? await heldOf(tx, customerId) : null,
    keys: command.do === 'destroyKey' ? await keysOf(tx, customerId) : [],
    remaining: command.do === 'finish' ? await remainingOf(tx, customerId) : 0,
    backups: closure ? await backupsOf(tx, closure.id) : [],
    owners,
  };
}

/** The newest closure of a customer; null where there never was one. */
export async function closureOf(db: Db, customerId: string): Promise<StandingClosure | null> {
  const { rows } = await sql<StandingClosure>`
    select id, state, requested_on as "requestedOn", reopen_until as "reopenUntil", erase_by as "eraseBy",
      due_at as "dueAt", seen_due_at as "seenDueAt", encode(seal, 'hex') as seal,
      key_destroyed_at as "keyDestroyedAt", cleared_at as "clearedAt", counts, erased_at as "erasedAt"
    from closure where customer_id = ${customerId} order by requested_at desc, id desc limit 1`.execute(
    db,
  );
  return rows[0] ?? null;
}

export async function backupsOf(db: Db, closureId: string): Promise<readonly FollowedBackup[]> {
  const { rows } = await sql<FollowedBackup>`
    select made_at as "madeAt", expires_at as "expiresAt", gone_at as "goneAt"
    from closure_backup where closure_id = ${closureId} order by made_at`.execute(db);
  return rows;
}

/** Writes what happened, and puts what comes next on the clock. */
export async function projectClosure(tx: Tx, event: ClosureEvent, context: Context): Promise<void> {
  const customerId = event.subject.slice('customer/'.length);
  const { closure: id } = event.body;
  const { now } = context;
  switch (event.type) {
    case 'CustomerClosureRequested':
      return await open(tx, customerId, event.body, context);
    case 'CustomerReopened':
      await sql`
        update closure set state = 'reopened', reopened_at = ${now},
          reopened_seal = decode(${event.body.sealNow}, 'hex') where id = ${id}`.execute(tx);
      await unschedule(tx, event.subject, closureKind);
      return await setCustomerState(tx, customerId, 'open', now);
    case 'CustomerErasureBegun':
      await sql`update closure set state = 'erasing', begun_at = ${now} where id = ${id}`.execute(
        tx,
      );
      return await setCustomerState(tx, customerId, 'erasing', now);
    case 'ClosureResumed':
      await sql`
        update closure set due_at = ${at(event.body.dueAt)}, erase_by = ${at(event.body.eraseBy)}
        where id = ${id}`.execute(tx);
      return await next(tx, customerId, at(event.body.dueAt), context);
    case 'CustomerKeyDestroyed':
      await sql`update closure set key_destroyed_at = ${now} where id = ${id}`.execute(tx);
      await follow(tx, id, event.body.backups);
      return await recordKeysDestroyed(tx, customerId, now);
    case 'CustomerDataErased':
      await sql`update closure set state = 'erased', erased_at = ${now} where id = ${id}`.execute(
        tx,
      );
      return await next(tx, customerId, await nextExpiry(tx, id, now), context);
    case 'KeyBackupsExpired':
      await sql`
        update closure_backup set gone_at = ${now}
        where closure_id = ${id} and gone_at is null and made_at = any(${event.body.gone.map(at)}::timestamptz[])`.execute(
        tx,
      );
      return await follow(tx, id, event.body.found);
    case 'ErasureCertified':
      await sql`
        update closure set state = 'certified', certified_at = ${now}, code = ${event.code}
        where id = ${id}`.execute(tx);
      await unschedule(tx, event.subject, closureKind);
      return await setCustomerState(tx, customerId, 'gone', now);
  }
}

const at = (text: string): Instant => Temporal.Instant.from(text);

/** Customers whose data was erased by then: the storage has nothing of theirs. */
export async function erasedCustomers(db: Db, by: Instant): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct customer_id as id from closure where erased_at <= ${by}`.execute(db);
  return rows.map(({ id }) => id);
}

async function open(
  tx: Tx,
  customerId: string,
  body: Extract<ClosureEvent, { type: 'CustomerClosureRequested' }>['body'],
  context: Context,
): Promise<void> {
  const dueAt = at(body.reopenUntil);
  await sql`
    insert into closure (id, customer_id, state, requested_on, requested_at, contact_id, request_id,
      reopen_until, erase_by, due_at, seal, objects, records, bytes)
    values (${body.closure}, ${customerId}, 'closing', ${body.requestedOn}, ${context.now}, ${body.contact},
      ${body.request}, ${dueAt}, ${at(body.eraseBy)}, ${dueAt}, decode(${body.seal}, 'hex'),
      ${body.objects}, ${body.records}, ${body.bytes})`.execute(tx);
  await setCustomerState(tx, customerId, 'closing', context.now);
  await next(tx, customerId, dueAt, context);
}

async function follow(
  tx: Tx,
  closureId: string,
  backups: readonly { readonly madeAt: string; readonly expiresAt: string }[],
): Promise<void> {
  await sql`
    insert into closure_backup (closure_id, made_at, expires_at)
    select ${closureId}::uuid, made_at, expires_at
    from unnest(${backups.map((it) => at(it.madeAt))}::timestamptz[],
      ${backups.map((it) => at(it.expiresAt))}::timestamptz[]) as b (made_at, expires_at)
    on conflict do nothing`.execute(tx);
}

/** When the next backup expires; now, where none is left to wait for. */
async function nextExpiry(tx: Db, closureId: string, now: Instant): Promise<Instant> {
  const { rows } = await sql<{ at: Instant | null }>`
    select min(expires_at) as at from closure_backup
    where closure_id = ${closureId} and gone_at is null`.execute(tx);
  return rows[0]?.at ?? now;
}

/** Puts the next step of a closure on the clock, in place of what was there. */
export async function next(
  tx: Tx,
  customerId: string,
  dueAt: Instant,
  { newId }: Pick<Context, 'newId'>,
): Promise<void> {
  const subject = `customer/${customerId}`;
  await unschedule(tx, subject, closureKind);
  await schedule(tx, [{ id: newId(), clause: 'retention', kind: closureKind, subject, dueAt }]);
}

/** Remembers the first look at which the deletion was due; null where the clock went back since. */
export async function noteDue(tx: Tx, closureId: string, seenAt: Instant | null): Promise<void> {
  await sql`update closure set seen_due_at = ${seenAt} where id = ${closureId}`.execute(tx);
}

/** What was removed in every room, by name. */
export async function recordCleared(
  tx: Tx,
  closureId: string,
  counts: Readonly<Record<string, number>>,
  now: Instant,
): Promise<void> {
  await sql`
    update closure set cleared_at = ${now}, counts = ${JSON.stringify(counts)}::jsonb
    where id = ${closureId}`.execute(tx);
}
