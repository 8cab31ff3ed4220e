import { type RawBuilder, sql } from 'kysely';
import { arrayLiteral, rowsAsColumns, texts } from '../../kernel/columns.ts';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import type { SetAside, TakenAdvisory } from './facts.reading.ts';
import {
  type AdvisoriesTaken,
  type BatchPlace,
  type CalledBy,
  type ImportCounts,
  type PlacedAdvisory,
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
  const { rows } = await sql<{ id: string; modified: Instant }>`
    select id, modified_at as modified from advisory
    where id = any(${texts(advisories.map(({ id }) => id))})`.execute(tx);
  return new Map(rows.map(({ id, modified }) => [id, modified]));
}

export async function openImport(db: Db, id: string): Promise<OpenImport | null> {
  const { rows } = await sql<OpenImport>`
    select id, origin, state, part, position, digest, covers from advisory_import
    where id = ${id} for update`.execute(db);
  return rows[0] ?? null;
}

async function touchedBy(tx: Tx, newer: readonly TakenAdvisory[]): Promise<readonly string[]> {
  const ids = newer.map(({ id }) => id);
  const names = [...new Set([...ids, ...newer.flatMap(({ aliases }) => aliases)])];
  const { rows } = await sql<{ id: string }>`
    select vulnerability_id as id from vulnerability_name where name = any(${texts(names)})
    union
    select vulnerability_id from advisory where id = any(${texts(ids)})`.execute(tx);
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
  const [newcomers, others] = apart(event.vulnerabilities);
  await saveVulnerabilities(tx, newcomers, sql``, importId, now);
  await saveVulnerabilities(tx, others, replacesVulnerability, importId, now);
  const [unknown, known] = apart(event.taken);
  await saveAdvisories(tx, unknown, sql``, importId, now);
  await saveAdvisories(tx, known, replacesAdvisory, importId, now);
  await moveAdvisories(tx, event.moved);
  await savePackages(tx, unknown, known);
  await saveNames(tx, event);
  await saveJoined(tx, event.joined, importId, now);
  await saveCounted(tx, event.counted, importId);
  await moveOn(tx, event);
}

/** What is new is only written: looking for what it might replace would cost as much again. */
function apart<One extends { readonly isNew: boolean }>(
  all: readonly One[],
): readonly [fresh: readonly One[], known: readonly One[]] {
  return [all.filter(({ isNew }) => isNew), all.filter(({ isNew }) => !isNew)];
}

const replacesVulnerability = sql`on conflict (id) do update set
  name = excluded.name, summary = excluded.summary, published_at = excluded.published_at,
  withdrawn_at = excluded.withdrawn_at, vector = excluded.vector, score = excluded.score,
  severity = excluded.severity, changed_at = excluded.changed_at, import_id = excluded.import_id`;

async function saveVulnerabilities(
  tx: Tx,
  vulnerabilities: readonly MergedVulnerability[],
  replaces: RawBuilder<unknown>,
  importId: string,
  now: Instant,
): Promise<void> {
  if (vulnerabilities.length === 0) return;
  const rows = rowsAsColumns(vulnerabilities, {
    id: ({ id }) => id,
    name: ({ name }) => name,
    summary: ({ summary }) => summary,
    published: ({ published }) => published,
    withdrawn: ({ withdrawn }) => withdrawn,
    vector: ({ vector }) => vector,
    score: scoreText,
    severity: ({ severity }) => severity,
  });
  await write(
    tx,
    sql`insert into vulnerability (id, name, summary, published_at, withdrawn_at, vector, score, severity,
        known_at, changed_at, import_id)
      select id::uuid, name, summary, published::timestamptz, withdrawn::timestamptz, vector,
        score::numeric, severity, ${now}::timestamptz, ${now}::timestamptz, ${importId}::uuid
      from ${rows} ${replaces}`,
  );
}

/** Names that a vulnerability lost go where they are now, or with it. */
async function saveNames(tx: Tx, { vulnerabilities, names }: AdvisoriesTaken): Promise<void> {
  const known = vulnerabilities.filter(({ isNew }) => !isNew).map(({ id }) => id);
  if (known.length > 0) {
    const kept = vulnerabilities.flatMap((each) => each.names);
    await write(
      tx,
      sql`delete from vulnerability_name n where n.vulnerability_id = any(${texts(known)}::uuid[])
          and not n.reported and n.name <> all(${texts(kept)})`,
    );
  }
  const columns = {
    name: ({ name }: CalledBy) => name,
    id: ({ vulnerabilityId }: CalledBy) => vulnerabilityId,
  };
  if (names.moved.length > 0) {
    await write(
      tx,
      sql`update vulnerability_name n set vulnerability_id = t.id::uuid
        from ${rowsAsColumns(names.moved, columns)} where n.name = t.name`,
    );
  }
  if (names.added.length === 0) return;
  await write(
    tx,
    sql`insert into vulnerability_name (name, vulnerability_id)
      select name, id::uuid from ${rowsAsColumns(names.added, columns)}`,
  );
}

/** As PostgreSQL reads it into `numeric(3, 1)`. */
function scoreText({ score }: { readonly score: number | null }): string | null {
  return score === null ? null : score.toFixed(1);
}

const replacesAdvisory = sql`on conflict (id) do update set
  vulnerability_id = excluded.vulnerability_id, modified_at = excluded.modified_at,
  published_at = excluded.published_at, withdrawn_at = excluded.withdrawn_at,
  summary = excluded.summary, details = excluded.details, aliases = excluded.aliases,
  related = excluded.related, severities = excluded.severities, vector = excluded.vector,
  score = excluded.score, severity = excluded.severity, links = excluded.links,
  origin = excluded.origin, imported_at = excluded.imported_at, import_id = excluded.import_id`;

async function saveAdvisories(
  tx: Tx,
  advisories: readonly PlacedAdvisory[],
  replaces: RawBuilder<unknown>,
  importId: string,
  now: Instant,
): Promise<void> {
  if (advisories.length === 0) return;
  await write(
    tx,
    sql`insert into advisory (id, vulnerability_id, modified_at, published_at, withdrawn_at, summary,
        details, aliases, related, severities, vector, score, severity, links, origin, imported_at,
        import_id)
      select t.id, t.vulnerability::uuid, t.modified::timestamptz, t.published::timestamptz,
        t.withdrawn::timestamptz, t.summary, t.details, t.aliases::text[], t.related::text[],
        t.severities::jsonb, t.vector, t.score::numeric, t.severity, t.links::jsonb, i.origin,
        ${now}::timestamptz, i.id
      from ${advisoryRows(advisories)} join advisory_import i on i.id = ${importId} ${replaces}`,
  );
}

function advisoryRows(advisories: readonly PlacedAdvisory[]): RawBuilder<unknown> {
  return rowsAsColumns(advisories, {
    id: ({ id }) => id,
    vulnerability: ({ vulnerabilityId }) => vulnerabilityId,
    modified: ({ modified }) => modified,
    published: ({ published }) => published,
    withdrawn: ({ withdrawn }) => withdrawn,
    summary: ({ summary }) => summary,
    details: ({ details }) => details,
    aliases: ({ aliases }) => arrayLiteral(aliases),
    related: ({ related }) => arrayLiteral(related),
    severities: ({ severities }) => JSON.stringify(severities),
    vector: ({ vector }) => vector,
    score: scoreText,
    severity: ({ severity }) => severity,
    links: ({ links }) => links,
  });
}

async function moveAdvisories(tx: Tx, moved: AdvisoriesTaken['moved']): Promise<void> {
  if (moved.length === 0) return;
  const rows = rowsAsColumns(moved, {
    id: ({ id }) => id,
    vulnerability: ({ vulnerabilityId }) => vulnerabilityId,
  });
  await write(
    tx,
    sql`update advisory a set vulnerability_id = t.vulnerability::uuid from ${rows} where a.id = t.id`,
  );
}

async function savePackages(
  tx: Tx,
  unknown: readonly PlacedAdvisory[],
  known: readonly PlacedAdvisory[],
): Promise<void> {
  if (known.length > 0) {
    const ids = texts(known.map(({ id }) => id));
    await write(tx, sql`delete from advisory_package where advisory_id = any(${ids})`);
  }
  const packages = [...unknown, ...known].flatMap(({ id, packages: own }) =>
    own.map((each) => ({ ...each, advisory: id })),
  );
  if (packages.length === 0) return;
  const rows = rowsAsColumns(packages, {
    advisory: ({ advisory }) => advisory,
    key: ({ key }) => key,
    ecosystem: ({ ecosystem }) => ecosystem,
    name: ({ name }) => name,
    affected: ({ affected }) => affected,
  });
  await write(
    tx,
    sql`insert into advisory_package (advisory_id, package_key, ecosystem, name, affected)
      select advisory, key, ecosystem, name, affected::jsonb from ${rows}`,
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

/** One that comes again, in the same batch or a later one, counts once. */
async function saveCounted(
  tx: Tx,
  counted: AdvisoriesTaken['counted'],
  importId: string,
): Promise<void> {
  if (counted.length === 0) return;
  const rows = rowsAsColumns(counted, { family: ({ family }) => family, id: ({ id }) => id });
  await write(
    tx,
    sql`insert into advisory_counted (import_id, family, advisory_id)
      select ${importId}::uuid, family, id from ${rows} on conflict do nothing`,
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
