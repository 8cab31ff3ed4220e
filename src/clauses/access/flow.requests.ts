import { dateIn, instantText } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context, Effect } from '../../policy/event.ts';
import type {
  AccessGivenBack,
  AccessRequested,
  AskAccess,
  DecideRequests,
  GiveBack,
  LapseRequest,
  RequestLapsed,
  RequestRefusal,
  RequestsDecided,
  RequestWithdrawn,
  WithdrawRequest,
} from './facts.requests.ts';
import { defaults, type RequestState } from './facts.terms.ts';
import type { Evidence } from './facts.ts';

type Refused = Refusal<RequestRefusal>;

/** A rule of conflicting duties that access would break: its name, and what is held already. */
export interface Broken {
  readonly rule: string;
  readonly other: string;
}

export interface AskingState {
  readonly entitlement: {
    readonly name: string;
    readonly systemId: string;
    readonly system: string;
    readonly requestable: boolean;
    readonly longestDays: number;
  } | null;
  readonly requesterId: string | null;
  /** Whose access it is to be. */
  readonly personId: string | null;
  readonly personAble: boolean;
  /** The caller is that person, or their manager. */
  readonly mayAskFor: boolean;
  /** What stands for this access now. */
  readonly standing: { readonly id: string; readonly endsOn: string | null } | null;
  readonly asked: boolean;
  readonly forbidden: Broken | null;
  /** Who is to decide; null: the role of security officer. */
  readonly approverId: string | null;
  readonly byOfficer: boolean;
  readonly officers: readonly string[];
}

/**
 * Somebody asks for access, or for more time. ACC-4, noConflictingDuties: what would break a
 * forbidding rule is refused before anybody is asked to approve it.
 */
export function decideAsking(
  state: AskingState,
  command: AskAccess,
  context: Context,
): Result<readonly AccessRequested[], Refused> {
  const { entitlement, requesterId, personId } = state;
  if (!requesterId || !personId) return refuse('needsPerson');
  if (!entitlement) return refuse('entitlementUnknown');
  const unfit = unfitIn(state, command, context);
  if (unfit) return unfit;
  if (state.forbidden) return refuseByGuard('ACC-4', 'conflictingDuties', { ...state.forbidden });
  return ok([
    {
      type: 'AccessRequested',
      subject: `request/${context.newId()}`,
      body: {
        person: personId,
        requester: requesterId,
        system: entitlement.systemId,
        entitlement: command.entitlementId,
        endsOn: command.endsOn,
        extends: state.standing?.id ?? null,
        approver: state.approverId,
        byOfficer: state.byOfficer,
        dueAt: daysOn(context, defaults.decideWithinDays),
        lapsesAt: daysOn(context, defaults.lapseAfterDays),
      },
      private: { purpose: command.purpose },
      about: personId,
    },
  ]);
}

function unfitIn(
  { entitlement, personAble, mayAskFor, standing, asked }: AskingState,
  { endsOn }: AskAccess,
  context: Context,
): { readonly ok: false; readonly refusal: Refused } | null {
  if (!mayAskFor) return refuse('notYourReport');
  if (!personAble) return refuse('personNotAble');
  if (!entitlement?.requestable) return refuse('notRequestable');
  const today = dateIn(context.now, context.zone);
  if (endsOn < today.toString()) return refuse('endInPast');
  const days = entitlement.longestDays;
  if (endsOn > today.add({ days }).toString()) return refuse('endTooFar', { days });
  if (standing && (standing.endsOn === null || standing.endsOn >= endsOn))
    return refuse('alreadyGranted');
  return asked ? refuse('alreadyAsked') : null;
}

function daysOn({ now }: Context, days: number): string {
  return instantText(now.add({ hours: 24 * days }));
}

/** Whoever is to decide is told; where that is the role, every officer. */
export function mailsOfAsking(
  event: AccessRequested,
  { entitlement, officers }: AskingState,
): readonly Effect[] {
  const { approver, requester } = event.body;
  const to = approver ? [approver] : officers.filter((id) => id !== requester);
  return to.map((each) => ({
    kind: 'mail',
    to: each,
    template: 'access.accessRequested',
    params: { entitlement: entitlement?.name ?? '', system: entitlement?.system ?? '' },
    path: `/console/access-requests?mine=true&open=${requestIdOf(event.subject)}`,
  }));
}

/** The id in `request/<id>`. */
export function requestIdOf(subject: string): string {
  return subject.split('/')[1] ?? '';
}

export interface RequestsState {
  readonly approverId: string | null;
  /** Open requests that may be decided so: the caller's to decide, and no guard against it. */
  readonly able: number;
  /** The caller asks, or would have the access. */
  readonly own: number;
  /** Somebody else is to decide. */
  readonly others: number;
  /** Not to be approved: no undertaking on file; a forbidding rule broken. */
  readonly lacking: number;
  readonly conflicting: number;
  /** The person has left, or their account cannot be told. */
  readonly unable: number;
  readonly closed: number;
  readonly broken: Broken | null;
  /** Ids of those that may be decided, one a line. */
  readonly evidence: Evidence;
  /** Who asked for them. */
  readonly askers: readonly { readonly id: string; readonly count: number }[];
}

/**
 * Approves or refuses requests in one act. What a guard forbids is left out and counted; a selection
 * of nothing else is refused by that guard: nobody approves their own (ACC-4), none without an
 * undertaking (PEO-4), none with conflicting duties (ACC-4).
 */
export function decideOnRequests(
  state: RequestsState,
  command: DecideRequests,
  context: Context,
): Result<readonly RequestsDecided[], Refused> {
  if (!state.approverId) return refuse('needsPerson');
  if (command.decision === 'refuse' && command.reason === '') return refuse('reasonMissing');
  if (state.able === 0) return refuseAll(state);
  const act = context.newId();
  const [only] = command.ids;
  return ok([
    {
      type: 'RequestsDecided',
      subject: `request/${state.able === 1 && command.ids.length === 1 && only ? only : act}`,
      body: {
        act,
        decision: command.decision,
        by: state.approverId,
        count: state.able,
        ownExcluded: state.own,
        undertakingExcluded: state.lacking,
        conflictExcluded: state.conflicting,
        othersExcluded: state.others + state.unable + state.closed,
        requestsBlob: state.evidence.sha256,
      },
      private: { reason: command.reason },
      blobs: { requestsBlob: state.evidence.bytes },
    },
  ]);
}

function refuseAll(state: RequestsState): { readonly ok: false; readonly refusal: Refused } {
  if (state.own > 0) return refuseByGuard('ACC-4', 'ownRequest', { count: state.own });
  if (state.lacking > 0) return refuseByGuard('PEO-4', 'noUndertaking', { count: state.lacking });
  if (state.conflicting > 0)
    return refuseByGuard('ACC-4', 'conflictingDuties', {
      rule: state.broken?.rule ?? '',
      other: state.broken?.other ?? '',
    });
  if (state.others > 0) return refuse('notYourRequests', { count: state.others });
  if (state.unable > 0) return refuse('personNotAble');
  return refuse(state.closed > 0 ? 'notOpen' : 'notFound');
}

/** Whoever asked hears what became of it. */
export function mailsOfDecision(
  event: RequestsDecided,
  { askers }: RequestsState,
): readonly Effect[] {
  const approved = event.body.decision === 'approve';
  return askers
    .filter(({ id }) => id !== event.body.by)
    .map(({ id, count }) => ({
      kind: 'mail',
      to: id,
      template: approved ? 'access.requestsApproved' : 'access.requestsRefused',
      params: { count },
      path: '/console/my-access?tab=requests',
    }));
}

export interface OneRequestState {
  readonly request: {
    readonly id: string;
    readonly state: RequestState;
    readonly personId: string;
    readonly requesterId: string;
    readonly approverId: string | null;
    readonly lapsesAt: Temporal.Instant;
  } | null;
  readonly callerId: string | null;
}

/** Whoever asked thinks again. */
export function decideWithdrawal(
  { request, callerId }: OneRequestState,
  _command: WithdrawRequest,
  _context: Context,
): Result<readonly RequestWithdrawn[], Refused> {
  if (!request) return refuse('notFound');
  if (!callerId) return refuse('needsPerson');
  if (callerId !== request.personId && callerId !== request.requesterId)
    return refuse('notYourRequests', { count: 1 });
  if (request.state !== 'open') return refuse('notOpen');
  return ok([
    { type: 'RequestWithdrawn', subject: `request/${request.id}`, body: { by: callerId } },
  ]);
}

/** Nobody decided: access is not given by silence. */
export function decideLapse(
  { request }: OneRequestState,
  _command: LapseRequest,
  { now }: Context,
): Result<readonly RequestLapsed[], Refused> {
  if (request?.state !== 'open' || Temporal.Instant.compare(now, request.lapsesAt) < 0)
    return ok([]);
  return ok([
    {
      type: 'RequestLapsed',
      subject: `request/${request.id}`,
      body: { approver: request.approverId },
    },
  ]);
}

export function mailsOfLapse(_event: RequestLapsed, { request }: OneRequestState) {
  if (!request) return [];
  return [
    {
      kind: 'mail' as const,
      to: request.requesterId,
      template: 'access.requestLapsed',
      params: { days: defaults.lapseAfterDays },
      path: '/console/my-access?tab=requests',
    },
  ];
}

export interface GivingBackState {
  readonly callerId: string | null;
  readonly account: { readonly personId: string | null; readonly systemId: string } | null;
  readonly granted: boolean;
  readonly present: boolean;
}

/** Somebody needs no longer what they hold: the grant ends, and what is still there is ordered to go. */
export function decideGivingBack(
  { callerId, account, granted, present }: GivingBackState,
  { accountId, entitlementId }: GiveBack,
  _context: Context,
): Result<readonly AccessGivenBack[], Refused> {
  if (!callerId) return refuse('needsPerson');
  if (!account || account.personId !== callerId) return refuse('notYourAccess');
  if (!granted && !present) return refuse('notFound');
  return ok([
    {
      type: 'AccessGivenBack',
      subject: `account/${accountId}`,
      body: { person: callerId, system: account.systemId, entitlement: entitlementId, granted },
    },
  ]);
}
