import { z } from 'zod';
import { exploitation, prediction, shownAdvisory } from '../../registers/advisories/facts.shown.ts';
import {
  decisionKinds,
  decisionStates,
  itemClasses,
  itemStates,
  policyClasses,
} from './facts.terms.ts';

/** What the backlog answers to those who read it. */

const person = z.object({ id: z.string(), name: z.string() });
const system = z.object({ id: z.string(), key: z.string(), name: z.string() });

export const shownIssue = z.object({
  repository: z.string(),
  number: z.int(),
  url: z.string(),
  /** As the tracker had it when it was last seen. */
  state: z.string(),
  seenAt: z.string(),
});

/** A line of the backlog: one vulnerability in one package of one asset. */
export const backlogItem = z.object({
  id: z.string(),
  /** Shown as V-123. */
  number: z.int(),
  state: z.enum(itemStates),
  class: z.enum(itemClasses),
  score: z.number().nullable(),
  exploited: z.boolean(),
  /** Probability of exploitation within thirty days, 0 to 1; null where none was given. */
  prediction: z.number().nullable(),
  dueAt: z.string(),
  /** It has a deadline that counts, and that is past. */
  overdue: z.boolean(),
  openedAt: z.string(),
  countsFrom: z.string(),
  closedAt: z.string().nullable(),
  reopened: z.int(),
  vulnerability: z.object({
    id: z.string(),
    name: z.string(),
    summary: z.string(),
    withdrawn: z.boolean(),
  }),
  packageKey: z.string(),
  component: z.string(),
  /** Versions in which it is still seen. */
  versions: z.array(z.string()),
  system,
  assignee: person.nullable(),
  /** Smallest version that clears all items of this package in this asset. */
  fixVersion: z.string().nullable(),
  sources: z.array(z.object({ id: z.string(), name: z.string() })),
  /** `match` is our own matching; else names of tools. */
  reporters: z.array(z.string()),
  /** The decision that is asked for or that holds. */
  decision: z
    .object({
      id: z.string(),
      kind: z.enum(decisionKinds),
      state: z.enum(['asked', 'approved']),
      until: z.string(),
      askedBy: person.nullable(),
    })
    .nullable(),
  issue: shownIssue.nullable(),
});
export type BacklogItem = z.output<typeof backlogItem>;

export const shownDecision = z.object({
  id: z.string(),
  kind: z.enum(decisionKinds),
  justification: z.string().nullable(),
  reason: z.string(),
  until: z.string(),
  state: z.enum(decisionStates),
  askedBy: person.nullable(),
  /** The tool whose report stated it, where no person asked. */
  reporter: z.string().nullable(),
  askedAt: z.string(),
  decidedBy: person.nullable(),
  decidedAt: z.string().nullable(),
  note: z.string(),
});
export type ShownDecision = z.output<typeof shownDecision>;

/** A decision with the item it is about. */
export const decisionItem = shownDecision.extend({
  item: z.object({
    id: z.string(),
    number: z.int(),
    vulnerability: z.string(),
    component: z.string(),
    system: z.string(),
  }),
});
export type DecisionItem = z.output<typeof decisionItem>;

/** Who sees an item, where, and since when. */
export const sighting = z.object({
  source: z.object({ id: z.string(), key: z.string(), name: z.string() }),
  reporter: z.string(),
  /** Version of the package; of a rule the place. */
  version: z.string(),
  fixedIn: z.string().nullable(),
  firstSeenAt: z.string(),
  lastSeenAt: z.string(),
  goneAt: z.string().nullable(),
  purl: z.string().nullable(),
  isDevelopment: z.boolean(),
  /** Names from what the software asks for to the component. */
  path: z.array(z.string()).nullable(),
});

/** Why an item is due when it is. */
export const deadlineReason = z.object({
  policyVersion: z.int(),
  class: z.enum(itemClasses),
  /** Days of its class, from when it counts. */
  classDays: z.int(),
  /** Days of what is exploited, from when that was known or it counts; null where it is not. */
  exploitedDays: z.int().nullable(),
  exploitedOn: z.iso.date().nullable(),
  /** It is due sooner than its class says. */
  shortened: z.boolean(),
});

/** What a vector would come to in this asset. */
export const shownRating = z.object({
  score: z.number().nullable(),
  class: z.enum(itemClasses),
  dueAt: z.string(),
  /** The item would be less bad than it is: somebody else has to approve that. */
  lowers: z.boolean(),
});

/** An item with everything that its page shows. */
export const backlogDetail = backlogItem.extend({
  names: z.array(z.string()),
  ownVector: z.string().nullable(),
  /** Whether its class follows from the own vector, rather than from what is published. */
  ownCounts: z.boolean(),
  /** A vector by which it would be less bad, until somebody else than asked for it has decided. */
  proposed: z
    .object({
      /** Null: the own one is to be taken back. */
      vector: z.string().nullable(),
      class: z.enum(itemClasses),
      reason: z.string(),
      askedBy: z.object({ id: z.string(), name: z.string() }),
      askedAt: z.string(),
    })
    .nullable(),
  /** The vulnerability's own vector and base score. */
  vector: z.string().nullable(),
  baseScore: z.number().nullable(),
  requirements: z.object({
    confidentiality: z.int(),
    integrity: z.int(),
    availability: z.int(),
  }),
  advisories: z.array(shownAdvisory.omit({ packages: true })),
  exploitation: exploitation.nullable(),
  predicted: prediction.nullable(),
  deadline: deadlineReason,
  sightings: z.array(sighting),
  decisions: z.array(shownDecision),
  /** Other items of this package in this asset that the same version clears. */
  clearedTogether: z.int(),
});
export type BacklogDetail = z.output<typeof backlogDetail>;

export const groupings = ['component', 'fix', 'asset', 'owner', 'source'] as const;
export type Grouping = (typeof groupings)[number];

/** Items that one act would clear, or that one asset or person has. */
export const backlogGroup = z.object({
  /** What the list is filtered by to see them: a package, a system's key, a person's id, a source's key. */
  key: z.string(),
  name: z.string(),
  /** Of a fix: the version to go to. */
  fixVersion: z.string().nullable(),
  items: z.int(),
  overdue: z.int(),
  exploited: z.int(),
  /** Worst class among them. */
  class: z.enum(itemClasses),
  score: z.number().nullable(),
  dueAt: z.string(),
  /** Assets, the first few by name, and how many there are. */
  assets: z.array(z.string()),
  assetCount: z.int(),
});
export type BacklogGroup = z.output<typeof backlogGroup>;

const perClass = z.object({
  critical: z.int(),
  high: z.int(),
  medium: z.int(),
  low: z.int(),
  unrated: z.int(),
});

/** What the charts are drawn from; nobody's name is in it. */
export const backlogFigures = z.object({
  now: z.object({ open: z.int(), overdue: z.int(), asked: z.int(), exploited: z.int() }),
  /** Open items at the end of each week of the last year. */
  open: z.array(perClass.extend({ day: z.iso.date(), overdue: z.int() })),
  /** Open items by days since they count, the youngest first. */
  ages: z.array(perClass.extend({ upToDays: z.int().nullable() })),
  /** What fell due in a month: put right in time, late, and not yet. */
  attained: z.array(z.object({ month: z.string(), inTime: z.int(), late: z.int(), open: z.int() })),
  /** Days from when it counted until it was fixed, of what was fixed in a month: the middle one, and nine in ten. */
  fixed: z.array(
    z.object({
      month: z.string(),
      fixed: z.int(),
      median: z.number().nullable(),
      ninth: z.number().nullable(),
    }),
  ),
});

/** A version of the patch policy. */
export const shownPolicy = z.object({
  version: z.int(),
  classes: z.array(
    z.object({ class: z.enum(policyClasses), fromScore: z.number(), days: z.int() }),
  ),
  exploitedDays: z.int(),
  acceptanceDays: z.int(),
  textEn: z.string(),
  textJa: z.string(),
  inForceAt: z.string(),
  changedBy: z.string(),
});
export type ShownPolicy = z.output<typeof shownPolicy>;
