import { z } from 'zod';
import type { PersonId } from '../../kernel/id.ts';
import { isUuid } from '../../kernel/id.ts';
import type { Event } from '../../policy/event.ts';

const id = z.string().refine(isUuid);

/** The longest that something may stay as it is by decision: a year, after which it is decided again. */
export const longestExceptionDays = 366;

export const exceptionCommand = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('grantException'),
    findingId: id,
    /** The last day on which the exception holds. */
    until: z.iso.date(),
    reason: z.string().trim().min(1).max(1000),
  }),
  z.object({ do: z.literal('endException'), findingId: id }),
]);
export type ExceptionCommand = z.infer<typeof exceptionCommand>;

export type ExceptionEvent =
  | (Event & {
      readonly type: 'ExceptionGranted';
      readonly findingId: string;
      readonly approverId: PersonId;
      readonly until: Temporal.Instant;
      readonly reason: string;
    })
  | (Event & { readonly type: 'ExceptionEnded'; readonly findingId: string });

export type ExceptionRefusal =
  | 'findingUnknown'
  | 'findingClosed'
  | 'ownFinding'
  | 'approverNeeded'
  | 'untilPast'
  | 'untilTooFar'
  | 'noException';

/** Kind of the obligation by which an exception that has run out is noticed at once. */
export const exceptionEnds = 'findings.exceptionEnds';
