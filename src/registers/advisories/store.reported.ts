import { sql } from 'kysely';
import { CvssFault, scoreVector } from '../../advisories/cvss.ts';
import { type Severity, severityOf } from '../../advisories/severity.ts';
import { type Tx, write } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import { lockTaking } from './store.taking.ts';

/** A vulnerability as another tool names it. */
export interface NamedByTool {
  /** The tool's own name first. */
  readonly names: readonly string[];
  readonly isRule: boolean;
  readonly summary: string;
  readonly vector: string | null;
  readonly severity: Severity | null;
}

/** CVE before GHSA before any other, as everywhere. */
const shownFirst = [/^CVE-/, /^GHSA-/, /./];

/**
 * Ids of the vulnerabilities that tools name, in their order: the one that goes by the first name that is
 * known, else a new one. What a tool takes for aliases joins nothing that is already known: advisories
 * say that.
 */
export async function vulnerabilitiesNamed(
  tx: Tx,
  named: readonly NamedByTool[],
  { now, newId }: Pick<Context, 'now' | 'newId'>,
): Promise<readonly string[]> {
  // Names are given out by one act at a time, imports of advisories among them.
  await lockTaking(tx);
  const names = [...new Set(named.flatMap((one) => one.names))];
  const { rows } = await sql<{ name: string; id: string }>`
    select name, vulnerability_id as id from vulnerability_name where name = any(${names}::text[])`.execute(
    tx,
  );
  const idOf = new Map(rows.map(({ name, id }) => [name, id]));
  const fresh = new Map<string, NamedByTool>();
  const ids = named.map((one) => {
    const known = one.names.find((name) => idOf.has(name));
    const id = (known && idOf.get(known)) ?? newId();
    if (known === undefined) fresh.set(id, one);
    // Names of what is new are its own; of what is known only advisories say what else it goes by.
    if (fresh.has(id)) for (const name of one.names) if (!idOf.has(name)) idOf.set(name, id);
    return id;
  });
  if (fresh.size > 0) await insert(tx, fresh, idOf, now);
  await updateRules(tx, named, ids, now);
  return ids;
}

/** What a rule looks for, and how bad that is, its tool may say otherwise today. */
async function updateRules(
  tx: Tx,
  named: readonly NamedByTool[],
  ids: readonly string[],
  now: Temporal.Instant,
): Promise<void> {
  const rules = new Map(named.flatMap((one, n) => (one.isRule ? [[ids[n] ?? '', one]] : [])));
  if (rules.size === 0) return;
  const rows = [...rules].map(([id, { summary, severity }]) => ({ id, summary, severity }));
  await write(
    tx,
    sql`
    update vulnerability v set summary = t.summary, severity = t.severity, changed_at = ${now}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t (id uuid, summary text, severity text)
    where v.id = t.id and v.kind = 'rule' and t.severity is not null
      and (v.summary, v.severity) is distinct from (t.summary, t.severity)`,
  );
}

async function insert(
  tx: Tx,
  fresh: ReadonlyMap<string, NamedByTool>,
  idOf: ReadonlyMap<string, string>,
  now: Temporal.Instant,
): Promise<void> {
  const rows = [...fresh].map(([id, { names, isRule, summary, vector, severity }]) => {
    const score = vector === null ? null : baseOf(vector);
    return {
      id,
      name: shownFirst.flatMap((kind) => names.find((name) => kind.test(name)) ?? [])[0] ?? '',
      kind: isRule ? 'rule' : 'advisory',
      summary,
      vector: score === null ? null : vector,
      score,
      severity: score === null ? (severity ?? 'unknown') : severityOf(score),
    };
  });
  await write(
    tx,
    sql`
    insert into vulnerability (id, name, kind, summary, vector, score, severity, known_at, changed_at)
    select id, name, kind, summary, vector, score, severity, ${now}, ${now}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t
      (id uuid, name text, kind text, summary text, vector text, score numeric, severity text)`,
  );
  const called = [...idOf].filter(([, id]) => fresh.has(id));
  await write(
    tx,
    sql`
    insert into vulnerability_name (name, vulnerability_id, reported)
    select name, id, true from unnest(${called.map(([name]) => name)}::text[],
      ${called.map(([, id]) => id)}::uuid[]) as t (name, id)`,
  );
}

function baseOf(vector: string): number | null {
  try {
    return scoreVector(vector).base;
  } catch (error) {
    if (error instanceof CvssFault) return null;
    throw error;
  }
}
