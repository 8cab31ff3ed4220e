import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import type { SetAside, TakenAdvisory } from './facts.reading.ts';
import {
  type AdvisoriesTaken,
  type BatchPlace,
  type ImportCounts,
  type TakeAdvisories,
  type TakingRefusal,
  takeAdvisories,
} from './facts.ts';
import type { MergedVulnerability } from './flow.merging.ts';
import {
  decideTaking,
  type KnownAdvisory,
  newerOf,
  type OpenImport,
  type StoredVulnerability,
  type TakingState,
} from './flow.taking.ts';

/** Takes some thousands of advisories at a time, and makes vulnerabilities of them. */
export const takingFlow: Flow<TakingState, TakeAdvisories, AdvisoriesTaken, TakingRefusal> = {
  name: 'advisories.taking',
  clause: 'advisories',
  command: takeAdvisories,
  load: loadTaking,
  authorize: () => ({ action: 'takeAdvisories' }),
  decide: decideTaking,
  project: projectTaking,
};

/** Vulnerabilities are joined and parted by one at a time. */
const takingLock = 0x74616b65;

export async function lockTaking(tx: Tx): Promise<void> {
  await write(tx, sql`select pg_advisory_xact_lock(${takingLock})`);
}

async function loadTaking(tx: Tx, { place, advisories }: TakeAdvisories): Promise<TakingState> {
  await lockTaking(tx);
  const current = await openImport(tx, place.importId);
  const modified = await modifiedOf(tx, advisories);
  const newer = newerOf(advisories, modified);
  const touched = newer.length === 0 ? [] : await touchedBy(tx, newer);
  if (touched.length === 0) return { current, modified, advisories: [], vulnerabilities: [] };
  return {
    current,
    modified,
    advisories: await advisoriesOf(tx, touched),
    vulnerabilities: await vulnerabilitiesOf(tx, touched),
  };
}

async function modifiedOf(
  tx: Tx,
  advisories: readonly TakenAdvisory[],
): Promise<ReadonlyMap<string, Instant>> {
  const ids = JSON.stringify(advisories.map(({ id }) => id));
  const { rows } = await sql<{ id: string; modified: Instant }>`
    select id, modified_at as modified from advisory
    where id in (select jsonb_array_elements_text(${ids}::jsonb))`.execute(tx);
  return new Map(rows.map(({ id, modified }) => [id, modified]));
}

export async function openImport(db: Db, id: string): Promise<OpenImport | null> {
  const { rows } = await sql<OpenImport>`
    select id, origin, state, part, position, digest from advisory_import
    where id = ${id} for update`.execute(db);
  return rows[0] ?? null;
}

async function touchedBy(tx: Tx, newer: readonly TakenAdvisory[]): Promise<readonly string[]> {
  const ids = newer.map(({ id }) => id);
  const names = [...new Set([...ids, ...newer.flatMap(({ aliases }) => aliases)])];
  const { rows } = await sql<{ id: string }>`
    select vulnerability_id as id from vulnerability_name
    where name in (select jsonb_array_elements_text(${JSON.stringify(names)}::jsonb))
    union
    select vulnerability_id from advisory
    where id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`.execute(tx);
  return rows.map(({ id }) => id);
}

interface AdvisoryRow extends Omit<KnownAdvisory, 'withdrawn' | 'published' | 'score'> {
  readonly withdrawn: Instant | null;
  readonly published: Instant | null;
  readonly score: string | number | null;
}

async function advisoriesOf(tx: Tx, touched: readonly string[]): Promise<readonly KnownAdvisory[]> {
  const { rows } = await sql<AdvisoryRow>`
    select id, aliases, withdrawn_at as withdrawn, published_at as published, summary, vector, score,
      severity, vulnerability_id as "vulnerabilityId"
    from advisory where vulnerability_id = any(${[...touched]}::uuid[])`.execute(tx);
  return rows.map((row) => ({ ...row, ...plain(row) }));
}

interface VulnerabilityRow
  extends Omit<StoredVulnerability, 'withdrawn' | 'published' | 'score' | 'knownAt'> {
  readonly withdrawn: Instant | null;
  readonly published: Instant | null;
  readonly score: string | number | null;
  readonly knownAt: Instant;
}

async function vulnerabilitiesOf(
  tx: Tx,
  touched: readonly string[],
): Promise<readonly StoredVulnerability[]> {
  const { rows } = await sql<VulnerabilityRow>`
    select v.id, v.name, v.known_at as "knownAt", v.summary, v.vector, v.score, v.severity,
      v.published_at as published, v.withdrawn_at as withdrawn,
      coalesce(n.names, '{}') as names, coalesce(n.reported, '{}') as reported,
      coalesce(a.advisories, '{}') as advisories
    from vulnerability v
    left join (
      select vulnerability_id, array_agg(name) as names,
        coalesce(array_agg(name) filter (where reported), '{}') as reported
      from vulnerability_name where vulnerability_id = any(${[...touched]}::uuid[]) group by 1) n
      on n.vulnerability_id = v.id
    left join (
      select vulnerability_id, array_agg(id) as advisories
      from advisory where vulnerability_id = any(${[...touched]}::uuid[]) group by 1) a
      on a.vulnerability_id = v.id
    where v.id = any(${[...touched]}::uuid[])`.execute(tx);
  return rows.map((row) => ({
    ...row,
    ...plain(row),
    knownAt: row.knownAt.toString({ fractionalSecondDigits: 6 }),
  }));
}

function plain(row: {
  readonly withdrawn: Instant | null;
  readonly published: Instant | null;
  readonly score: string | number | null;
}) {
  return {
    withdrawn: row.withdrawn?.toString() ?? null,
    published: row.published?.toString() ?? null,
    score: row.score === null ? null : Number(row.score),
  };
}

async function projectTaking(tx: Tx, event: AdvisoriesTaken, { now }: Context): Promise<void> {
  const { importId } = event.place;
  await saveVulnerabilities(tx, event.vulnerabilities, importId, now);
  await saveAdvisories(tx, event, now);
  await savePackages(tx, event);
  await saveNames(tx, event.vulnerabilities);
  await saveJoined(tx, event.joined, importId, now);
  await moveOn(tx, event);
}

/** A vulnerability, and what its names are; those it lost go where they are now. */
async function saveVulnerabilities(
  tx: Tx,
  vulnerabilities: readonly MergedVulnerability[],
  importId: string,
  now: Instant,
): Promise<void> {
  if (vulnerabilities.length === 0) return;
  const rows = vulnerabilities.map(({ names: _, advisories: __, isNew: ___, ...row }) => row);
  await write(
    tx,
    sql`insert into vulnerability (id, name, summary, published_at, withdrawn_at, vector, score, severity,
        known_at, changed_at, import_id)
      select id, name, summary, published, withdrawn, vector, score, severity, ${now}::timestamptz,
        ${now}::timestamptz, ${importId}::uuid
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t
        (id uuid, name text, summary text, published timestamptz, withdrawn timestamptz, vector text,
         score numeric(3, 1), severity text)
      on conflict (id) do update set
        name = excluded.name, summary = excluded.summary, published_at = excluded.published_at,
        withdrawn_at = excluded.withdrawn_at, vector = excluded.vector, score = excluded.score,
        severity = excluded.severity, changed_at = excluded.changed_at, import_id = excluded.import_id`,
  );
}

async function saveNames(tx: Tx, vulnerabilities: readonly MergedVulnerability[]): Promise<void> {
  if (vulnerabilities.length === 0) return;
  const ids = vulnerabilities.map(({ id }) => id);
  const rows = vulnerabilities.flatMap(({ id, names }) => names.map((name) => ({ id, name })));
  await write(
    tx,
    sql`delete from vulnerability_name n where n.vulnerability_id = any(${ids}::uuid[])
        and not n.reported and n.name not in (
          select name from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t (name text))`,
  );
  await write(
    tx,
    sql`insert into vulnerability_name (name, vulnerability_id)
      select name, id from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t (id uuid, name text)
      on conflict (name) do update set vulnerability_id = excluded.vulnerability_id
      where vulnerability_name.vulnerability_id <> excluded.vulnerability_id`,
  );
}

async function saveAdvisories(tx: Tx, event: AdvisoriesTaken, now: Instant): Promise<void> {
  const { importId } = event.place;
  const rows = event.taken.map(({ packages: _, ...row }) => row);
  if (rows.length > 0) {
    await write(
      tx,
      sql`insert into advisory (id, vulnerability_id, modified_at, published_at, withdrawn_at, summary,
          details, aliases, related, severities, vector, score, severity, links, origin, imported_at,
          import_id)
        select t.id, t."vulnerabilityId", t.modified, t.published, t.withdrawn, t.summary, t.details,
          t.aliases, t.related, t.severities, t.vector, t.score, t.severity, t.links, i.origin, ${now}::timestamptz, i.id
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t
          (id text, "vulnerabilityId" uuid, modified timestamptz, published timestamptz,
           withdrawn timestamptz, summary text, details text, aliases text[], related text[],
           severities jsonb, vector text, score numeric(3, 1), severity text, links jsonb)
        join advisory_import i on i.id = ${importId}
        on conflict (id) do update set
          vulnerability_id = excluded.vulnerability_id, modified_at = excluded.modified_at,
          published_at = excluded.published_at, withdrawn_at = excluded.withdrawn_at,
          summary = excluded.summary, details = excluded.details, aliases = excluded.aliases,
          related = excluded.related, severities = excluded.severities, vector = excluded.vector,
          score = excluded.score, severity = excluded.severity, links = excluded.links,
          origin = excluded.origin, imported_at = excluded.imported_at, import_id = excluded.import_id`,
    );
  }
  if (event.moved.length === 0) return;
  await write(
    tx,
    sql`update advisory a set vulnerability_id = t."vulnerabilityId"
      from jsonb_to_recordset(${JSON.stringify(event.moved)}::jsonb) as t (id text, "vulnerabilityId" uuid)
      where a.id = t.id`,
  );
}

async function savePackages(tx: Tx, { taken }: AdvisoriesTaken): Promise<void> {
  if (taken.length === 0) return;
  const ids = taken.map(({ id }) => id);
  await write(
    tx,
    sql`delete from advisory_package where advisory_id in (
        select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`,
  );
  const rows = taken.flatMap(({ id, packages }) =>
    packages.map((each) => ({ advisory: id, ...each })),
  );
  if (rows.length === 0) return;
  await write(
    tx,
    sql`insert into advisory_package (advisory_id, package_key, ecosystem, name, affected)
      select advisory, key, ecosystem, name, affected
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t
        (advisory text, key text, ecosystem text, name text, affected jsonb)`,
  );
}

/** What was joined before leads to the end at once. */
async function saveJoined(
  tx: Tx,
  joined: AdvisoriesTaken['joined'],
  importId: string,
  now: Instant,
): Promise<void> {
  if (joined.length === 0) return;
  const rows = JSON.stringify(joined.map(([from, into]) => ({ from, into })));
  await write(
    tx,
    sql`update vulnerability v
      set joined_into = t."into", import_id = ${importId}, changed_at = ${now}
      from jsonb_to_recordset(${rows}::jsonb) as t ("from" uuid, "into" uuid)
      where v.id = t."from" or v.joined_into = t."from"`,
  );
}

/** Counts, what was set aside, and where the next batch begins. */
export async function moveOn(
  tx: Tx,
  event: {
    readonly place: BatchPlace;
    readonly counts: ImportCounts;
    readonly digest: string;
    readonly setAside: readonly SetAside[];
  },
): Promise<void> {
  const { place, counts, digest, setAside } = event;
  await write(
    tx,
    sql`update advisory_import set read = read + ${counts.read}, added = added + ${counts.added},
        changed = changed + ${counts.changed}, unchanged = unchanged + ${counts.unchanged},
        withdrawn = withdrawn + ${counts.withdrawn}, refused = refused + ${counts.refused},
        part = ${place.part}, position = ${place.to}, entries = ${place.entries}, digest = ${digest}
      where id = ${place.importId}`,
  );
  if (setAside.length === 0) return;
  await write(
    tx,
    sql`insert into advisory_refused (import_id, name, reason)
      select ${place.importId}::uuid, left(name, 500), reason
      from jsonb_to_recordset(${JSON.stringify(setAside)}::jsonb) as t (name text, reason text)
      on conflict do nothing`,
  );
}
