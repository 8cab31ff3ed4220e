import { sql } from 'kysely';
import type { OsvAffected } from '../../advisories/osv.ts';
import type { Severity } from '../../advisories/severity.ts';
import type { Db } from '../../kernel/db.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { together } from '../../kernel/together.ts';
import type { ShownAdvisory } from './facts.shown.ts';
import { type VulnerabilityRow, vulnerabilityList, vulnerabilityOf } from './list.ts';
import { readableRanges } from './ranges.ts';

interface AdvisoryRow {
  readonly id: string;
  readonly summary: string;
  readonly details: string;
  readonly modifiedAt: Instant;
  readonly publishedAt: Instant | null;
  readonly withdrawnAt: Instant | null;
  readonly origin: string;
  readonly severities: readonly { type: string; score: string; package?: string }[];
  readonly severity: Severity;
  readonly score: string | null;
  readonly links: unknown;
}

interface PackageRow {
  readonly advisoryId: string;
  readonly packageKey: string;
  readonly ecosystem: string;
  readonly name: string;
  readonly affected: OsvAffected;
}

/** Packages of one vulnerability that are read; some are of thousands of distributions. */
const packagesShown = 300;

/** A vulnerability by its id or any of its names, with everything that its advisories say; null where none is. */
export async function shownVulnerability(db: Db, idOrName: string) {
  const { source } = vulnerabilityList;
  const found = await sql<VulnerabilityRow>`
    select ${source.select} from (
      select coalesce(joined_into, id) as id from vulnerability where id::text = ${idOrName}
      union select vulnerability_id from vulnerability_name where name = ${idOrName}) page
    ${source.details} limit 1`.execute(db);
  const [row] = found.rows;
  if (!row) return null;
  const one = together(db);
  const [names, advisories, packages, exploited, prediction] = await Promise.all([
    namesOf(one, row.id),
    advisoriesOf(one, row.id),
    packagesOf(one, row.id),
    exploitationOf(one, row.id),
    predictionOf(one, row.id),
  ]);
  return {
    ...vulnerabilityOf(row),
    names,
    advisories: advisories.map((each) => ({
      ...each,
      packages: packages.rows
        .filter(({ advisoryId }) => advisoryId === each.id)
        .map(({ affected, advisoryId: _, ...named }) => ({
          ...named,
          ...readableRanges(affected),
        })),
    })),
    packageCount: packages.total,
    exploitation: exploited,
    predicted: prediction,
  };
}

async function namesOf(db: Db, id: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from vulnerability_name where vulnerability_id = ${id}
    order by case when name like 'CVE-%' then 0 when name like 'GHSA-%' then 1 else 2 end, name`.execute(
    db,
  );
  return rows.map(({ name }) => name);
}

async function advisoriesOf(db: Db, id: string): Promise<Omit<ShownAdvisory, 'packages'>[]> {
  const { rows } = await sql<AdvisoryRow>`
    select id, summary, details, modified_at as "modifiedAt", published_at as "publishedAt",
      withdrawn_at as "withdrawnAt", origin, severities, severity, score, links
    from advisory where vulnerability_id = ${id}
    order by withdrawn_at is not null, published_at nulls last, id limit 60`.execute(db);
  return rows.map(({ modifiedAt, publishedAt, withdrawnAt, links, ...row }) => ({
    ...row,
    score: row.score === null ? null : Number(row.score),
    severities: row.severities.map(({ type, score, package: of }) => ({
      type,
      score,
      package: of ?? null,
    })),
    links: linksOf(links),
    modifiedAt: instantText(modifiedAt),
    publishedAt: publishedAt && instantText(publishedAt),
    withdrawnAt: withdrawnAt && instantText(withdrawnAt),
  }));
}

/** Links that lead out by the web alone: an advisory is a stranger's text. */
function linksOf(links: unknown): { type: string; url: string }[] {
  if (!Array.isArray(links)) return [];
  return links.flatMap((link: unknown) => {
    const { type, url } =
      typeof link === 'string'
        ? { type: 'WEB', url: link }
        : ((link ?? {}) as Record<string, unknown>);
    const isWeb = typeof url === 'string' && /^https?:\/\//.test(url);
    return isWeb ? [{ type: typeof type === 'string' ? type : 'WEB', url }] : [];
  });
}

async function packagesOf(db: Db, id: string) {
  const { rows } = await sql<PackageRow & { total: number }>`
    select spoken.advisory_id as "advisoryId", spoken.package_key as "packageKey",
      spoken.ecosystem, spoken.name, spoken.affected, (count(*) over ())::int as total
    from advisory_package spoken join advisory on advisory.id = spoken.advisory_id
    where advisory.vulnerability_id = ${id}
    order by spoken.advisory_id, spoken.ecosystem, spoken.name, spoken.id limit ${packagesShown}`.execute(
    db,
  );
  return { rows: rows.map(({ total: _, ...row }) => row), total: rows[0]?.total ?? 0 };
}

async function exploitationOf(db: Db, id: string) {
  const { rows } = await sql<{
    cve: string;
    addedOn: Temporal.PlainDate;
    dueOn: Temporal.PlainDate | null;
    ransomware: boolean;
    title: string;
    action: string;
  }>`
    select exploited.cve, added_on as "addedOn", due_on as "dueOn", ransomware, title, action
    from exploited join vulnerability_name called on called.name = exploited.cve
    where called.vulnerability_id = ${id} order by added_on limit 1`.execute(db);
  const [row] = rows;
  return row
    ? { ...row, addedOn: row.addedOn.toString(), dueOn: row.dueOn?.toString() ?? null }
    : null;
}

async function predictionOf(db: Db, id: string) {
  const { rows } = await sql<{
    cve: string;
    score: number;
    percentile: number;
    scoredOn: Temporal.PlainDate;
  }>`
    select predicted.cve, predicted.score, predicted.percentile, predicted.scored_on as "scoredOn"
    from exploit_prediction predicted join vulnerability_name called on called.name = predicted.cve
    where called.vulnerability_id = ${id} order by predicted.score desc limit 1`.execute(db);
  const [row] = rows;
  return row ? { ...row, scoredOn: row.scoredOn.toString() } : null;
}
