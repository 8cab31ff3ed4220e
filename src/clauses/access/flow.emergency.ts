import { addHours, instantText } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context, Effect } from '../../policy/event.ts';
import type {
  EmergencyEnded,
  EmergencyRefusal,
  EmergencyReviewed,
  EmergencyReviewMissed,
  EmergencyTaken,
  EndEmergency,
  MissEmergencyReview,
  ReviewEmergency,
  TakeEmergency,
} from './facts.emergency.ts';
import { defaults } from './facts.terms.ts';

type Refused = Refusal<EmergencyRefusal>;

export interface TakingState {
  readonly callerId: string | null;
  readonly name: string;
  readonly able: boolean;
  readonly lacksUndertaking: boolean;
  readonly entitlement: {
    readonly name: string;
    readonly systemId: string;
    readonly system: string;
    readonly ownerId: string | null;
    readonly emergency: boolean;
  } | null;
  /** The caller holds it already, granted or taken. */
  readonly held: boolean;
  readonly officers: readonly string[];
}

/**
 * Takes access at once, for hours. Nobody is asked before; owner and officers are told now, and the
 * review after decides whether it was right. PEO-4: without an undertaking not even this.
 */
export function decideTaking(
  state: TakingState,
  command: TakeEmergency,
  context: Context,
): Result<readonly EmergencyTaken[], Refused> {
  const { callerId, entitlement } = state;
  if (!callerId) return refuse('needsPerson');
  if (!entitlement) return refuse('entitlementUnknown');
  if (!state.able) return refuse('personNotAble');
  if (!entitlement.emergency) return refuse('notForEmergencies');
  if (state.held) return refuse('alreadyGranted');
  if (state.lacksUndertaking) return refuseByGuard('PEO-4', 'noUndertaking', { count: 1 });
  return ok([
    {
      type: 'EmergencyTaken',
      subject: `emergency/${context.newId()}`,
      body: {
        person: callerId,
        system: entitlement.systemId,
        entitlement: command.entitlementId,
        endsAt: instantText(addHours(context.now, command.hours)),
        grant: context.newId(),
      },
      private: { reason: command.reason },
      about: callerId,
    },
  ]);
}

export function mailsOfTaking(
  event: EmergencyTaken,
  { entitlement, name, officers }: TakingState,
): readonly Effect[] {
  const owner = entitlement?.ownerId;
  const told = new Set([...(owner ? [owner] : []), ...officers]);
  return [...told]
    .filter((id) => id !== event.body.person)
    .map((to) => ({
      kind: 'mail',
      to,
      template: 'access.emergencyTaken',
      params: {
        person: name,
        entitlement: entitlement?.name ?? '',
        system: entitlement?.system ?? '',
      },
      path: `/console/emergencies?open=${event.subject.split('/')[1]}`,
    }));
}

export interface EmergencyState {
  readonly callerId: string | null;
  /** Owner of the system, their delegate, or security officer. */
  readonly answerable: boolean;
  readonly emergency: {
    readonly id: string;
    readonly personId: string;
    readonly systemId: string;
    readonly entitlementId: string;
    readonly endsAt: Temporal.Instant;
    readonly ended: boolean;
    readonly reviewDueAt: Temporal.Instant | null;
    readonly reviewed: boolean;
  } | null;
  /** Who can review it: the owner or delegate who did not take it; null: the role. */
  readonly reviewerId: string | null;
}

/** Ends it: at its time by the clock, or before by whoever took it. */
export function decideEmergencyEnd(
  { callerId, emergency, reviewerId }: EmergencyState,
  _command: EndEmergency,
  { now, actor }: Context,
): Result<readonly EmergencyEnded[], Refused> {
  const byClock = actor.kind === 'system';
  if (!emergency) return refuse('notFound');
  if (!byClock && callerId !== emergency.personId) return refuse('notYourAccess');
  if (emergency.ended) return byClock ? ok([]) : refuse('notOpen');
  if (byClock && Temporal.Instant.compare(now, emergency.endsAt) < 0) return ok([]);
  return ok([
    {
      type: 'EmergencyEnded',
      subject: `emergency/${emergency.id}`,
      body: {
        person: emergency.personId,
        system: emergency.systemId,
        entitlement: emergency.entitlementId,
        by: byClock ? null : callerId,
        reviewer: reviewerId,
        reviewDueAt: instantText(addHours(now, 24 * defaults.reviewEmergencyWithinDays)),
      },
    },
  ]);
}

/** The time for its review has passed. */
export function decideMissed(
  { emergency }: EmergencyState,
  _command: MissEmergencyReview,
  { now }: Context,
): Result<readonly EmergencyReviewMissed[], Refused> {
  const due = emergency?.reviewDueAt;
  if (!emergency || !due || emergency.reviewed || Temporal.Instant.compare(now, due) < 0)
    return ok([]);
  return ok([{ type: 'EmergencyReviewMissed', subject: `emergency/${emergency.id}`, body: {} }]);
}

/** Whoever answers for the system says whether it was right. ACC-4: nobody says so of themselves. */
export function decideReview(
  { callerId, answerable, emergency }: EmergencyState,
  { verdict, note }: ReviewEmergency,
  _context: Context,
): Result<readonly EmergencyReviewed[], Refused> {
  if (!emergency) return refuse('notFound');
  if (!callerId) return refuse('needsPerson');
  if (callerId === emergency.personId) return refuseByGuard('ACC-4', 'ownEmergency');
  if (!answerable) return refuse('notYourSystem');
  if (!emergency.ended) return refuse('emergencyNotEnded');
  if (emergency.reviewed) return refuse('alreadyReviewed');
  return ok([
    {
      type: 'EmergencyReviewed',
      subject: `emergency/${emergency.id}`,
      body: { by: callerId, verdict },
      private: { note },
    },
  ]);
}
