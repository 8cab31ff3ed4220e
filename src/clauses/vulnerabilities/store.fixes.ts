import { type RawBuilder, sql } from 'kysely';
import type { OsvAffected } from '../../advisories/osv.ts';
import { type Tx, write } from '../../kernel/db.ts';
import { fixVersionOf } from './facts.matching.ts';

/** The smallest version that clears all open items of a package in an asset. */

interface Pair {
  readonly packageKey: string;
  readonly systemId: string;
  readonly ecosystem: string | null;
  readonly versions: readonly string[];
  readonly vulnerabilities: readonly string[];
}

interface Known {
  readonly packageKey: string;
  readonly packages: readonly {
    readonly vulnerabilityId: string;
    readonly affected: OsvAffected;
  }[];
}

/** Packages worked out at once: what is known of some is long. */
const packagesAtOnce = 200;
/** Packages in assets above which they are joined in one go rather than looked up one by one. */
const manyPairs = 2000;

/**
 * Works the fix versions of packages in assets out anew.
 *
 * @param touched query with `package_key` and `system_id`
 */
export async function refreshFixes(tx: Tx, touched: RawBuilder<unknown>): Promise<void> {
  const packages = [...Map.groupBy(await pairsOf(tx, touched), ({ packageKey }) => packageKey)];
  for (let from = 0; from < packages.length; from += packagesAtOnce) {
    const some = packages.slice(from, from + packagesAtOnce);
    const known = await knownOf(
      tx,
      some.map(([packageKey]) => packageKey),
    );
    const worked = new Map<string, string | null>();
    const these = some.flatMap(([, pairs]) => pairs);
    const fixes = these.map((pair) => once(worked, pair, known.get(pair.packageKey) ?? []));
    await write(
      tx,
      sql`
      update backlog_item i set fix_version = f.fix
      from unnest(${these.map(({ packageKey }) => packageKey)}::text[],
        ${these.map(({ systemId }) => systemId)}::uuid[], ${fixes}::text[]) as f (package_key, system_id, fix)
      where i.package_key = f.package_key and i.system_id = f.system_id
        and i.state in ('open', 'working') and i.fix_version is distinct from f.fix`,
    );
  }
}

/** The same versions with the same vulnerabilities are cleared by the same version, in whichever asset. */
function once(worked: Map<string, string | null>, pair: Pair, known: Known['packages']) {
  const { packageKey, ecosystem, versions, vulnerabilities } = pair;
  const key = JSON.stringify([packageKey, ecosystem, versions, vulnerabilities]);
  const before = worked.get(key);
  if (before !== undefined) return before;
  const open = new Set(vulnerabilities);
  const fix =
    ecosystem === null
      ? null
      : fixVersionOf({
          ecosystem,
          versions,
          open: known
            .filter(({ vulnerabilityId }) => open.has(vulnerabilityId))
            .map(({ affected }) => affected),
          known: known.map(({ affected }) => affected),
        });
  worked.set(key, fix);
  return fix;
}

async function pairsOf(tx: Tx, touched: RawBuilder<unknown>): Promise<readonly Pair[]> {
  await write(
    tx,
    sql`
    create temporary table pair on commit drop as
    select distinct package_key, system_id from (${touched}) t`,
  );
  await write(tx, sql`analyze pair`);
  const counted = await sql<{ pairs: number }>`select count(*)::int as pairs from pair`.execute(tx);
  // Items and sightings of many were just written and nobody has counted them: a loop in a loop would be
  // chosen, over every item of an asset for each of its packages.
  const many = (counted.rows[0]?.pairs ?? 0) > manyPairs;
  if (many) await write(tx, sql`set local enable_nestloop = off`);
  const { rows } = await sql<Pair>`
    select i.package_key as "packageKey", i.system_id as "systemId",
      array_agg(distinct i.vulnerability_id order by i.vulnerability_id)::text[] as vulnerabilities,
      array_agg(distinct s.version order by s.version) filter (where s.version <> '') as versions,
      -- a version of a distribution is of one release of it
      max(pv.ecosystem) as ecosystem
    from pair t join backlog_item i on i.package_key = t.package_key and i.system_id = t.system_id
      and i.state in ('open', 'working')
    join sighting s on s.item_id = i.id and s.gone_at is null
    left join package_version pv on pv.package_key = i.package_key and pv.version = s.version
    group by i.package_key, i.system_id`.execute(tx);
  if (many) await write(tx, sql`set local enable_nestloop = on`);
  await write(tx, sql`drop table pair`);
  return rows.map((row) => ({ ...row, versions: row.versions ?? [] }));
}

async function knownOf(
  tx: Tx,
  packages: readonly string[],
): Promise<ReadonlyMap<string, Known['packages']>> {
  const { rows } = await sql<Known>`
    select ap.package_key as "packageKey",
      jsonb_agg(jsonb_build_object('vulnerabilityId', a.vulnerability_id, 'affected', ap.affected)) as packages
    from advisory_package ap join advisory a on a.id = ap.advisory_id and a.withdrawn_at is null
    where ap.package_key = any(${packages}::text[])
    group by ap.package_key`.execute(tx);
  return new Map(rows.map(({ packageKey, packages: told }) => [packageKey, told]));
}
