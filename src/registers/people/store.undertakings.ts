import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Language } from '../../kernel/language.ts';

/** Undertakings on file (PEO-4): what other rooms may ask about them, and how they get there. */

/**
 * Condition on a person's id, such as `sql\`person.id\``: some document in force that binds them has
 * not been signed, neither in its last binding version nor in a later one. False for everyone while
 * the organisation has published no undertaking: then nothing is asked for.
 */
export function lacksUndertakingSql(person: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select from undertaking_version asked
    where asked.binding and asked.kind = 'undertaking' and asked.withdrawn_at is null and not exists (
      select from undertaking signed
      where signed.person_id = ${person} and signed.document = asked.document
        and signed.number >= asked.number))`;
}

/**
 * Whether a person may be given no access because an undertaking in force is not on file. Guards
 * answer `refuseByGuard('PEO-4', 'noUndertaking', …)`.
 */
export async function lacksUndertaking(db: Db, personId: PersonId): Promise<boolean> {
  return (await lackingUndertaking(db, [personId])).has(personId);
}

/** Those of some people who lack an undertaking, in one query. */
export async function lackingUndertaking(
  db: Db,
  people: readonly PersonId[],
): Promise<ReadonlySet<PersonId>> {
  if (people.length === 0) return new Set();
  const { rows } = await sql<{ id: PersonId }>`
    select each.id from unnest(${people}::uuid[]) as each (id)
    where ${lacksUndertakingSql(sql`each.id`)}`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

/** Whether anything is asked for: an undertaking is in force. */
export async function asksUndertakings(db: Db): Promise<boolean> {
  const { rows } = await sql<{ one: number }>`
    select 1 as one from undertaking_version
    where kind = 'undertaking' and withdrawn_at is null limit 1`.execute(db);
  return rows.length > 0;
}

/** Titles or texts by language. */
export type InLanguages = Readonly<Partial<Record<Language, string>>>;

export interface UndertakingVersion {
  readonly id: string;
  readonly document: string;
  /** Guidance is acknowledged in the same way, but nobody's access waits for it. */
  readonly kind: 'undertaking' | 'guidance';
  readonly number: number;
  readonly titles: InLanguages;
  readonly texts: InLanguages;
  readonly digest: string;
  readonly binding: boolean;
  readonly signDays: number;
  readonly publishedAt: Instant;
  readonly publishedBy: PersonId | null;
  readonly withdrawnAt: Instant | null;
}

const versionColumns = sql`id, document, kind, number, titles, texts, digest, binding, sign_days as "signDays",
  published_at as "publishedAt", published_by as "publishedBy", withdrawn_at as "withdrawnAt"`;

/** Every version, newest first within its document. */
export async function undertakingVersions(db: Db): Promise<readonly UndertakingVersion[]> {
  const { rows } = await sql<UndertakingVersion>`
    select ${versionColumns} from undertaking_version order by document, number desc`.execute(db);
  return rows;
}

/** The versions in force: the newest of each document that was not withdrawn. */
export async function undertakingsInForce(db: Db): Promise<readonly UndertakingVersion[]> {
  const { rows } = await sql<UndertakingVersion>`
    select distinct on (document) ${versionColumns} from undertaking_version
    where withdrawn_at is null order by document, number desc`.execute(db);
  return rows;
}

/** Publishes a version; whoever publishes has decided its number and whether it binds. */
export async function publishUndertaking(
  tx: Tx,
  version: Omit<UndertakingVersion, 'withdrawnAt'>,
): Promise<void> {
  await sql`
    insert into undertaking_version
      (id, document, kind, number, titles, texts, digest, binding, sign_days, published_at, published_by)
    values (${version.id}, ${version.document}, ${version.kind}, ${version.number}, ${JSON.stringify(version.titles)}::jsonb,
      ${JSON.stringify(version.texts)}::jsonb, ${version.digest}, ${version.binding}, ${version.signDays},
      ${version.publishedAt}, ${version.publishedBy})`.execute(tx);
}

/** A document that is no longer asked for; what was signed stays on file. */
export async function withdrawUndertaking(tx: Tx, document: string, at: Instant): Promise<void> {
  await sql`
    update undertaking_version set withdrawn_at = ${at}
    where document = ${document} and withdrawn_at is null`.execute(tx);
}

/** One signed undertaking, as it goes on file. */
export interface SignedUndertaking {
  readonly id: string;
  readonly personId: PersonId;
  readonly versionId: string;
  readonly document: string;
  readonly number: number;
  readonly digest: string;
  readonly how: 'signed' | 'uploaded';
  readonly signedAt: Instant;
  readonly filedAt: Instant;
  readonly language: Language;
  readonly file: string | null;
  readonly witnessId: PersonId | null;
}

/** Puts a signed undertaking on file. */
export async function fileUndertaking(tx: Tx, signed: SignedUndertaking): Promise<void> {
  await sql`
    insert into undertaking (id, person_id, version_id, document, number, digest, how, signed_at,
      filed_at, language, file, witness_id)
    values (${signed.id}, ${signed.personId}, ${signed.versionId}, ${signed.document}, ${signed.number},
      ${signed.digest}, ${signed.how}, ${signed.signedAt}, ${signed.filedAt}, ${signed.language},
      ${signed.file}, ${signed.witnessId})`.execute(tx);
}
