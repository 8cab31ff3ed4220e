import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import { contactsOf, ownersOf } from '../../registers/customers/store.contacts.ts';
import { isHeld } from '../../registers/customers/store.holds.ts';
import { lockCustomer } from '../../registers/customers/store.ts';
import { beginExport, isExportUnderWay } from '../../registers/portal/store.exports.ts';
import { clearHeld } from '../../registers/vault/store.clearing.ts';
import type { BehalfCommand, BehalfEvent } from './facts.behalf.ts';
import type { BehalfState, Cause } from './flow.behalf.ts';

const nothing: BehalfState = {
  request: null,
  account: null,
  held: false,
  taker: null,
  owners: [],
  exportUnderWay: false,
  cleared: { objects: 0, records: 0 },
};

/** The request by which something would be done; null where there is none. */
export async function causeOf(
  db: Db,
  id: string,
  { lock }: { readonly lock: boolean } = { lock: false },
): Promise<Cause | null> {
  const { rows } = await sql<Cause>`
    select id, number, kind, customer_id as "customerId", contact_id as "contactId",
      verified_at is not null as verified, verified_by as "verifiedBy",
      answered_at is not null as answered
    from customer_request where id = ${id} ${lock ? sql`for update` : sql``}`.execute(db);
  return rows[0] ?? null;
}

/**
 * The request and its account, both locked. What is deleted is taken while loading, so that what is
 * decided and written down is what was there under the lock; a refusal rolls it back.
 */
export async function loadBehalf(
  tx: Tx,
  command: BehalfCommand,
  { now }: Context,
): Promise<BehalfState> {
  const request = await causeOf(tx, command.requestId, { lock: true });
  if (!request?.customerId) return { ...nothing, request };
  const { customerId } = request;
  const customer = await lockCustomer(tx, customerId);
  const held = await isHeld(tx, customerId);
  return {
    request,
    account: customer?.state ?? null,
    held,
    taker: await takerOf(tx, customerId, request.contactId),
    owners: await ownersOf(tx, customerId),
    exportUnderWay: command.do === 'exportFor' && (await isExportUnderWay(tx, customerId)),
    cleared:
      command.do === 'deleteFor' && customer?.state === 'open' && request.verified && !held
        ? await clear(tx, command, { customerId, productId: customer.productId }, now)
        : nothing.cleared,
  };
}

/** Who asked, where they may enter the portal and stand confirmed; else an owner who does. */
async function takerOf(tx: Tx, customerId: string, asker: string | null): Promise<string | null> {
  const able = (await contactsOf(tx, customerId)).filter(
    ({ part, unconfirmedSince }) => part !== 'billing' && unconfirmedSince === null,
  );
  const owner = able.find(({ part }) => part === 'owner');
  return (able.find(({ id }) => id === asker) ?? owner)?.id ?? null;
}

function clear(
  tx: Tx,
  { what, collection, itemIds }: Extract<BehalfCommand, { do: 'deleteFor' }>,
  owner: { readonly customerId: string; readonly productId: string },
  now: Temporal.Instant,
): Promise<BehalfState['cleared']> {
  if (what === 'items') return clearHeld(tx, owner, { objects: itemIds, records: itemIds }, now);
  if (what === 'collection' && collection === null) return Promise.resolve(nothing.cleared);
  return clearHeld(tx, owner, { collection: what === 'collection' ? collection : null }, now);
}

export async function projectBehalf(tx: Tx, event: BehalfEvent, { now }: Context): Promise<void> {
  if (event.type !== 'ExportRequestedFor') return;
  const customerId = event.subject.slice('customer/'.length);
  const { export: id, contact: contactId } = event.body;
  await beginExport(tx, { id, customerId, contactId, form: 'plain', now });
}
