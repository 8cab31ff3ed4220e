import type { Db } from '../../kernel/db.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { Language } from '../../kernel/language.ts';
import type { Known } from '../../policy/reason.ts';
import type { Status } from '../../policy/status.ts';
import { fillPlaceholders } from '../../policy/text.ts';
import { promiseStatuses, statusChanges } from '../../registers/findings/store.ts';
import {
  countStatuses,
  type DocumentClause,
  documentClauses,
  placeholdersFor,
  unupheld,
} from './document.ts';
import { publicationSettingsOf } from './store.office.ts';
import { promisesOfVersion, textsOf, versionInForce } from './store.version.ts';
import { type StatusChange, type YearPoint, yearOf } from './year.ts';

/** The policy in force put together with its statuses: what the console, the API and strangers read. */

export interface Asking {
  readonly db: Db;
  readonly now: Instant;
  readonly zone: string;
  readonly language: Language;
  readonly url: string;
}

export interface PolicyDocument {
  readonly version: {
    readonly id: string;
    readonly number: number;
    readonly effectiveOn: string;
    readonly digest: string;
    readonly languages: Language[];
  } | null;
  readonly language: Language;
  readonly organisation: string;
  readonly clauses: DocumentClause[];
  readonly promises: { id: string; clause: string; text: string; status: Status }[];
  readonly counts: Record<Status, number>;
  readonly year: (Record<Status, number> & { at: string })[];
}

/** The status of any promise; nothing upholds those that have none. */
export async function knownStatuses(db: Db, now: Instant): Promise<(promise: string) => Known> {
  const statuses = await promiseStatuses(db);
  return (promise) => {
    const row = statuses.get(promise);
    return row ? { ...row, provenAt: row.proven_at } : unupheld(now);
  };
}

/** Counts of each state over the last twelve months, as changes; oldest first. */
export async function statusYear(
  db: Db,
  promises: readonly string[],
  now: Instant,
): Promise<readonly YearPoint[]> {
  const from = now.subtract({ hours: 365 * 24 });
  const changes: readonly StatusChange[] = await statusChanges(db, promises, from);
  return yearOf(promises, changes, from);
}

export async function policyDocument(
  asking: Asking,
  shown: {
    readonly link: (promise: string) => string;
    readonly internals: boolean;
    readonly hidden?: boolean;
  },
): Promise<PolicyDocument> {
  const { db, now, zone, url } = asking;
  const settings = await publicationSettingsOf(db);
  const version = await versionInForce(db);
  const language = spoken(asking.language, version?.languages ?? settings.languages);
  const placeholders = placeholdersFor(settings, language, url);
  const base = { language, organisation: placeholders.organisation };
  if (!version) {
    const counts = { kept: 0, due: 0, broken: 0, unknown: 0 };
    return { ...base, version: null, clauses: [], promises: [], counts, year: [] };
  }
  const promises = await promisesOfVersion(db, version.id);
  const known = await knownStatuses(db, now);
  const statuses = new Map(promises.map(({ id }) => [id, known(id)]));
  const ids = promises.map(({ id }) => id);
  const texts = await textsOf(db, version.id, [language]);
  return {
    ...base,
    version: {
      id: version.id,
      number: version.number,
      effectiveOn: version.effectiveOn?.toString() ?? '',
      digest: version.digest ?? '',
      languages: [...version.languages],
    },
    clauses: documentClauses({
      texts,
      language,
      placeholders,
      statuses: shown.hidden ? null : statuses,
      now,
      zone,
      link: shown.link,
      internals: shown.internals,
    }).map((clause) => ({ ...clause })),
    promises: promises.map(({ id, clause, words }) => ({
      id,
      clause,
      text: fillPlaceholders(words[language] ?? '', placeholders),
      status: known(id).status,
    })),
    counts: countStatuses(ids, statuses),
    year: (await statusYear(db, ids, now)).map(({ at, ...counts }) => ({
      ...counts,
      at: instantText(at),
    })),
  };
}

/** The reader's language where the policy is published in it. */
export function spoken(wanted: Language, published: readonly Language[]): Language {
  return published.includes(wanted) ? wanted : (published[0] ?? 'en');
}
