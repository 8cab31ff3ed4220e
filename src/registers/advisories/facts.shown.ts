import { z } from 'zod';
import { severities } from '../../advisories/severity.ts';

const stretch = z.object({
  from: z.string().nullable(),
  before: z.string().nullable(),
  upTo: z.string().nullable(),
});

/** A package that an advisory speaks of, its ranges readable. */
export const shownPackage = z.object({
  packageKey: z.string(),
  ecosystem: z.string(),
  name: z.string(),
  stretches: z.array(stretch),
  versions: z.array(z.string()),
  versionCount: z.int(),
  hasCommits: z.boolean(),
});

/** One advisory as its publisher gave it. */
export const shownAdvisory = z.object({
  id: z.string(),
  summary: z.string(),
  details: z.string(),
  modifiedAt: z.string(),
  publishedAt: z.string().nullable(),
  withdrawnAt: z.string().nullable(),
  origin: z.string(),
  /** Side by side, as given: `CVSS_V3` and its vector; of one package, where it says which. */
  severities: z.array(
    z.object({ type: z.string(), score: z.string(), package: z.string().nullable() }),
  ),
  /** What they come to. */
  severity: z.enum(severities),
  score: z.number().nullable(),
  links: z.array(z.object({ type: z.string(), url: z.string() })),
  packages: z.array(shownPackage),
});
export type ShownAdvisory = z.output<typeof shownAdvisory>;
export type ShownPackage = z.output<typeof shownPackage>;

/** What an entry of CISA's catalogue of exploited vulnerabilities says. */
export const exploitation = z.object({
  cve: z.string(),
  addedOn: z.iso.date(),
  dueOn: z.iso.date().nullable(),
  ransomware: z.boolean(),
  title: z.string(),
  action: z.string(),
});

/** What FIRST predicts: probability of exploitation within thirty days, and the share that is no likelier. */
export const prediction = z.object({
  cve: z.string(),
  score: z.number(),
  percentile: z.number(),
  scoredOn: z.iso.date(),
});
