import { personOf } from '../../kernel/actor.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context, Effect } from '../../policy/event.ts';
import {
  type BehalfCommand,
  type BehalfEvent,
  type BehalfRefusal,
  kindsFor,
} from './facts.behalf.ts';
import type { RequestKind } from './facts.requests.ts';

/** The request by which something is done. */
export interface Cause {
  readonly id: string;
  readonly number: number;
  readonly kind: RequestKind;
  readonly customerId: string | null;
  readonly contactId: string | null;
  readonly verified: boolean;
  /** Who made sure of who asks; null where the portal did. */
  readonly verifiedBy: string | null;
  readonly answered: boolean;
}

export interface BehalfState {
  readonly request: Cause | null;
  /** State of the account; null where there is none. */
  readonly account: 'open' | 'closing' | 'erasing' | 'gone' | null;
  readonly held: boolean;
  /** Who of the customer takes the archive: who asked, or an owner; null where nobody may enter. */
  readonly taker: string | null;
  readonly owners: readonly string[];
  readonly exportUnderWay: boolean;
  /** What the command has taken out of the vault while it was loaded; a refusal puts it back. */
  readonly cleared: { readonly objects: number; readonly records: number };
}

type Decision = Result<readonly BehalfEvent[], Refusal<BehalfRefusal>>;

/** Decides what staff do for a customer who wrote or called. */
export function decideBehalf(
  state: BehalfState,
  command: BehalfCommand,
  { actor, newId }: Context,
): Decision {
  const { request, account } = state;
  const by = personOf(actor);
  const refused = unfit(request, command.do, by);
  if (refused) return refused;
  if (!request?.customerId || !by) return refuse('notFound');
  const subject = `customer/${request.customerId}`;
  const body = { request: request.id, by };
  if (command.do === 'exportFor') {
    if (account !== 'open' && account !== 'closing') return refuse('accountErased');
    if (state.exportUnderWay) return refuse('exportUnderWay');
    if (!state.taker) return refuse('nobodyToGive');
    const made = { ...body, export: newId(), contact: state.taker };
    return ok([{ type: 'ExportRequestedFor', subject, body: made }]);
  }
  if (account === 'closing') return refuse('accountFrozen');
  if (account !== 'open') return refuse('accountErased');
  if (state.held) return refuse('customerHeld');
  if (command.do === 'correctFor') {
    const { collection, itemId: item } = command;
    return ok([{ type: 'RecordCorrectionBegun', subject, body: { ...body, collection, item } }]);
  }
  const { objects, records } = state.cleared;
  if (objects + records === 0) return refuse('nothingHeld');
  const { what, collection } = command;
  const gone = { ...body, what, collection, objects, records };
  return ok([{ type: 'CustomerDeletedFor', subject, body: gone }]);
}

/**
 * RET-4: nothing is done for anybody before we know who they are. What cannot be taken back needs
 * two of us: who made sure, and another who does it.
 */
export function unfit(
  request: Cause | null,
  act: BehalfCommand['do'],
  by: string | null,
): { readonly ok: false; readonly refusal: Refusal<BehalfRefusal> } | null {
  if (!by) return refuse('needsPerson');
  if (!request) return refuse('notFound');
  const { number } = request;
  if (request.answered) return refuse('requestAnswered', { number });
  if (!request.customerId) return refuse('requestUnmatched');
  if (!request.verified) return refuseByGuard('RET-4', 'identityNotVerified', { number });
  if (!kindsFor[act].includes(request.kind)) return refuse('requestOfOtherKind', { number });
  const isOwn = request.verifiedBy === by && act !== 'exportFor';
  return isOwn ? refuseByGuard('RET-4', 'ownVerification', { number }) : null;
}

/** Owners who stand for an account learn what was done for it, whoever asked. */
export function mailsOfBehalf(event: BehalfEvent, { owners }: BehalfState): readonly Effect[] {
  const mail = (name: string, path: string): readonly Effect[] =>
    owners.map((to) => ({
      kind: 'customerMail',
      to,
      template: `retention.${name}`,
      params: {},
      path,
    }));
  switch (event.type) {
    case 'ExportRequestedFor':
      return mail('exportedFor', '/portal/export');
    case 'CustomerDeletedFor':
      return mail('deletedFor', '/portal');
    case 'RecordCorrectionBegun':
      return mail('correctedFor', '/portal');
  }
}
