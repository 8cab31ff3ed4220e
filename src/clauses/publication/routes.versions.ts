import { sql } from 'kysely';
import { z } from 'zod';
import type { Db } from '../../kernel/db.ts';
import { instantText } from '../../kernel/instant.ts';
import { type Language, languages } from '../../kernel/language.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { answerList, listInput, listOutput } from '../../registers/list.ts';
import { clauseChanges, promiseChanges } from './facts.changes.ts';
import { versionStates } from './facts.ts';
import { clausesOf, type PromiseOfVersion, problemsOf, promisesOf } from './facts.version.ts';
import { languagesPublished } from './store.office.ts';
import {
  authorNames,
  notDiscarded,
  shownToStaff,
  type VersionRow,
  versionList,
  versionRow,
  versionSorts,
} from './store.reading.ts';
import {
  promisesOfVersion,
  type StoredText,
  textsOf,
  upholdersNow,
  versionInForce,
} from './store.version.ts';

/** Versions as pages read them: the list, one version, and what changed between two. */

const words = z.partialRecord(z.enum(languages), z.string());

export const versionOutput = z.object({
  id: z.string(),
  number: z.int(),
  state: z.enum(versionStates),
  origin: z.enum(['published', 'shipped', 'import']),
  languages: z.array(z.enum(languages)),
  createdAt: z.string(),
  createdBy: z.string().nullable(),
  proposedAt: z.string().nullable(),
  effectiveOn: z.string().nullable(),
  summary: words,
  digest: z.string().nullable(),
  approvedAt: z.string().nullable(),
  approvedBy: z.string().nullable(),
  ask: z.enum(['everyone', 'changed', 'nobody']).nullable(),
  rejection: z.string().nullable(),
  publishedAt: z.string().nullable(),
});
export type VersionItem = z.output<typeof versionOutput>;

export function versionItem(row: VersionRow): VersionItem {
  const at = (instant: VersionRow['publishedAt']): string | null =>
    instant ? instantText(instant) : null;
  return {
    ...row,
    languages: [...row.languages],
    createdAt: instantText(row.createdAt),
    proposedAt: at(row.proposedAt),
    effectiveOn: row.effectiveOn?.toString() ?? null,
    approvedAt: at(row.approvedAt),
    ask: row.ask?.kind ?? null,
    publishedAt: at(row.publishedAt),
  };
}

export const problemOutput = z.object({
  severity: z.enum(['error', 'warning']),
  code: z.string(),
  clause: z.string().nullable(),
  language: z.enum(languages).nullable(),
  line: z.int(),
  column: z.int(),
  params: z.record(z.string(), z.string()),
});

const promiseOutput = z.object({
  id: z.string(),
  clause: z.string(),
  words,
  upholders: z.array(z.string()),
});

const fullVersion = z.object({
  version: versionOutput,
  authors: z.array(z.object({ id: z.string(), name: z.string() })),
  clauses: z.array(
    z.object({
      clause: z.string(),
      texts: z.array(
        z.object({ language: z.enum(languages), markdown: z.string(), revision: z.int() }),
      ),
    }),
  ),
  /** Marked in the text, in its order, with what upholds each now. */
  promises: z.array(promiseOutput),
  problems: z.array(problemOutput),
  /** Promises that Kept upholds and this text does not make. */
  upheldButNotInText: z.array(z.object({ id: z.string(), upholders: z.array(z.string()) })),
  /** Promises that lost something that upheld them on its publication; of a draft: on that of the version in force. */
  lost: z.array(z.object({ id: z.string(), upholders: z.array(z.string()) })),
});

const change = z.object({ kind: z.enum(['same', 'added', 'removed']), text: z.string() });

export const comparison = z.object({
  from: versionOutput.nullable(),
  to: versionOutput,
  clauses: z.array(
    z.object({
      clause: z.string(),
      kind: z.enum(['added', 'removed', 'changed', 'moved', 'same']),
      titles: words,
      changes: z.partialRecord(z.enum(languages), z.array(change)),
    }),
  ),
  promises: z.object({
    added: z.array(promiseOutput),
    removed: z.array(promiseOutput),
    reworded: z.array(promiseOutput.extend({ before: words })),
  }),
});

/** Whether a caller may see a version: what is not published is for those who work on it. */
export function mayRead(request: Pick<Request, 'may'>, row: Pick<VersionRow, 'state'>): boolean {
  return row.state === 'published' || row.state === 'superseded' || request.may('readPolicyDrafts');
}

export const versionRoutes = {
  listPolicyVersions: route({
    method: 'get',
    path: '/policy/versions',
    summary: 'Versions of the policy, newest first; drafts only for those who work on them.',
    permission: 'readPolicy',
    input: listInput({ sorts: versionSorts }, { state: z.enum(versionStates).optional() }),
    output: listOutput(versionOutput),
    handle: ({ db, may }, input) => {
      const shown = may('readPolicyDrafts') ? notDiscarded : shownToStaff;
      return answerList(db, versionList(versionItem), input, [
        { sql: shown },
        ...stateFilter(input.state),
      ]);
    },
  }),

  readPolicyVersion: route({
    method: 'get',
    path: '/policy/versions/{id}',
    summary: 'One version: its texts, promises and problems, and what upholds each promise.',
    permission: 'readPolicy',
    input: z.object({ id: z.uuid() }),
    output: fullVersion,
    handle: async (request, { id }) => {
      const { db } = request;
      const row = await versionRow(db, id);
      if (!row || !mayRead(request, row)) return refuse('notFound');
      return ok(await fullVersionOf(db, row));
    },
  }),

  comparePolicyVersions: route({
    method: 'get',
    path: '/policy/compare',
    summary:
      'What changed between two versions, by clause and language; with the version in force where `from` is left out.',
    permission: 'readPolicy',
    input: z.object({ from: z.uuid().optional(), to: z.uuid() }),
    output: comparison,
    handle: async (request, input) => {
      const { db } = request;
      const to = await versionRow(db, input.to);
      const fromId = input.from ?? (await versionInForce(db))?.id;
      const from = fromId ? await versionRow(db, fromId) : null;
      const hidden = [to, from].some((row) => row !== null && !mayRead(request, row));
      if (!to || hidden || (input.from && !from)) return refuse('notFound');
      return ok(await compareVersions(db, from, to));
    },
  }),
};

function stateFilter(state: string | undefined) {
  return state ? [{ sql: sql`v.state = ${state}` }] : [];
}

/** What the approver, the editor and the reader of history see between two versions. */
export async function compareVersions(
  db: Db,
  from: VersionRow | null,
  to: VersionRow,
): Promise<z.output<typeof comparison>> {
  const before = from ? await textsOf(db, from.id) : [];
  const after = await textsOf(db, to.id);
  const upholders = await upholdersNow(db);
  const changes = promiseChanges(before, after);
  return {
    from: from && versionItem(from),
    to: versionItem(to),
    clauses: clauseChanges(before, after).map((each) => ({
      ...each,
      titles: { ...each.titles },
      changes: Object.fromEntries(
        Object.entries(each.changes).map(([language, runs]) => [
          language,
          runs.map((run) => ({ ...run })),
        ]),
      ),
    })),
    promises: {
      added: changes.added.map((promise) => withUpholders(promise, upholders)),
      removed: changes.removed.map((promise) => withUpholders(promise, upholders)),
      reworded: changes.reworded.map((pair) => ({
        ...withUpholders(pair.after, upholders),
        before: { ...pair.before.words },
      })),
    },
  };
}

function withUpholders(
  promise: PromiseOfVersion,
  upholders: ReadonlyMap<string, readonly string[]>,
) {
  return {
    id: promise.id,
    clause: promise.clause,
    words: { ...promise.words },
    upholders: [...(upholders.get(promise.id) ?? [])],
  };
}

async function fullVersionOf(db: Db, row: VersionRow): Promise<z.output<typeof fullVersion>> {
  const fixed = row.state !== 'draft';
  const texts = await textsOf(db, row.id);
  const languages: readonly Language[] = fixed ? row.languages : await languagesPublished(db);
  const upholders = await upholdersNow(db);
  const promises = promisesOf(texts);
  const made = new Set(promises.map((promise) => promise.id));
  return {
    version: versionItem(row),
    authors: [...(await authorNames(db, row.id))],
    clauses: clausesOf(texts).map((clause) => ({ clause, texts: textsIn(texts, clause) })),
    promises: promises.map((promise) => withUpholders(promise, upholders)),
    problems: problemsOf(texts, languages).map((problem) => ({
      ...problem,
      params: { ...problem.params },
    })),
    upheldButNotInText: [...upholders]
      .filter(([id]) => !made.has(id))
      .map(([id, names]) => ({ id, upholders: [...names] })),
    lost: await lostSince(db, fixed ? row.id : (await versionInForce(db))?.id, upholders),
  };
}

function textsIn(texts: readonly StoredText[], clause: string) {
  return texts
    .filter((text) => text.clause === clause)
    .map(({ language, markdown, revision }) => ({ language, markdown, revision }));
}

async function lostSince(
  db: Db,
  versionId: string | undefined,
  upholders: ReadonlyMap<string, readonly string[]>,
) {
  const promises = versionId ? await promisesOfVersion(db, versionId) : [];
  return promises.flatMap(({ id, upholders: before }) => {
    const now = upholders.get(id) ?? [];
    const gone = before.filter((name) => !now.includes(name));
    return gone.length > 0 ? [{ id, upholders: gone }] : [];
  });
}
