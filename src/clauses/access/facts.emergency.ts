import { z } from 'zod';
import type { Event } from '../../policy/event.ts';
import { defaults, type Verdict, verdicts } from './facts.terms.ts';

/** Access taken at once in an emergency, and the review that must follow. */

const id = z.uuid();

export const takeEmergency = z.object({
  entitlementId: id,
  reason: z.string().trim().min(1).max(2000),
  hours: z.int().min(1).max(defaults.longestEmergencyHours).default(defaults.emergencyHours),
});
export type TakeEmergency = z.output<typeof takeEmergency>;

/** Ended by whoever took it, or by the clock at its time. */
export const endEmergency = z.object({ id });
export type EndEmergency = z.output<typeof endEmergency>;

export const missEmergencyReview = z.object({ id });
export type MissEmergencyReview = z.output<typeof missEmergencyReview>;

export const reviewEmergency = z.object({
  id,
  verdict: z.enum(verdicts),
  note: z.string().trim().min(1).max(2000),
});
export type ReviewEmergency = z.output<typeof reviewEmergency>;

export type EmergencyRefusal =
  | 'notFound'
  | 'entitlementUnknown'
  | 'needsPerson'
  | 'personNotAble'
  | 'notForEmergencies'
  | 'alreadyGranted'
  | 'noUndertaking'
  | 'notYourAccess'
  | 'notOpen'
  | 'emergencyNotEnded'
  | 'alreadyReviewed'
  | 'ownEmergency'
  | 'notYourSystem';

export interface EmergencyTaken extends Event {
  readonly type: 'EmergencyTaken';
  readonly body: {
    readonly person: string;
    readonly system: string;
    readonly entitlement: string;
    readonly endsAt: string;
    readonly grant: string;
  };
  readonly private: { readonly reason: string };
}

export interface EmergencyEnded extends Event {
  readonly type: 'EmergencyEnded';
  readonly body: {
    readonly person: string;
    readonly system: string;
    readonly entitlement: string;
    /** Null: the clock. */
    readonly by: string | null;
    /** Who is to review it; null: the role of security officer. */
    readonly reviewer: string | null;
    readonly reviewDueAt: string;
  };
}

export interface EmergencyReviewMissed extends Event {
  readonly type: 'EmergencyReviewMissed';
}

export interface EmergencyReviewed extends Event {
  readonly type: 'EmergencyReviewed';
  readonly body: { readonly by: string; readonly verdict: Verdict };
  readonly private: { readonly note: string };
}
