import { z } from 'zod';
import type { Event } from '../../policy/event.ts';
import {
  type CampaignState,
  campaignStates,
  type Decision,
  decisions,
  defaults,
  type OrderOrigin,
  orderOrigins,
  type ReviewerRule,
  reviewerRules,
} from './facts.terms.ts';

export * from './facts.orders.ts';
export {
  type CampaignState,
  campaignStates,
  type Decision,
  decisions,
  defaults,
  type OrderOrigin,
  orderOrigins,
  type ReviewerRule,
  reviewerRules,
};

const id = z.uuid();
const instant = z.iso.datetime({ offset: true });

/** Which items of a campaign. Every given condition must hold. */
export const itemFilter = z.object({
  system: id.optional(),
  entitlement: id.optional(),
  person: id.optional(),
  account: id.optional(),
  department: z.string().max(200).optional(),
  /** In the name of the account, the entitlement or the person. */
  q: z.string().trim().min(1).max(200).optional(),
  privileged: z.boolean().optional(),
  /** The account belonged to no known person. */
  orphan: z.boolean().optional(),
  undecided: z.boolean().optional(),
  decision: z.enum(decisions).optional(),
  /** Seen in the system; false: a grant that the system does not show. */
  observed: z.boolean().optional(),
  granted: z.boolean().optional(),
  reviewer: z.union([id, z.literal('role')]).optional(),
});
export type ItemFilter = z.output<typeof itemFilter>;

/** Items by number, or all that a filter finds but some. */
export const selection = z.union([
  z.object({ nos: z.array(z.int().positive()).min(1).max(1_000_000) }).strict(),
  z
    .object({ filter: itemFilter, except: z.array(z.int().positive()).max(100_000).optional() })
    .strict(),
]);
export type Selection = z.output<typeof selection>;

export const openCampaign = z.object({
  name: z.string().trim().min(1).max(200),
  /** Every system that is not retired, or these. */
  systems: z.union([z.literal('all'), z.array(id).min(1).max(10_000)]),
  dueAt: instant,
  /** Hours between a decision to revoke and the time by which the access must be gone; 0: at once. */
  revokeWithinHours: z.int().min(0).max(8784).default(defaults.revokeWithinHours),
  reviewerRule: z.enum(reviewerRules).default('systemOwner'),
  /** Who decides where the rule finds nobody; null: anyone with the role of security officer. */
  fallback: id.nullable().default(null),
});
export type OpenCampaign = z.output<typeof openCampaign>;

/** The quarter's campaign, opened by the clock with the settings in force. */
export const openQuarter = z.object({}).strict();
export type OpenQuarter = z.output<typeof openQuarter>;

/** Puts the opening of the next quarter's campaign on the clock, where it is not yet. */
export const scheduleQuarter = z.object({}).strict();
export type ScheduleQuarter = z.output<typeof scheduleQuarter>;

export const decide = z.object({
  campaignId: id,
  decision: z.enum(decisions),
  /** Why; required to revoke and to change. */
  reason: z.string().trim().max(2000).default(''),
  /** What the account is to have instead; required to change, of the same system. */
  wantedEntitlementId: id.nullable().default(null),
  selection,
});
export type Decide = z.output<typeof decide>;

export const delegate = z.object({
  campaignId: id,
  /** Whose undecided items; null: those that the role of security officer holds. */
  from: id.nullable(),
  to: id,
  selection: selection.default({ filter: {} }),
});
export type Delegate = z.output<typeof delegate>;

export const closeCampaign = z.object({ campaignId: id });
export type CloseCampaign = z.output<typeof closeCampaign>;

export const remind = z.object({ campaignId: id, days: z.int().positive() });
export type Remind = z.output<typeof remind>;

export const settings = z.object({
  /** Whether the quarter's campaign opens without anybody's doing. */
  openByItself: z.boolean(),
  /** Days after the first of the quarter. */
  dayOffset: z.int().min(0).max(60),
  lengthDays: z.int().min(1).max(60),
  revokeWithinHours: z.int().min(0).max(8784),
  reviewerRule: z.enum(reviewerRules),
  fallback: id.nullable(),
});
export type Settings = z.output<typeof settings>;

export const shippedSettings: Settings = {
  openByItself: true,
  dayOffset: 0,
  lengthDays: defaults.lengthDays,
  revokeWithinHours: defaults.revokeWithinHours,
  reviewerRule: 'systemOwner',
  fallback: null,
};

/** A campaign as flows see it. Times are RFC 3339 in UTC. */
export interface Campaign {
  readonly id: string;
  readonly name: string;
  readonly quarter: string | null;
  readonly state: CampaignState;
  readonly dueAt: Temporal.Instant;
  readonly revokeWithinHours: number;
  readonly items: number;
  readonly undecided: number;
}

/** How many undecided items wait for whom; null: for the role of security officer. */
export interface Waiting {
  readonly reviewerId: string | null;
  readonly items: number;
}

/** Lines of evidence with their digest in hex. */
export interface Evidence {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

export type RefusalCode =
  | 'notFound'
  | 'campaignClosed'
  | 'dueInThePast'
  | 'systemsNotFound'
  | 'nothingToReview'
  | 'personNotAble'
  | 'needsPerson'
  | 'reasonMissing'
  | 'wantedMissing'
  | 'wantedNotAsked'
  | 'wantedElsewhere'
  | 'nothingSelected'
  | 'ownReview'
  | 'notYourItems'
  | 'undecidedItems'
  | 'notYourSystem'
  | 'noOpenOrders';

export interface CampaignOpened extends Event {
  readonly type: 'CampaignOpened';
  readonly body: {
    readonly quarter: string | null;
    readonly automatic: boolean;
    readonly dueAt: string;
    readonly revokeWithinHours: number;
    readonly reviewerRule: ReviewerRule;
    readonly fallback: string | null;
    readonly systems: number;
    readonly items: number;
    /** Recomputable from the snapshot's CSV and the campaign's salt; see docs. */
    readonly snapshotDigest: string;
  };
  readonly private: { readonly name: string; readonly salt: string };
  /** Projected into the reviewers' tasks; it never reaches the ledger. */
  readonly waiting: readonly Waiting[];
}

export interface ItemsDecided extends Event {
  readonly type: 'ItemsDecided';
  readonly body: {
    readonly act: string;
    readonly decision: Decision;
    readonly reviewer: string;
    readonly count: number;
    /** Own items in the selection, on which the guard let nothing be decided. */
    readonly ownExcluded: number;
    readonly othersExcluded: number;
    readonly wantedEntitlement: string | null;
    /** When access that is to go must be gone; null where it is kept. */
    readonly revokeBy: string | null;
    /** Digest of the lines `no<TAB>decision`. */
    readonly decisionsBlob: string;
  };
  readonly private: { readonly reason: string };
  readonly blobs: { readonly decisionsBlob: Uint8Array };
}

export interface ItemsDelegated extends Event {
  readonly type: 'ItemsDelegated';
  readonly body: {
    readonly from: string | null;
    readonly to: string;
    readonly count: number;
    /** Items that are access of `to`, and stayed where they were. */
    readonly ownExcluded: number;
    /** Digest of the numbers, one a line. */
    readonly itemsBlob: string;
  };
  readonly blobs: { readonly itemsBlob: Uint8Array };
}

export interface CampaignClosed extends Event {
  readonly type: 'CampaignClosed';
  readonly body: {
    readonly state: 'complete' | 'incomplete';
    readonly items: number;
    readonly undecided: number;
    readonly quarter: string | null;
  };
}

export interface ReviewersReminded extends Event {
  readonly type: 'ReviewersReminded';
  readonly body: { readonly days: number; readonly reviewers: number; readonly undecided: number };
}

export interface ReviewScheduled extends Event {
  readonly type: 'ReviewScheduled';
  readonly body: { readonly quarter: string; readonly opensAt: string };
}

export interface ReviewSettingsChanged extends Event {
  readonly type: 'ReviewSettingsChanged';
  readonly body: Settings & { readonly nextOpensAt: string | null };
}
