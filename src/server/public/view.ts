import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import {
  type DocumentClause,
  documentClauses,
  placeholdersFor,
} from '../../clauses/publication/document.ts';
import { type ClauseChange, clauseChanges } from '../../clauses/publication/facts.changes.ts';
import type { PublicationSettings } from '../../clauses/publication/facts.office.ts';
import { knownStatuses, spoken, statusYear } from '../../clauses/publication/reading.ts';
import { publicationSettingsOf } from '../../clauses/publication/store.office.ts';
import {
  type PublishedPromise,
  type PublishedRow,
  publishedVersions,
} from '../../clauses/publication/store.reading.ts';
import {
  promisesInForce,
  promisesOfVersion,
  textsOf,
} from '../../clauses/publication/store.version.ts';
import type { YearPoint } from '../../clauses/publication/year.ts';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import type { Language } from '../../kernel/language.ts';
import type { Known } from '../../policy/reason.ts';
import { fillPlaceholders } from '../../policy/text.ts';
import type { Evidence } from '../../registers/evidence/facts.ts';
import type { SaidFigure } from '../figures.ts';
import type { PromiseView } from './page.promise.ts';

/** What a page is made from besides the database. */
export interface Place {
  readonly now: Instant;
  readonly zone: string;
  readonly language: Language;
  /** Origin of this installation, without a trailing slash. */
  readonly url: string;
}

/** What every public page shows around its own matter. */
export interface FrameView extends Place {
  readonly organisation: string;
  /** Languages the policy is published in. */
  readonly languages: readonly Language[];
  readonly settings: PublicationSettings;
}

/** A published version, with what it changed in the promises. */
export interface HistoryItem extends PublishedRow {
  readonly added: readonly PublishedPromise[];
  /** In the words of the version before. */
  readonly removed: readonly PublishedPromise[];
}

export interface PolicyView extends FrameView {
  readonly version: PublishedRow | null;
  readonly clauses: readonly DocumentClause[];
  /** Null where strangers are not to see statuses. */
  readonly statuses: ReadonlyMap<string, Known> | null;
  readonly promises: readonly string[];
  readonly year: readonly YearPoint[];
  /** Numbers published with the promises, below their clauses; none where statuses are hidden. */
  readonly figures: readonly SaidFigure[];
  readonly history: readonly HistoryItem[];
}

export interface VersionView extends FrameView {
  readonly version: HistoryItem;
  readonly before: PublishedRow | null;
  readonly after: PublishedRow | null;
  readonly clauses: readonly DocumentClause[];
  readonly changes: readonly ClauseChange[];
}

/**
 * What tells whether anything shown has changed: the version in force, the settings, the statuses.
 * One query over some hundred rows.
 */
export async function fingerprint(db: Db): Promise<string> {
  const { rows } = await sql<{ state: string }>`
    select concat_ws(' ',
      (select id from policy_version where state = 'published'),
      (select md5(settings::text) from publication_setting),
      (select md5(string_agg(concat_ws(' ', promise, status, reason, since, proven_at), ',' order by promise))
       from promise_status)) as state`.execute(db);
  return createHash('sha256')
    .update(rows[0]?.state ?? '')
    .digest('base64url')
    .slice(0, 16);
}

/** The frame, in the reader's language where the policy is published in it. */
export async function frameView(db: Db, place: Place): Promise<FrameView> {
  const settings = await publicationSettingsOf(db);
  const language = spoken(place.language, settings.languages);
  const organisation = placeholdersFor(settings, language, place.url).organisation;
  return { ...place, language, organisation, languages: settings.languages, settings };
}

export async function policyView(
  db: Db,
  place: Place,
  figures?: (place: Place) => Promise<readonly SaidFigure[]>,
): Promise<PolicyView> {
  const frame = await frameView(db, place);
  const history = historyOf(await publishedVersions(db));
  const version = history.find((each) => each.supersededAt === null) ?? null;
  const none = {
    ...frame,
    version: null,
    clauses: [],
    statuses: null,
    promises: [],
    year: [],
    figures: [],
    history: [],
  };
  if (!version) return none;
  const language = spoken(place.language, version.languages);
  const promises = (await promisesOfVersion(db, version.id)).map((promise) => promise.id);
  const known = await knownStatuses(db, place.now);
  const statuses = frame.settings.hideStatuses
    ? null
    : new Map(promises.map((id) => [id, known(id)]));
  const clauses = documentClauses({
    ...frame,
    language,
    texts: await textsOf(db, version.id, [language]),
    placeholders: placeholdersFor(frame.settings, language, place.url),
    statuses,
    // Where statuses are published, so is what they stand on.
    link: (promise) => (statuses ? `/promises/${promise}?lang=${language}` : `#${promise}`),
    internals: false,
  });
  const year = statuses ? await statusYear(db, promises, place.now) : [];
  return {
    ...frame,
    language,
    languages: version.languages,
    version,
    clauses,
    statuses,
    promises,
    year,
    figures: (statuses && (await figures?.({ ...place, language }))) ?? [],
    history,
  };
}

/** Whether strangers are shown a promise's status. */
export async function isPublished(db: Db, promise: string): Promise<boolean> {
  const settings = await publicationSettingsOf(db);
  return !settings.hideStatuses && ((await promisesInForce(db))?.has(promise) ?? false);
}

/**
 * One promise of the policy in force with its evidence; null where there is no such promise, or where
 * strangers are not to see statuses.
 */
export async function promiseView(
  db: Db,
  place: Place,
  id: string,
  evidenceOf: (place: Place, id: string) => Promise<Evidence | null>,
): Promise<PromiseView | null> {
  const policy = await policyView(db, place);
  const { language, statuses, version } = policy;
  const known = statuses?.get(id);
  const said = version?.promises.find((promise) => promise.id === id)?.words;
  const evidence = known && said && (await evidenceOf({ ...place, language }, id));
  if (!evidence) return null;
  const text = said[language] ?? said.en ?? said.ja ?? '';
  return {
    ...policy,
    id,
    text: fillPlaceholders(text, placeholdersFor(policy.settings, language, place.url)),
    clause: policy.clauses.find(({ html }) => html.includes(`data-promise="${id}"`)) ?? null,
    known,
    evidence,
  };
}

/** A published version by its number, with its neighbours. */
export async function versionView(db: Db, place: Place, number: number): Promise<VersionView> {
  const frame = await frameView(db, place);
  const history = historyOf(await publishedVersions(db));
  const version = history.find((each) => each.number === number);
  invariant(version, `version ${number} was published`);
  const before = history.find((each) => each.number === number - 1) ?? null;
  const after = history.find((each) => each.number === number + 1) ?? null;
  const language = spoken(place.language, version.languages);
  const texts = await textsOf(db, version.id, [language]);
  const clauses = documentClauses({
    ...frame,
    language,
    texts,
    placeholders: placeholdersFor(frame.settings, language, place.url),
    statuses: null,
    link: (promise) => `#${promise}`,
    internals: false,
  });
  const earlier = before ? await textsOf(db, before.id, [language]) : [];
  const changes = before ? clauseChanges(earlier, texts) : [];
  return {
    ...frame,
    language,
    languages: version.languages,
    version,
    before,
    after,
    clauses,
    changes,
  };
}

export async function historyView(
  db: Db,
  place: Place,
): Promise<FrameView & { readonly history: readonly HistoryItem[] }> {
  return { ...(await frameView(db, place)), history: historyOf(await publishedVersions(db)) };
}

/** Newest first, each compared with the one before it. */
function historyOf(versions: readonly PublishedRow[]): readonly HistoryItem[] {
  const without = (all: readonly PublishedPromise[], others: readonly PublishedPromise[]) => {
    const ids = new Set(others.map(({ id }) => id));
    return all.filter(({ id }) => !ids.has(id));
  };
  return versions.map((version, at) => {
    const before = versions[at + 1]?.promises;
    return {
      ...version,
      added: before ? without(version.promises, before) : [],
      removed: before ? without(before, version.promises) : [],
    };
  });
}
