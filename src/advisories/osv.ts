import { z } from 'zod';

/** Limits that keep an advisory of a stranger from filling memory. */
const shortText = z.string().max(2000);
const event = z.union([
  z.object({ introduced: shortText }),
  z.object({ fixed: shortText }),
  z.object({ last_affected: shortText }),
  z.object({ limit: shortText }),
]);

export const osvRange = z.object({
  type: z.enum(['SEMVER', 'ECOSYSTEM', 'GIT']),
  repo: shortText.optional(),
  events: z.array(event).max(10_000),
});

export const osvSeverity = z.object({ type: shortText, score: shortText });

export const osvAffected = z.object({
  package: z
    .object({ ecosystem: shortText, name: shortText, purl: shortText.optional() })
    .optional(),
  ranges: z.array(osvRange).max(10_000).nullish(),
  versions: z.array(shortText).max(200_000).nullish(),
  severity: z.array(osvSeverity).nullish(),
  ecosystem_specific: z.record(z.string(), z.unknown()).nullish(),
  database_specific: z.record(z.string(), z.unknown()).nullish(),
});

/** An advisory in the OSV format (ossf.github.io/osv-schema, 1.7), as far as we stand on it. */
export const osvAdvisory = z.object({
  schema_version: shortText.optional(),
  id: z.string().min(1).max(200),
  modified: z.iso.datetime({ offset: true }),
  published: z.iso.datetime({ offset: true }).nullish(),
  withdrawn: z.iso.datetime({ offset: true }).nullish(),
  aliases: z.array(shortText).nullish(),
  upstream: z.array(shortText).nullish(),
  related: z.array(shortText).nullish(),
  summary: z.string().nullish(),
  details: z.string().nullish(),
  severity: z.array(osvSeverity).nullish(),
  affected: z.array(osvAffected).nullish(),
  references: z.array(z.object({ type: shortText, url: z.string() })).nullish(),
  database_specific: z.record(z.string(), z.unknown()).nullish(),
});

export type OsvAdvisory = z.output<typeof osvAdvisory>;
export type OsvAffected = z.output<typeof osvAffected>;
export type OsvRange = z.output<typeof osvRange>;
export type OsvEvent = z.output<typeof event>;
