import { z } from 'zod';
import type { Event } from '../../policy/event.ts';
import { personId } from '../../registers/people/facts.ts';
import { type LeavingTrigger, leavingTriggers } from '../../registers/people/store.leaving.ts';
import type { Counts } from './take.ts';

/** RFC 3339: the moment from which on the seconds of a departure count. */
const triggeredAt = z.iso.datetime();

export const leavingCommand = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('endAccess'),
    id: personId,
    trigger: z.enum(leavingTriggers),
    triggeredAt,
  }),
  z.object({ do: z.literal('suspendAccess'), id: personId }),
  z.object({ do: z.literal('liftSuspension'), id: personId }),
]);
export type LeavingCommand = z.infer<typeof leavingCommand>;

/** Everything was taken from somebody who leaves. `counts`: how much of each, by name. */
export interface AccessEnded extends Event {
  readonly type: 'AccessEnded';
  readonly body: {
    readonly trigger: LeavingTrigger;
    readonly triggeredAt: string;
    readonly endsOn: string;
    readonly counts: Counts;
  };
}
export interface EmploymentEnded extends Event {
  readonly type: 'EmploymentEnded';
  readonly body: { readonly endsOn: string };
}
/** Somebody may not enter for a while, and keeps what they were given. */
export interface AccessSuspended extends Event {
  readonly type: 'AccessSuspended';
  readonly body: { readonly counts: Counts };
}
export interface SuspensionLifted extends Event {
  readonly type: 'SuspensionLifted';
}
export type LeavingEvent = AccessEnded | EmploymentEnded | AccessSuspended | SuspensionLifted;

export type LeavingRefusal = 'personUnknown' | 'personErased' | 'personHasLeft';
