import { sql } from 'kysely';
import { z } from 'zod';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { answerList, listInput, listOutput } from '../list.ts';
import { exploitation, prediction, shownAdvisory } from './facts.shown.ts';
import {
  type ImportRow,
  importConditions,
  importFilters,
  importItem,
  importList,
  importOf,
  importSorts,
} from './list.imports.ts';
import {
  vulnerabilityConditions,
  vulnerabilityFilters,
  vulnerabilityItem,
  vulnerabilityList,
  vulnerabilitySorts,
} from './list.ts';
import { shownVulnerability } from './store.shown.ts';

export const vulnerabilityOutput = vulnerabilityItem.extend({
  names: z.array(z.string()),
  advisories: z.array(shownAdvisory),
  /** Packages of all advisories; more than are shown of those with thousands. */
  packageCount: z.int(),
  exploitation: exploitation.nullable(),
  predicted: prediction.nullable(),
});

/** Refused advisories that are shown with an import. */
const refusedShown = 500;

export const listRoutes = {
  listVulnerabilities: route({
    method: 'get',
    path: '/vulnerabilities',
    summary: 'Vulnerabilities by all of their names, with severity, exploitation and packages.',
    permission: 'readVulnerabilities',
    input: listInput({ sorts: vulnerabilitySorts }, vulnerabilityFilters),
    output: listOutput(vulnerabilityItem),
    handle: ({ db }, input) =>
      answerList(db, vulnerabilityList, input, vulnerabilityConditions(input)),
  }),

  showVulnerability: route({
    method: 'get',
    path: '/vulnerabilities/{id}',
    summary: 'One vulnerability, by its id or any of its names, with all of its advisories.',
    permission: 'readVulnerabilities',
    input: z.object({ id: z.string().min(1).max(200) }),
    output: vulnerabilityOutput,
    handle: async ({ db }, { id }) => {
      const found = await shownVulnerability(db, id);
      return found ? ok(found) : refuse('notFound');
    },
  }),

  listAdvisoryImports: route({
    method: 'get',
    path: '/advisory-imports',
    summary: 'Imports of advisories, with what each added, changed and set aside.',
    permission: 'readVulnerabilities',
    input: listInput({ sorts: importSorts }, importFilters),
    output: listOutput(importItem),
    handle: ({ db }, input) => answerList(db, importList, input, importConditions(input)),
  }),

  showAdvisoryImport: route({
    method: 'get',
    path: '/advisory-imports/{id}',
    summary: 'One import, with what was set aside and why.',
    permission: 'readVulnerabilities',
    input: z.object({ id: z.uuid() }),
    output: importItem.extend({
      setAside: z.array(z.object({ name: z.string(), reason: z.string() })),
    }),
    handle: readImport,
  }),
};

async function readImport({ db }: Request, { id }: { readonly id: string }) {
  const { source } = importList;
  const { rows } = await sql<ImportRow>`
    select ${source.select} from (select ${id}::uuid as id) page ${source.details}`.execute(db);
  const [row] = rows;
  if (!row) return refuse('notFound');
  const aside = await sql<{ name: string; reason: string }>`
    select name, reason from advisory_refused where import_id = ${id}
    order by name limit ${refusedShown}`.execute(db);
  return ok({ ...importOf(row), setAside: [...aside.rows] });
}
