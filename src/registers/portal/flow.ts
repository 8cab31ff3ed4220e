import type { Actor } from '../../kernel/actor.ts';
import { instantText } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import {
  archiveDays,
  downloadHours,
  type ExportState,
  type PortalCommand,
  type PortalEvent,
  type PortalRefusal,
} from './facts.ts';

export interface PortalState {
  /** State of the account; null where there is none. */
  readonly account: 'open' | 'closing' | 'erasing' | 'gone' | null;
  readonly export: {
    readonly id: string;
    readonly state: ExportState;
    readonly contactId: string | null;
  } | null;
  /** What the command has taken out of the vault while it was loaded; a refusal puts it back. */
  readonly cleared: { readonly objects: number; readonly records: number };
  /** An export of this account that is not at its end. */
  readonly underWay: boolean;
  /** The passkey of the command is there, and of the actor's address. */
  readonly passkeyKnown: boolean;
}

type Decision = Result<readonly PortalEvent[], Refusal<PortalRefusal>>;

/** What a contact may do for their own account, and what Kept does about their exports. */
export function decidePortal(
  state: PortalState,
  command: PortalCommand,
  context: Context,
): Decision {
  const { actor } = context;
  switch (command.do) {
    case 'finishExport':
    case 'failExport':
    case 'expireExport':
      return decideForKept(state, command, context);
  }
  if (actor.kind !== 'contact' || actor.customerId !== command.customerId)
    return refuse('notYourAccount');
  const subject = `customer/${command.customerId}`;
  const contact = actor.id;
  switch (command.do) {
    case 'enterPortal': {
      if (command.contactId !== contact) return refuse('notYourAccount');
      const body = { contact, session: command.sessionId, way: command.way };
      return ok([{ type: 'ContactSignedIn', subject, body }]);
    }
    case 'addPasskey': {
      if (state.passkeyKnown) return refuse('passkeyKnown');
      const body = { contact, passkey: context.newId() };
      return ok([{ type: 'PortalPasskeyAdded', subject, body, passkey: command.passkey }]);
    }
    case 'removePasskey':
      if (!state.passkeyKnown) return refuse('passkeyUnknown');
      return ok([
        { type: 'PortalPasskeyRemoved', subject, body: { contact, passkey: command.passkeyId } },
      ]);
    case 'deleteHeld': {
      if (state.account === 'closing') return refuse('accountFrozen');
      if (state.account !== 'open') return refuse('accountErased');
      const { what, collection } = command;
      const { objects, records } = state.cleared;
      if (objects + records === 0) return refuse('nothingHeld');
      return ok([
        {
          type: 'CustomerDeleted',
          subject,
          body: { contact, what, collection, objects, records },
        },
      ]);
    }
    default:
      return decideExport(state, command, actor, context);
  }
}

type ExportCommand = Extract<
  PortalCommand,
  { do: 'askExport' | 'cancelExport' | 'linkExport' | 'takeIdentity' }
>;

function decideExport(
  state: PortalState,
  command: ExportCommand,
  actor: Extract<Actor, { kind: 'contact' }>,
  { now, newId }: Context,
): Decision {
  const subject = `customer/${command.customerId}`;
  if (state.account !== 'open' && state.account !== 'closing') return refuse('accountErased');
  switch (command.do) {
    case 'askExport': {
      if (state.underWay) return refuse('exportUnderWay');
      const body = { export: newId(), contact: actor.id, form: command.form };
      return ok([{ type: 'ExportRequested', subject, body }]);
    }
    case 'cancelExport':
      if (!state.export) return refuse('exportUnknown');
      // Cancelling what is over already changes nothing.
      if (!isUnderWay(state.export.state)) return ok([]);
      return ok([{ type: 'ExportCancelled', subject, body: { export: command.exportId } }]);
    case 'linkExport': {
      if (!state.export) return refuse('exportUnknown');
      if (state.export.state !== 'done') return refuse('exportNotReady');
      const expiresAt = instantText(now.add({ hours: downloadHours }));
      const { exportId, sha256 } = command;
      const body = { export: exportId, link: newId(), expiresAt, sha256 };
      return ok([{ type: 'ExportLinkMade', subject, body }]);
    }
    case 'takeIdentity':
      // The key to everything, outside the company from then on: who may close the account may have it.
      if (actor.part !== 'owner') return refuse('onlyOwner');
      return ok([{ type: 'IdentityTaken', subject, body: { contact: actor.id } }]);
  }
}

type KeptCommand = Extract<PortalCommand, { do: 'finishExport' | 'failExport' | 'expireExport' }>;

function decideForKept(
  state: PortalState,
  command: KeptCommand,
  { now, actor }: Context,
): Decision {
  if (actor.kind !== 'system') return refuse('notYourAccount');
  if (!state.export) return refuse('exportUnknown');
  const subject = `customer/${command.customerId}`;
  const { exportId } = command;
  switch (command.do) {
    case 'finishExport': {
      // Cancelled while its last bytes were written: it stays cancelled.
      if (!isUnderWay(state.export.state)) return ok([]);
      const { sha256, size, objects, records, missed } = command;
      const expiresAt = instantText(now.add({ hours: 24 * archiveDays }));
      const body = { export: exportId, sha256, size, objects, records, missed, expiresAt };
      return ok([{ type: 'ExportFinished', subject, body }]);
    }
    case 'failExport':
      if (!isUnderWay(state.export.state)) return ok([]);
      return ok([{ type: 'ExportFailed', subject, body: { export: exportId }, why: command.why }]);
    case 'expireExport':
      if (state.export.state !== 'done') return ok([]);
      return ok([{ type: 'ExportExpired', subject, body: { export: exportId } }]);
  }
}

const isUnderWay = (state: ExportState): boolean => state === 'asked' || state === 'running';
