import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ExploitedEntry } from '../../advisories/exploited.ts';
import type { PredictedEntry } from '../../advisories/predictions.ts';
import { isUuid } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Event } from '../../policy/event.ts';
import type { CountedAdvisory, SetAside, TakenAdvisory } from './facts.reading.ts';
import type { MergedVulnerability } from './flow.merging.ts';

/** `osv`: advisories; `kev`: what is known to be exploited (CISA); `epss`: how likely that is (FIRST). */
export const importKinds = ['osv', 'kev', 'epss'] as const;
export type ImportKind = (typeof importKinds)[number];

const id = z.string().refine(isUuid);
const kind = z.enum(importKinds);

/** Why an import ended without its end, or waits to be tried again; sentences are in the words. */
export const importProblems = [
  'archiveDamaged',
  'archiveUnknown',
  'archiveTooLarge',
  'feedUnreachable',
  'feedRefused',
  'feedUnexpected',
  'interrupted',
] as const;
export type ImportProblem = (typeof importProblems)[number];

/** Ecosystems as OSV names them: folders of the bucket. */
export const ecosystemName = z.string().regex(/^[A-Za-z][A-Za-z0-9 .:+_-]{0,79}$/);

export const feedChanges = z.object({
  on: z.boolean().optional(),
  /** Where it is fetched from: a mirror or proxy where the network asks for one. */
  address: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .optional(),
  ecosystems: z.array(ecosystemName).min(1).max(60).optional(),
  everyHours: z.int().min(1).max(168).optional(),
  staleAfterHours: z.int().min(1).max(744).optional(),
});
export type FeedChanges = z.infer<typeof feedChanges>;

export const importCommand = z.discriminatedUnion('do', [
  /** A file was received whole, and lies in pieces under this id. */
  z.object({
    do: z.literal('importAdvisories'),
    id,
    kind,
    origin: z.string().max(200),
    /** Ecosystems of which it has every advisory there is, as who brings it says. */
    covers: z.array(ecosystemName).max(60).optional(),
  }),
  z.object({ do: z.literal('updateAdvisories'), kind }),
  z.object({
    do: z.literal('changeFeed'),
    kind,
    version: z.int(),
    changes: feedChanges,
  }),
  /** Said by whoever is at work on it, alone. */
  z.object({
    do: z.literal('finishImport'),
    id,
    /** That process; absent where no process has taken it up. */
    holder: id.optional(),
    problem: z.enum(importProblems).nullable(),
    detail: z.string().max(1000),
  }),
]);
export type ImportCommand = z.infer<typeof importCommand>;

/** A feed as an officer has set it. */
export interface Feed {
  readonly kind: ImportKind;
  readonly on: boolean;
  readonly address: string;
  readonly ecosystems: readonly string[];
  readonly everyHours: number;
  readonly staleAfterHours: number;
  readonly version: number;
}

/** Numbers of an import, each once: they add up to `read`. */
export interface ImportCounts {
  readonly read: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly withdrawn: number;
  readonly refused: number;
}

export type ImportEvent =
  | (Event & {
      readonly type: 'AdvisoryImportAsked';
      readonly asked: {
        readonly id: string;
        readonly kind: ImportKind;
        readonly way: 'file' | 'feed';
        readonly origin: string;
        readonly covers: readonly string[];
      };
    })
  | (Event & {
      readonly type: 'AdvisoriesImported';
      readonly id: string;
      readonly problem: ImportProblem | null;
      readonly detail: string;
      /** Ecosystems that were read whole. */
      readonly covered: readonly string[];
    })
  | (Event & {
      readonly type: 'AdvisoryFeedChanged';
      readonly feed: Feed;
      /** Another address: nothing that was read of the old one counts there. */
      readonly moved: boolean;
      readonly nextAt: Instant | null;
    });

export type ImportRefusal =
  | 'importUnderWay'
  | 'importUnknown'
  | 'importEnded'
  | 'importMovedOn'
  | 'nothingToChange'
  | 'versionConflict';

/** Where in its archive a batch stood: what guards against two processes that take the same. */
export interface BatchPlace {
  readonly importId: string;
  /** Which archive or page of those an import reads. */
  readonly part: string;
  /** Entries of it taken before this batch, and after. */
  readonly from: number;
  readonly to: number;
  /** Entries that it has; null where nobody knows yet. */
  readonly entries: number | null;
}

const place = z.object({
  importId: id,
  part: z.string().max(200),
  from: z.int().min(0),
  to: z.int().min(0),
  entries: z.int().min(0).nullable(),
});

/** Some thousands of advisories, read and checked already by `readAdvisory`. */
export interface TakeAdvisories {
  readonly do: 'takeAdvisories';
  readonly place: BatchPlace;
  readonly advisories: readonly TakenAdvisory[];
  readonly setAside: readonly SetAside[];
}

export const takeAdvisories: z.ZodType<TakeAdvisories> = z.object({
  do: z.literal('takeAdvisories'),
  place,
  advisories: z.array(z.custom<TakenAdvisory>((it) => typeof it === 'object')).max(20_000),
  setAside: z.array(z.object({ name: z.string(), reason: z.string() })).max(20_000),
});

/** What each batch of an import says of itself. */
export type AdvisoriesTaken = Event & {
  readonly type: 'AdvisoriesTaken';
  readonly place: BatchPlace;
  readonly counts: ImportCounts;
  readonly digest: string;
  readonly setAside: readonly SetAside[];
  readonly taken: readonly PlacedAdvisory[];
  /** Those of the batch, new or not, that speak of an ecosystem that the file is said to be all of. */
  readonly counted: readonly CountedAdvisory[];
  /** Advisories that stay as they are, in another vulnerability. */
  readonly moved: readonly { readonly id: string; readonly vulnerabilityId: string }[];
  /** Those that are new or differ from what was known. */
  readonly vulnerabilities: readonly MergedVulnerability[];
  /** Names of those: that nothing went by before, and that another one went by. */
  readonly names: { readonly added: readonly CalledBy[]; readonly moved: readonly CalledBy[] };
  readonly joined: readonly (readonly [from: string, into: string])[];
};

export interface PlacedAdvisory extends TakenAdvisory {
  readonly vulnerabilityId: string;
  readonly isNew: boolean;
}

/** A name, and the vulnerability that goes by it. */
export interface CalledBy {
  readonly name: string;
  readonly vulnerabilityId: string;
}

export type TakingRefusal = 'importUnknown' | 'importEnded' | 'importMovedOn';

export type TakeScores =
  | {
      readonly do: 'takeExploited';
      readonly place: BatchPlace;
      /** When the catalogue was released; one that is older than what is known takes nothing back. */
      readonly releasedAt?: string | null;
      /** The whole catalogue: what is no longer in it is no longer exploited. */
      readonly entries: readonly ExploitedEntry[];
      readonly setAside: readonly SetAside[];
    }
  | {
      readonly do: 'takePredictions';
      readonly place: BatchPlace;
      readonly scoredOn: string;
      readonly entries: readonly PredictedEntry[];
      readonly setAside: readonly SetAside[];
    };

export type ScoresTaken = Event & {
  readonly type: 'AdvisoriesTaken';
  readonly place: BatchPlace;
  readonly counts: ImportCounts;
  readonly digest: string;
  readonly command: TakeScores;
  /** The catalogue is older than one that was taken: nothing is made of it. */
  readonly isOlder: boolean;
};

/** Chained: every batch stands on the digests of those before it. */
export function chainedDigest(before: string, lines: readonly string[]): string {
  const hash = createHash('sha256').update(`${before}\n`);
  for (const line of lines) hash.update(`${line}\n`);
  return hash.digest('hex');
}
