import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { Context, Effect } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import { noteEntered } from '../customers/store.contacts.ts';
import { schedule } from '../tasks/store.ts';
import { clearHeld } from '../vault/store.clearing.ts';
import {
  type PortalCommand,
  type PortalEvent,
  type PortalRefusal,
  portalCommand,
} from './facts.ts';
import { decidePortal, type PortalState } from './flow.ts';
import { beginExport, discardParts, isExportUnderWay } from './store.exports.ts';

/** Kind of the obligation by which an archive that was made goes again. */
export const expireKind = 'portal.expireExport';

/** What contacts do in the portal, and what Kept does about their exports. */
export const portalFlow: Flow<PortalState, PortalCommand, PortalEvent, PortalRefusal> = {
  name: 'portal.portal',
  clause: 'portal',
  command: portalCommand,
  load: loadPortal,
  authorize: () => ({ action: 'helpThemselves' }),
  decide: decidePortal,
  project: projectPortal,
  effects: effectsOf,
};

async function loadPortal(tx: Tx, command: PortalCommand, context: Context): Promise<PortalState> {
  const { actor } = context;
  const exportId = 'exportId' in command ? command.exportId : null;
  const accounts = await sql<{ state: PortalState['account']; productId: string }>`
    select state, product_id as "productId" from customer where id = ${command.customerId} for ${
      command.do === 'deleteHeld' ? sql`update` : sql`share`
    }`.execute(tx);
  const [account] = accounts.rows;
  const exports = await sql<NonNullable<PortalState['export']>>`
    select id, state, contact_id as "contactId" from portal_export
    where id = ${exportId} and customer_id = ${command.customerId} for update`.execute(tx);
  const underWay = command.do === 'askExport' && (await isExportUnderWay(tx, command.customerId));
  return {
    account: account?.state ?? null,
    cleared: account ? await cleared(tx, command, account.productId, context) : nothing,
    export: exports.rows[0] ?? null,
    underWay,
    passkeyKnown: await knowsPasskey(tx, command, actor.id),
  };
}

const nothing = { objects: 0, records: 0 };

/**
 * Taking is done while loading, so that what is decided and written down is what was there under the
 * lock; a refusal rolls it back.
 */
async function cleared(
  tx: Tx,
  command: PortalCommand,
  productId: string,
  { actor, now }: Context,
): Promise<PortalState['cleared']> {
  const { customerId } = command;
  const isOwn = actor.kind === 'contact' && actor.customerId === customerId;
  if (command.do !== 'deleteHeld' || !isOwn) return nothing;
  const { what, collection, objects, records } = command;
  if (what === 'collection' && collection === null) return nothing;
  const clearing = what === 'items' ? { objects, records } : { collection };
  return clearHeld(tx, { customerId, productId }, clearing, now);
}

async function knowsPasskey(tx: Tx, command: PortalCommand, contactId: string): Promise<boolean> {
  if (command.do === 'addPasskey') {
    const { rows } = await sql`
      select from portal_passkey where credential_id = ${command.passkey.credentialId}`.execute(tx);
    return rows.length > 0;
  }
  if (command.do !== 'removePasskey') return false;
  const { rows } = await sql`
    select from portal_passkey p join customer_contact c on lower(c.email) = p.address
    where p.id = ${command.passkeyId} and c.id::text = ${contactId} for update of p`.execute(tx);
  return rows.length > 0;
}

async function projectPortal(tx: Tx, event: PortalEvent, context: Context): Promise<void> {
  const { now } = context;
  const customerId = event.subject.slice('customer/'.length);
  switch (event.type) {
    case 'ContactSignedIn':
      await sql`
        update portal_session set contact_id = ${event.body.contact}
        where id = ${event.body.session}`.execute(tx);
      await noteEntered(tx, event.body.contact);
      break;
    case 'PortalPasskeyAdded': {
      const { passkey } = event;
      await sql`
        insert into portal_passkey (id, address, credential_id, public_key, counter, transports, device, made_at)
        values (${event.body.passkey}, ${passkey.address}, ${passkey.credentialId},
          ${Buffer.from(passkey.publicKey, 'base64')}, ${passkey.counter}, ${[...passkey.transports]}::text[],
          ${passkey.device}, ${now})`.execute(tx);
      break;
    }
    case 'PortalPasskeyRemoved':
      await sql`delete from portal_passkey where id = ${event.body.passkey}`.execute(tx);
      break;
    case 'IdentityTaken':
    case 'CustomerDeleted':
      break;
    default:
      await projectExport(tx, event, customerId, context);
  }
}

type ExportEvent = Extract<PortalEvent, { readonly type: `Export${string}` }>;

async function projectExport(
  tx: Tx,
  event: ExportEvent,
  customerId: string,
  { now, newId, actor }: Context,
): Promise<void> {
  const exportId = event.body.export;
  switch (event.type) {
    case 'ExportRequested': {
      const { contact: contactId, form } = event.body;
      await beginExport(tx, { id: exportId, customerId, contactId, form, now });
      break;
    }
    case 'ExportLinkMade':
      await sql`
        insert into portal_download (id, hash, export_id, contact_id, made_at, expires_at)
        values (${event.body.link}, ${Buffer.from(event.body.sha256, 'hex')}, ${exportId}, ${actor.id},
          ${now}, ${Temporal.Instant.from(event.body.expiresAt)})`.execute(tx);
      break;
    case 'ExportFinished': {
      const { size, sha256, objects, records, missed } = event.body;
      const expiresAt = Temporal.Instant.from(event.body.expiresAt);
      await sql`
        update portal_export set state = 'done', finished_at = ${now}, verified_at = ${now}, size = ${size},
          sha256 = ${Buffer.from(sha256, 'hex')}, objects = ${objects}, records = ${records}, missed = ${missed},
          expires_at = ${expiresAt}, worker = null, worker_until = null
        where id = ${exportId}`.execute(tx);
      const due = { id: newId(), clause: 'portal', kind: expireKind, dueAt: expiresAt };
      await schedule(tx, [{ ...due, subject: `export/${exportId}` }]);
      break;
    }
    case 'ExportCancelled':
      await endExport(tx, exportId, customerId, now, { state: 'cancelled' });
      break;
    case 'ExportFailed':
      await endExport(tx, exportId, customerId, now, { state: 'failed', why: event.why });
      break;
    case 'ExportExpired':
      await endExport(tx, exportId, customerId, now, { state: 'expired' });
      break;
  }
}

/** Its archive, or what there is of it, goes with it; links to it lead nowhere. */
async function endExport(
  tx: Tx,
  id: string,
  customerId: string,
  now: Temporal.Instant,
  to: { readonly state: 'cancelled' | 'failed' | 'expired'; readonly why?: string },
): Promise<void> {
  await sql`
    update portal_export set state = ${to.state}, finished_at = coalesce(finished_at, ${now}),
      failure = ${to.why ?? null}, worker = null, worker_until = null
    where id = ${id}`.execute(tx);
  await sql`
    update portal_download set ended_at = ${now} where export_id = ${id} and ended_at is null`.execute(
    tx,
  );
  await discardParts(tx, id, customerId, now);
}

/** Whoever asked for an archive is told when it is there, and when it could not be made. */
function effectsOf(event: PortalEvent, { export: it }: PortalState): readonly Effect[] {
  const to = it?.contactId;
  if (!to) return [];
  const mail = (name: string): readonly Effect[] => [
    {
      kind: 'customerMail',
      to,
      template: `portal.${name}`,
      params: {},
      path: `/portal/export`,
    },
  ];
  if (event.type === 'ExportFinished') return mail('exportReady');
  return event.type === 'ExportFailed' ? mail('exportFailed') : [];
}
