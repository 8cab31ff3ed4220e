import { sql } from 'kysely';
import { z } from 'zod';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { Condition, List, SortColumn } from '../list.ts';

export const importKinds = ['osv', 'kev', 'epss'] as const;
export const importStates = ['running', 'done', 'failed'] as const;

/** One import of advisories, of what is exploited, or of predictions. */
export const importItem = z.object({
  id: z.string(),
  kind: z.enum(importKinds),
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
  /** Why it ended without an end. */
  problem: z.string().nullable(),
});
export type ImportItem = z.output<typeof importItem>;

export interface ImportRow extends Omit<ImportItem, 'beganAt' | 'finishedAt'> {
  readonly beganAt: Instant;
  readonly finishedAt: Instant | null;
}

const state = sql`case when advisory_import.problem is not null then 'failed'
  when advisory_import.finished_at is null then 'running' else 'done' end`;

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
    select: sql`advisory_import.id, advisory_import.kind, advisory_import.origin, ${state} as state,
      advisory_import.began_at as "beganAt", advisory_import.finished_at as "finishedAt",
      advisory_import.read, advisory_import.added, advisory_import.changed,
      advisory_import.unchanged, advisory_import.withdrawn, advisory_import.refused,
      advisory_import.problem`,
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
    { header: 'problem', cell: (it) => it.problem },
  ],
  filename: 'advisory-imports',
};

export function importOf(row: ImportRow): ImportItem {
  return {
    ...row,
    beganAt: instantText(row.beganAt),
    finishedAt: row.finishedAt && instantText(row.finishedAt),
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
  if (filters.state) conditions.push({ sql: sql`${state} = ${filters.state}` });
  return conditions;
}
