import { sql } from 'kysely';
import { z } from 'zod';
import { severities } from '../../advisories/severity.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { type Condition, flag, type List, type SortColumn } from '../list.ts';

/** A line of the register of vulnerabilities. */
export const vulnerabilityItem = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['advisory', 'rule']),
  summary: z.string(),
  severity: z.enum(severities),
  score: z.number().nullable(),
  vector: z.string().nullable(),
  publishedAt: z.string().nullable(),
  withdrawnAt: z.string().nullable(),
  knownAt: z.string(),
  changedAt: z.string(),
  /** Known to be exploited (CISA). */
  exploited: z.boolean(),
  /** Probability of exploitation within thirty days, 0 to 1 (FIRST); null where none was given. */
  prediction: z.number().nullable(),
  /** Packages its advisories speak of, the first few. */
  packages: z.array(z.string()),
});
export type VulnerabilityItem = z.output<typeof vulnerabilityItem>;

export interface VulnerabilityRow
  extends Omit<
    VulnerabilityItem,
    'publishedAt' | 'withdrawnAt' | 'knownAt' | 'changedAt' | 'score'
  > {
  readonly score: string | number | null;
  readonly publishedAt: Instant | null;
  readonly withdrawnAt: Instant | null;
  readonly knownAt: Instant;
  readonly changedAt: Instant;
}

/** Whether any of its names stands in the catalogue of what is exploited. */
const isExploited = sql`exists (select from vulnerability_name called
  join exploited on exploited.cve = called.name where called.vulnerability_id = vulnerability.id)`;

export const vulnerabilitySorts = {
  name: { sql: sql`vulnerability.name`, type: 'text' },
  changed: { sql: sql`vulnerability.changed_at`, type: 'timestamptz' },
  published: { sql: sql`vulnerability.published_at`, type: 'timestamptz', nullable: true },
  score: { sql: sql`(vulnerability.score * 10)::integer`, type: 'integer', nullable: true },
} satisfies Record<string, SortColumn>;

/** Every vulnerability that an advisory or a tool has named. */
export const vulnerabilityList: List<VulnerabilityRow, VulnerabilityItem> = {
  source: {
    from: [sql`vulnerability`],
    key: { id: sql`vulnerability.id` },
    sorts: vulnerabilitySorts,
    defaultSort: '-changed',
    search: (like) => ({
      sql: sql`lower(vulnerability.summary) like ${like} or vulnerability.id in (
          select vulnerability_id from vulnerability_name where lower(name) like ${like}
          union all
          select advisory.vulnerability_id from advisory_package spoken
          join advisory on advisory.id = spoken.advisory_id where lower(spoken.name) like ${like})`,
    }),
    select: sql`vulnerability.id, vulnerability.name, vulnerability.kind, vulnerability.summary,
      vulnerability.severity, vulnerability.score, vulnerability.vector,
      vulnerability.published_at as "publishedAt", vulnerability.withdrawn_at as "withdrawnAt",
      vulnerability.known_at as "knownAt", vulnerability.changed_at as "changedAt",
      ${isExploited} as exploited, predicted.score as prediction,
      coalesce(spoken.names, '{}') as packages`,
    details: sql`join vulnerability on vulnerability.id = page.id
      left join lateral (select max(exploit_prediction.score) as score from vulnerability_name called
        join exploit_prediction on exploit_prediction.cve = called.name
        where called.vulnerability_id = vulnerability.id) predicted on true
      left join lateral (select array_agg(few.name) as names from (
        select distinct advisory_package.name from advisory
        join advisory_package on advisory_package.advisory_id = advisory.id
        where advisory.vulnerability_id = vulnerability.id order by 1 limit 4) few) spoken on true`,
  },
  item: vulnerabilityOf,
  csv: [
    { header: 'name', cell: (it) => it.name },
    { header: 'kind', cell: (it) => it.kind },
    { header: 'summary', cell: (it) => it.summary },
    { header: 'severity', cell: (it) => it.severity },
    { header: 'score', cell: (it) => it.score },
    { header: 'vector', cell: (it) => it.vector },
    { header: 'exploited', cell: (it) => it.exploited },
    { header: 'prediction', cell: (it) => it.prediction },
    { header: 'packages', cell: (it) => it.packages.join(' ') },
    { header: 'publishedAt', cell: (it) => it.publishedAt },
    { header: 'withdrawnAt', cell: (it) => it.withdrawnAt },
    { header: 'changedAt', cell: (it) => it.changedAt },
  ],
  filename: 'vulnerabilities',
};

export function vulnerabilityOf(row: VulnerabilityRow): VulnerabilityItem {
  return {
    ...row,
    score: row.score === null ? null : Number(row.score),
    publishedAt: row.publishedAt && instantText(row.publishedAt),
    withdrawnAt: row.withdrawnAt && instantText(row.withdrawnAt),
    knownAt: instantText(row.knownAt),
    changedAt: instantText(row.changedAt),
  };
}

export const vulnerabilityFilters = {
  severity: z.enum(severities).optional(),
  exploited: flag.optional(),
  withdrawn: flag.optional(),
  kind: z.enum(['advisory', 'rule']).optional(),
  /** A package in use by any source that is not retired. */
  inUse: flag.optional(),
  package: z.string().max(300).optional(),
};

export function vulnerabilityConditions(
  filters: z.output<z.ZodObject<typeof vulnerabilityFilters>>,
): Condition[] {
  // What was joined into another is that other now.
  const conditions: Condition[] = [{ sql: sql`vulnerability.joined_into is null` }];
  const { severity, exploited, withdrawn, kind, inUse } = filters;
  if (severity) conditions.push({ sql: sql`vulnerability.severity = ${severity}` });
  if (kind) conditions.push({ sql: sql`vulnerability.kind = ${kind}` });
  if (exploited !== undefined) conditions.push({ sql: sql`${isExploited} = ${exploited}` });
  if (withdrawn !== undefined)
    conditions.push({ sql: sql`(vulnerability.withdrawn_at is not null) = ${withdrawn}` });
  if (inUse !== undefined)
    conditions.push({
      sql: sql`(vulnerability.id in (select advisory.vulnerability_id from advisory_package spoken
        join advisory on advisory.id = spoken.advisory_id
        where spoken.package_key in (select package_key from package_version))) = ${inUse}`,
    });
  if (filters.package)
    conditions.push({
      sql: sql`vulnerability.id in (select advisory.vulnerability_id from advisory_package spoken
        join advisory on advisory.id = spoken.advisory_id
        where spoken.package_key = ${filters.package} or spoken.name = ${filters.package})`,
    });
  return conditions;
}
