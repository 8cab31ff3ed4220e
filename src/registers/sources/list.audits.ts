import { sql } from 'kysely';
import { z } from 'zod';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { List, SortColumn } from '../list.ts';

/** One audit of a source. */
export const auditItem = z.object({
  id: z.string(),
  sourceId: z.string(),
  at: z.string(),
  /** Name of who gave it; of a machine what it calls itself. */
  by: z.string(),
  way: z.string(),
  /** Lockfile names, formats, tools. */
  formats: z.array(z.string()),
  /** Of what was read only in part nothing is proven gone. */
  complete: z.boolean(),
  components: z.int(),
  /** What could not be read, and why. */
  notes: z.array(z.string()),
  digest: z.string(),
  /** Most of what was known would be gone by it; it proves that once it is confirmed. */
  doubted: z.boolean(),
  /** Components that it is about. */
  missing: z.int(),
  /** Why so much is gone, by who gave it. */
  goneBecause: z.string().nullable(),
  /** Name of the second person. */
  confirmedBy: z.string().nullable(),
  confirmedAt: z.string().nullable(),
});
export type AuditItem = z.output<typeof auditItem>;

interface AuditRow extends Omit<AuditItem, 'at' | 'confirmedAt'> {
  readonly at: Instant;
  readonly confirmedAt: Instant | null;
}

export const auditSorts = {
  at: { sql: sql`audit.at`, type: 'timestamptz' },
  components: { sql: sql`audit.components`, type: 'integer' },
} satisfies Record<string, SortColumn>;

/** Audits, newest first. */
export const auditList: List<AuditRow, AuditItem> = {
  source: {
    from: [sql`audit`],
    key: { id: sql`audit.id` },
    sorts: auditSorts,
    defaultSort: '-at',
    select: sql`audit.id, audit.source_id as "sourceId", audit.at,
      coalesce(giver.name, audit.by) as by, audit.way, audit.formats, audit.complete,
      audit.components, audit.notes, audit.digest, audit.doubted, audit.missing,
      audit.gone_because as "goneBecause", confirmer.name as "confirmedBy",
      audit.confirmed_at as "confirmedAt"`,
    details: sql`join audit on audit.id = page.id
      left join person confirmer on confirmer.id = audit.confirmed_by
      left join person giver on audit.by in (giver.id::text, 'person/' || giver.id::text)`,
  },
  item: ({ at, confirmedAt, ...row }) => ({
    ...row,
    at: instantText(at),
    confirmedAt: confirmedAt && instantText(confirmedAt),
  }),
  csv: [
    { header: 'at', cell: (it) => it.at },
    { header: 'by', cell: (it) => it.by },
    { header: 'way', cell: (it) => it.way },
    { header: 'formats', cell: (it) => it.formats.join(' ') },
    { header: 'complete', cell: (it) => it.complete },
    { header: 'components', cell: (it) => it.components },
    { header: 'notes', cell: (it) => it.notes.join('\n') },
    { header: 'digest', cell: (it) => it.digest },
    { header: 'doubted', cell: (it) => it.doubted },
    { header: 'missing', cell: (it) => it.missing },
    { header: 'goneBecause', cell: (it) => it.goneBecause },
    { header: 'confirmedBy', cell: (it) => it.confirmedBy },
    { header: 'confirmedAt', cell: (it) => it.confirmedAt },
  ],
  filename: 'audits',
};
