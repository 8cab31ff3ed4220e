import { type RawBuilder, sql } from 'kysely';
import type { OsvAffected } from '../../advisories/osv.ts';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import { type Affecting, affectingOf, type Pairing } from './facts.matching.ts';
import { matchingRules } from './facts.settling.ts';

/** Which versions of packages are affected by which advisories: held in `affects`. */

/**
 * Holds package versions that were not yet matched against every advisory. What is known of versions grows
 * one act at a time ({@link lockSources}), so a mark of how far we are misses none.
 *
 * @returns how many versions are new
 */
export async function matchNewVersions(tx: Tx): Promise<number> {
  const { rows } = await sql<{ through: number; newest: number; fresh: number }>`
    with mark as (select coalesce((select versions_through from matching), 0) as through)
    select through, coalesce((select max(id) from package_version), 0) as newest,
      (select count(*)::int from package_version where id > through) as fresh
    from mark`.execute(tx);
  const { through = 0, newest = 0, fresh = 0 } = rows[0] ?? {};
  if (fresh === 0) return 0;
  await evaluate(tx, sql`pv.id > ${through}`);
  await mark(tx, newest);
  return fresh;
}

/** Holds everything against everything. */
export async function matchEverything(tx: Tx): Promise<void> {
  await sql`truncate affects`.execute(tx);
  await evaluate(tx, sql`true`);
  const { rows } = await sql<{ newest: number }>`
    select coalesce((select max(id) from package_version), 0) as newest`.execute(tx);
  await mark(tx, rows[0]?.newest ?? 0);
}

async function mark(tx: Tx, through: number): Promise<void> {
  await write(
    tx,
    sql`
    insert into matching (versions_through, rules) values (${through}, ${matchingRules})
    on conflict (single) do update set versions_through = excluded.versions_through,
      rules = excluded.rules`,
  );
}

/** Whether what was matched so far was matched by other rules than ours. */
export async function isMatchedOtherwise(db: Db): Promise<boolean> {
  const { rows } = await sql`select from matching where rules <> ${matchingRules}`.execute(db);
  return rows.length > 0;
}

/**
 * Holds advisories that were brought or changed against every package version that is known.
 *
 * @param advisories query of their ids, withdrawn ones among them
 */
export async function matchAdvisories(tx: Tx, advisories: RawBuilder<unknown>): Promise<void> {
  await write(tx, sql`delete from affects where advisory_id in (${advisories})`);
  await evaluate(tx, sql`ap.advisory_id in (${advisories})`);
}

/** Packages of advisories whose text is fetched at once: some are long. */
const packagesAtOnce = 1000;
const rowsAtOnce = 20_000;

async function evaluate(tx: Tx, scope: RawBuilder<unknown>): Promise<void> {
  await write(
    tx,
    sql`
    create temporary table pairing on commit drop as
    select row_number() over (order by ap.id) as n, ap.id,
      array_agg(pv.id) as version_ids, array_agg(pv.version) as versions,
      array_agg(pv.ecosystem) as ecosystems
    from advisory_package ap
    join package_version pv on pv.package_key = ap.package_key
    where ${scope}
      and not exists (select from advisory where advisory.id = ap.advisory_id and withdrawn_at is not null)
    group by ap.id`,
  );
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from pairing`.execute(
    tx,
  );
  const count = rows[0]?.count ?? 0;
  for (let from = 0; from < count; from += packagesAtOnce) {
    await save(tx, affectingOf(await pairings(tx, from)));
  }
  await write(tx, sql`drop table pairing`);
}

async function pairings(tx: Tx, from: number): Promise<readonly Pairing[]> {
  const { rows } = await sql<Pairing & { affected: OsvAffected }>`
    select ap.advisory_id as "advisoryId", ap.ecosystem, ap.affected,
      pairing.version_ids as "versionIds", pairing.versions, pairing.ecosystems
    from pairing join advisory_package ap on ap.id = pairing.id
    where pairing.n > ${from} and pairing.n <= ${from + packagesAtOnce}`.execute(tx);
  return rows;
}

async function save(tx: Tx, found: readonly Affecting[]): Promise<void> {
  for (let from = 0; from < found.length; from += rowsAtOnce) {
    const rows = found.slice(from, from + rowsAtOnce);
    await write(
      tx,
      sql`
      insert into affects (package_version_id, advisory_id, fixed_in)
      select * from unnest(${rows.map(({ versionId }) => versionId)}::bigint[],
        ${rows.map(({ advisoryId }) => advisoryId)}::text[],
        ${rows.map(({ fixedIn }) => fixedIn)}::text[])
      on conflict (package_version_id, advisory_id) do update set
        fixed_in = coalesce(affects.fixed_in, excluded.fixed_in)`,
    );
  }
}
