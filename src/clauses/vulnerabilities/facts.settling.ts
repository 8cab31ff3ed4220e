import { z } from 'zod';
import type { Event } from '../../policy/event.ts';

/** How the backlog follows from what is known: run by Kept itself, never by a person. */

/** Brings the backlog in line with the newest inventory of a source. */
export const settleSource = z.object({ sourceId: z.uuid() });
export type SettleSource = z.output<typeof settleSource>;

/** Brings the backlog in line with the advisories that an import brought or changed. */
export const settleAdvisories = z.object({ importId: z.uuid() });
export type SettleAdvisories = z.output<typeof settleAdvisories>;

/** Rates items again: something that their class or deadline stands on has changed. */
export const reclassify = z.object({
  because: z.enum(['advisories', 'system', 'systems']),
  /** Of the import, the system, or the import of systems. */
  id: z.string().max(64),
});
export type Reclassify = z.output<typeof reclassify>;

/** Matches everything that is known anew, as if none of it had been: for when the rules of versions change. */
export const settleEverything = z.object({}).strict();
export type SettleEverything = z.output<typeof settleEverything>;

/** How versions are read and compared here; one more wherever an answer may differ. */
export const matchingRules = 1;

export interface MatchedCounts {
  readonly opened: number;
  readonly reopened: number;
  /** Sightings that were there and still are, and that are gone. */
  readonly seenAgain: number;
  readonly gone: number;
  /** Sightings that were not there before. */
  readonly appeared: number;
  /** Items of which no sighting is left: proven fixed, or without what they stood on. */
  readonly fixed: number;
  readonly lapsed: number;
  /** Items carried over from a vulnerability that turned out to be another. */
  readonly joined: number;
}

export type BacklogMatched = Event & {
  readonly type: 'BacklogMatched';
  /** `itemsBlob`: the items, a line each: what became of it, and its id. */
  readonly body: MatchedCounts & { readonly itemsBlob: string | null };
  readonly settled: Settled;
};

/** What was settled: a source up to an audit, or an import of advisories. */
export type Settled =
  | { readonly of: 'source'; readonly sourceId: string }
  | { readonly of: 'advisories'; readonly importId: string }
  | { readonly of: 'everything' };

export type BacklogReclassified = Event & {
  readonly type: 'BacklogReclassified';
  readonly body: ReclassifiedCounts & { readonly itemsBlob: string };
};

/** What rating items again would change, or has changed. */
export interface ReclassifiedCounts {
  /** Items that were rated, and those whose class or deadline is another now. */
  readonly items: number;
  readonly changed: number;
  readonly otherClass: number;
  readonly sooner: number;
  readonly later: number;
  /** Items that are past their deadline, before and after. */
  readonly overdueBefore: number;
  readonly overdueAfter: number;
}

/** Types of entries of this clause after which its checks may answer otherwise. */
export const backlogChanged = [
  'BacklogMatched',
  'BacklogReclassified',
  'BacklogClassified',
  'FindingsReported',
  'DecisionsDecided',
  'DecisionWithdrawn',
  'DecisionsExpired',
  'PatchPolicyChanged',
] as const;
