import { type RawBuilder, sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Language } from '../../kernel/language.ts';
import type { ClauseText, Version } from './facts.ts';

/** Reading versions and their texts. */

const columns = sql`v.id, v.number, v.state, v.origin, v.effective_on as "effectiveOn", v.digest, v.languages, v.ask`;

/** The version in force, or null before the first publication. */
export async function versionInForce(db: Db): Promise<Version | null> {
  return await oneVersion(db, sql`v.state = 'published'`);
}

/** The version being worked on, or null. */
export async function openVersion(db: Db): Promise<Version | null> {
  return await oneVersion(db, sql`v.state in ('draft', 'proposed', 'approved')`);
}

export async function versionById(db: Db, id: string): Promise<Version | null> {
  return await oneVersion(db, sql`v.id = ${id}`);
}

/** A version that was published, by its number. */
export async function publishedVersion(db: Db, number: number): Promise<Version | null> {
  return await oneVersion(db, sql`v.number = ${number} and v.state in ('published', 'superseded')`);
}

async function oneVersion(db: Db, condition: RawBuilder<unknown>): Promise<Version | null> {
  const { rows } =
    await sql<Version>`select ${columns} from policy_version v where ${condition}`.execute(db);
  return rows[0] ?? null;
}

/** Held by every command on versions, so that two editors or approvers come one after the other. */
export async function lockVersions(tx: Tx): Promise<void> {
  await write(tx, sql`select pg_advisory_xact_lock(${versionsLock})`);
}
const versionsLock = 0x706f6c69;

/** A text with the revision an editor must name to save it. */
export interface StoredText extends ClauseText {
  readonly revision: number;
}

/** Texts of a version in the order of its clauses, then of languages. */
export async function textsOf(
  db: Db,
  versionId: string,
  only?: readonly Language[],
): Promise<readonly StoredText[]> {
  const chosen = only ? sql`and t.language = any(${only}::text[])` : sql``;
  const { rows } = await sql<StoredText>`
    select t.clause, t.language, t.markdown, t.revision
    from policy_text t join policy_clause c using (version_id, clause)
    where t.version_id = ${versionId} ${chosen}
    order by c.position, t.clause, t.language`.execute(db);
  return rows;
}

/** Clauses of a version in their order, also those without any text yet. */
export async function clauseIdsOf(db: Db, versionId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ clause: string }>`
    select clause from policy_clause where version_id = ${versionId} order by position, clause`.execute(
    db,
  );
  return rows.map((row) => row.clause);
}

export async function authorsOf(db: Db, versionId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ person_id: string }>`
    select person_id from policy_author where version_id = ${versionId} order by person_id`.execute(
    db,
  );
  return rows.map((row) => row.person_id);
}

/** A promise of a published version, with what upheld it on the day of publication. */
export interface PublishedPromise {
  readonly id: string;
  readonly clause: string;
  readonly words: Readonly<Partial<Record<Language, string>>>;
  readonly upholders: readonly string[];
}

export async function promisesOfVersion(
  db: Db,
  versionId: string,
): Promise<readonly PublishedPromise[]> {
  const { rows } = await sql<PublishedPromise>`
    select promise as id, clause, words, upholders from policy_promise
    where version_id = ${versionId} order by position`.execute(db);
  return rows;
}

/**
 * Ids of the promises that the policy in force makes; null before the first publication. The
 * status engine asks it: a promise that no text makes cannot be kept.
 */
export async function promisesInForce(db: Db): Promise<ReadonlySet<string> | null> {
  const { rows } = await sql<{ promise: string | null }>`
    select p.promise from policy_version v left join policy_promise p on p.version_id = v.id
    where v.state = 'published' order by p.position`.execute(db);
  return rows.length === 0 ? null : new Set(rows.flatMap(({ promise }) => promise ?? []));
}

/** What upholds each promise, as this version of Kept declares it: names such as `check everyoneAcknowledged`. */
export async function upholdersNow(db: Db): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await sql<{ promise: string; upholders: string[] }>`
    select promise, array_agg(upholder order by upholder) as upholders
    from policy_upholder group by promise`.execute(db);
  return new Map(rows.map((row) => [row.promise, row.upholders]));
}

/** The revision of a text; 0 where there is none. */
export async function revisionOf(
  db: Db,
  versionId: string,
  clause: string,
  language: Language,
): Promise<number> {
  const { rows } = await sql<{ revision: number }>`
    select revision from policy_text
    where version_id = ${versionId} and clause = ${clause} and language = ${language}`.execute(db);
  return rows[0]?.revision ?? 0;
}
