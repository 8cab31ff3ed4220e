import { sql } from 'kysely';
import { z } from 'zod';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { Condition, List, SortColumn } from '../list.ts';
import { importKinds, importProblems } from './facts.ts';

export const importStates = ['waiting', 'running', 'done', 'failed'] as const;

/** One import of advisories, of what is exploited, or of predictions. */
export const importItem = z.object({
  id: z.string(),
  kind: z.enum(importKinds),
  way: z.enum(['file', 'feed']),
  origin: z.string(),
  state: z.enum(importStates),
  beganAt: z.string(),
  finishedAt: z.string().nullable(),
  read: z.int(),
  added: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  withdrawn: z.int(),
  /** Set aside, each with its reason. */
  refused: z.int(),
  /** Ecosystems that it is said to be all of, and those that it has brought up to date. */
  covers: z.array(z.string()),
  covered: z.array(z.string()),
  /** Of what is being read now: which archive, how many of its entries are taken, and of how many. */
  part: z.string(),
  position: z.int(),
  entries: z.int().nullable(),
  /** Why it ended without an end, or is tried again. */
  problem: z.enum(importProblems).nullable(),
  detail: z.string(),
  retryAt: z.string().nullable(),
});
export type ImportItem = z.output<typeof importItem>;

export interface ImportRow extends Omit<ImportItem, 'beganAt' | 'finishedAt' | 'retryAt'> {
  readonly beganAt: Instant;
  readonly finishedAt: Instant | null;
  readonly retryAt: Instant | null;
}

export const importSorts = {
  began: { sql: sql`advisory_import.began_at`, type: 'timestamptz' },
  origin: { sql: sql`advisory_import.origin`, type: 'text' },
} satisfies Record<string, SortColumn>;

/** Imports, newest first. */
export const importList: List<ImportRow, ImportItem> = {
  source: {
    from: [sql`advisory_import`],
    key: { id: sql`advisory_import.id` },
    sorts: importSorts,
    defaultSort: '-began',
    search: (like) => ({ sql: sql`lower(advisory_import.origin) like ${like}` }),
    select: sql`advisory_import.id, advisory_import.kind, advisory_import.way, advisory_import.origin,
      advisory_import.state,
      advisory_import.began_at as "beganAt", advisory_import.finished_at as "finishedAt",
      advisory_import.read, advisory_import.added, advisory_import.changed,
      advisory_import.unchanged, advisory_import.withdrawn, advisory_import.refused,
      advisory_import.covers, advisory_import.covered,
      advisory_import.part, advisory_import.position, advisory_import.entries,
      advisory_import.problem, advisory_import.detail, advisory_import.retry_at as "retryAt"`,
    details: sql`join advisory_import on advisory_import.id = page.id`,
  },
  item: importOf,
  csv: [
    { header: 'beganAt', cell: (it) => it.beganAt },
    { header: 'finishedAt', cell: (it) => it.finishedAt },
    { header: 'kind', cell: (it) => it.kind },
    { header: 'origin', cell: (it) => it.origin },
    { header: 'state', cell: (it) => it.state },
    { header: 'read', cell: (it) => it.read },
    { header: 'added', cell: (it) => it.added },
    { header: 'changed', cell: (it) => it.changed },
    { header: 'unchanged', cell: (it) => it.unchanged },
    { header: 'withdrawn', cell: (it) => it.withdrawn },
    { header: 'refused', cell: (it) => it.refused },
    { header: 'covered', cell: (it) => it.covered.join(' ') },
    { header: 'problem', cell: (it) => it.problem },
  ],
  filename: 'advisory-imports',
};

export function importOf(row: ImportRow): ImportItem {
  return {
    ...row,
    beganAt: instantText(row.beganAt),
    finishedAt: row.finishedAt && instantText(row.finishedAt),
    retryAt: row.retryAt && instantText(row.retryAt),
  };
}

export const importFilters = {
  kind: z.enum(importKinds).optional(),
  state: z.enum(importStates).optional(),
};

export function importConditions(
  filters: z.output<z.ZodObject<typeof importFilters>>,
): Condition[] {
  const conditions: Condition[] = [];
  if (filters.kind) conditions.push({ sql: sql`advisory_import.kind = ${filters.kind}` });
  if (filters.state) conditions.push({ sql: sql`advisory_import.state = ${filters.state}` });
  return conditions;
}
