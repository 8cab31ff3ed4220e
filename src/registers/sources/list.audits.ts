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
});
export type AuditItem = z.output<typeof auditItem>;

interface AuditRow extends Omit<AuditItem, 'at'> {
  readonly at: Instant;
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
      audit.components, audit.notes, audit.digest`,
    details: sql`join audit on audit.id = page.id
      left join person giver on audit.by in (giver.id::text, 'person/' || giver.id::text)`,
  },
  item: ({ at, ...row }) => ({ ...row, at: instantText(at) }),
  csv: [
    { header: 'at', cell: (it) => it.at },
    { header: 'by', cell: (it) => it.by },
    { header: 'way', cell: (it) => it.way },
    { header: 'formats', cell: (it) => it.formats.join(' ') },
    { header: 'complete', cell: (it) => it.complete },
    { header: 'components', cell: (it) => it.components },
    { header: 'notes', cell: (it) => it.notes.join('\n') },
    { header: 'digest', cell: (it) => it.digest },
  ],
  filename: 'audits',
};
