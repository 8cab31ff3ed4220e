import { z } from 'zod';
import type { Event } from '../../policy/event.ts';
import { anId } from './facts.ts';

/** A hold stops every clock of a customer's data: nothing is disposed of, no key is destroyed. */
export const holdCommand = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('placeHold'),
    customerId: anId,
    reason: z.string().trim().min(1).max(2000),
    /** Day by which it is looked at again. */
    reviewOn: z.iso.date(),
  }),
  /** Looked at, and still needed. */
  z.object({
    do: z.literal('reviewHold'),
    holdId: anId,
    note: z.string().trim().min(1).max(2000),
    reviewOn: z.iso.date(),
  }),
  z.object({
    do: z.literal('liftHold'),
    holdId: anId,
    note: z.string().trim().min(1).max(2000),
  }),
]);
export type HoldCommand = z.infer<typeof holdCommand>;

/** Subject `customer/ID`: the timeline that tells of the account tells of its holds. */
export type HoldEvent =
  | (Event & {
      readonly type: 'HoldPlaced';
      readonly body: {
        readonly hold: string;
        readonly by: string | null;
        readonly reviewOn: string;
      };
      readonly private: { readonly reason: string };
    })
  | (Event & {
      readonly type: 'HoldReviewed';
      readonly body: {
        readonly hold: string;
        readonly by: string | null;
        readonly reviewOn: string;
      };
      readonly private: { readonly note: string };
    })
  | (Event & {
      readonly type: 'HoldLifted';
      /** `held`: whether another hold remains, so that the clocks stand still. */
      readonly body: { readonly hold: string; readonly by: string | null; readonly held: boolean };
      readonly private: { readonly note: string };
    });

export type HoldRefusal =
  | 'notFound'
  | 'customerGone'
  | 'holdTooLate'
  | 'reviewInPast'
  | 'reviewTooLate'
  | 'holdLifted'
  | 'needsPerson'
  | 'ownHold';

/** Days ahead that a review may lie at most: a hold that nobody looks at for a year is forgotten. */
export const reviewWithinDays = 366;

/** Types of entries after which holds may differ. */
export const holdsChanged = ['HoldPlaced', 'HoldReviewed', 'HoldLifted'] as const;
