import { instantText, startOfDay } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type {
  CaseLapsed,
  CaseRefusal,
  CaseRequested,
  CaseSettings,
  CaseSettingsChanged,
  CaseWithdrawn,
  OneCase,
  RequestCase,
} from './facts.ts';
import type { CaseInHand } from './flow.cases.ts';

type Refused = Refusal<CaseRefusal>;

export interface RequestingState {
  readonly requesterId: string | null;
  /** Whether they work here: not gone, not suspended. */
  readonly able: boolean;
  /** As whom they ask: the role that the customer is told. */
  readonly role: string;
  readonly officer: boolean;
  readonly lacksUndertaking: boolean;
  readonly customer: {
    readonly name: string;
    readonly state: 'open' | 'closing' | 'erasing' | 'gone';
    readonly approvesCases: boolean;
  } | null;
  readonly settings: CaseSettings;
  /** Bytes of the record of consent and their digest; false: it cannot be read. */
  readonly consent: { readonly bytes: Uint8Array; readonly sha256: string } | null | false;
  /** `collection/item`, one a line. */
  readonly scope: { readonly bytes: Uint8Array; readonly sha256: string };
  /** Who may approve, but for the requester. */
  readonly approvers: readonly string[];
  readonly owners: readonly string[];
}

/**
 * Somebody asks for a case. Nothing is opened by it: somebody else must approve, and where the
 * contract says so the customer before them. PEO-4: nobody asks without an undertaking on file.
 */
export function decideRequest(
  state: RequestingState,
  command: RequestCase,
  context: Context,
): Result<readonly CaseRequested[], Refused> {
  const { requesterId, customer, consent, settings } = state;
  if (!requesterId) return refuse('needsPerson');
  if (!state.able) return refuseByGuard('CUS-3', 'requesterGone');
  if (state.lacksUndertaking) return refuseByGuard('PEO-4', 'noUndertaking', { count: 1 });
  if (!customer) return refuse('customerUnknown');
  if (customer.state === 'erasing' || customer.state === 'gone') return refuse('customerGone');
  if (command.emergency && !state.officer) return refuse('emergencyForOfficers');
  if (command.hours > settings.longestHours)
    return refuse('caseTooLong', { hours: settings.longestHours });
  if (consent === false) return refuse('consentUnreadable');
  const { fromOn, toOn } = command;
  if (fromOn && toOn && toOn < fromOn) return refuse('caseDatesTurned');
  return ok([
    {
      type: 'CaseRequested',
      subject: `case/${context.newId()}`,
      body: {
        customer: command.customerId,
        requester: requesterId,
        role: state.role,
        basis: command.basis,
        consent: consent?.sha256 ?? null,
        collections: [...new Set(command.scope.map(({ collection }) => collection))].sort(),
        items: command.scope.filter(({ itemId }) => itemId !== null).length,
        fromAt: fromOn && dayText(fromOn, 0, context),
        toAt: toOn && dayText(toOn, 1, context),
        hours: command.hours,
        copy: command.copy,
        emergency: command.emergency,
        customerNeeded: customer.approvesCases && !command.emergency,
        lapsesAt: instantText(context.now.add({ hours: 24 * settings.lapseDays })),
        scopeBlob: state.scope.sha256,
      },
      private: { purpose: command.purpose, reference: command.basisReference },
      blobs: { scopeBlob: state.scope.bytes },
      ...(consent ? { erasable: { consent: consent.bytes } } : {}),
      about: requesterId,
    },
  ]);
}

/** Start of a day, or of one `days` later. */
function dayText(day: string, days: number, { zone }: Context): string {
  return instantText(startOfDay(Temporal.PlainDate.from(day).add({ days }), zone));
}

/** Taken back by whoever asked, before it was opened. */
export function decideWithdrawal(
  { callerId, found }: CaseInHand,
  _command: OneCase,
  _context: Context,
): Result<readonly CaseWithdrawn[], Refused> {
  if (!found) return refuse('notFound');
  if (!callerId) return refuse('needsPerson');
  if (callerId !== found.requesterId) return refuse('notYourCase');
  if (found.state !== 'asked' && found.state !== 'approved') return refuse('caseNotWaiting');
  return ok([{ type: 'CaseWithdrawn', subject: `case/${found.id}`, body: { by: callerId } }]);
}

/** Run by the clock: nobody decided in time, what was approved was never opened, or who asked has left. */
export function decideLapse(
  { found }: CaseInHand,
  _command: OneCase,
  { now }: Context,
): Result<readonly CaseLapsed[], Refused> {
  const waits = found?.state === 'asked' || found?.state === 'approved';
  if (!found || !waits) return ok([]);
  if (!found.requesterGone && Temporal.Instant.compare(now, found.lapsesAt) < 0) return ok([]);
  const approved = found.state === 'approved';
  return ok([{ type: 'CaseLapsed', subject: `case/${found.id}`, body: { approved } }]);
}

/** How cases are handled from now on; those under way keep what they were asked with. */
export function decideSettings(
  _state: null,
  command: CaseSettings,
  _context: Context,
): Result<readonly CaseSettingsChanged[], Refused> {
  return ok([{ type: 'CaseSettingsChanged', subject: 'setting/cases', body: command }]);
}
