import { z } from 'zod';
import type { SystemId } from '../../kernel/id.ts';
import { isUuid } from '../../kernel/id.ts';
import type { Event } from '../../policy/event.ts';
import { aspects, essentialAspects, type Gap, ownReasons } from '../connections/facts.connector.ts';

const gap = z.object({
  aspect: z.enum(aspects),
  permission: z.string().max(300),
  message: z.string().max(1000),
});

/** Ends a read whose observations were staged: it becomes what is known of the system, or nothing does. */
export const recordObserved = z.object({
  do: z.literal('recordObserved'),
  /** The open read. */
  readId: z.string().refine(isUuid),
  gaps: z.array(gap).max(1000),
  /** A complete read of nothing takes all access for gone: it must be meant. */
  empty: z.boolean().default(false),
});
export type RecordObserved = z.infer<typeof recordObserved>;

/** What a staged read shows beside what was known, counted. */
export interface ObservedCounts {
  readonly pairs: number;
  readonly accounts: number;
  readonly entitlements: number;
  readonly newAccounts: number;
  readonly newEntitlements: number;
  readonly goneAccounts: number;
  readonly credentials: number;
  readonly settings: number;
  readonly added: number;
  readonly missing: number;
  /** Held by accounts, or of entitlements, that the source did not show: it contradicts itself. */
  readonly dangling: number;
}

/** A read under way, as it was opened. */
export interface OpenRead {
  readonly id: string;
  readonly systemId: SystemId;
  readonly source: string;
  readonly openedAt: Temporal.Instant;
  readonly changes: boolean;
  readonly aspects: readonly string[];
}

/** The same kind of entry as of a list that was brought: the system was read. */
export type ObservationsRecorded = Event & {
  readonly type: 'AccessObserved';
  readonly read: OpenRead;
  readonly complete: boolean;
  readonly counts: ObservedCounts;
  readonly gone: number;
  readonly digest: string;
  readonly gaps: RecordObserved['gaps'];
};

export type ObservedRefusal =
  | 'readUnknown'
  | 'systemUnknown'
  | 'systemRetired'
  | 'emptyRead'
  | 'readOvertaken';

/** No gap in what proves that access is gone. */
export function isGapless(gaps: RecordObserved['gaps']): boolean {
  return !gaps.some(({ aspect }) => essentialAspects.includes(aspect));
}

/**
 * A read that shows access of something it does not show contradicts itself: one of its lists misses
 * something, and nobody knows what else. A whole one can then show access, and prove none of it gone.
 */
export function contradictions({ dangling }: ObservedCounts): readonly Gap[] {
  const gap = { permission: '', message: ownReasons.contradicts };
  return dangling > 0 ? [{ aspect: 'held', ...gap }] : [];
}
