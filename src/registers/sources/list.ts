import { sql } from 'kysely';
import { z } from 'zod';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { type Condition, flag, type List, type SortColumn } from '../list.ts';
import { sourceKinds } from './facts.terms.ts';

const person = z.object({ id: z.string(), name: z.string() });

/** A line of the register of sources (VUL-1). */
export const sourceItem = z.object({
  id: z.string(),
  /** Short name used by pipelines: `web-shop`. */
  key: z.string(),
  name: z.string(),
  kind: z.enum(sourceKinds),
  location: z.string(),
  system: z.object({ id: z.string(), key: z.string(), name: z.string() }),
  owner: person.nullable(),
  cadenceDays: z.int(),
  /** Connection that reads it; null where it is given by upload or by a pipeline. */
  connectionId: z.string().nullable(),
  registeredAt: z.string(),
  lastAuditAt: z.string().nullable(),
  /** Whether its newest audit read all of it; null before the first. */
  complete: z.boolean().nullable(),
  /** Most would be gone by its newest audit, and nobody has confirmed that yet. */
  doubted: z.boolean(),
  /** Components of its newest inventory; where that is in doubt, those that are known. */
  components: z.int(),
  dueAt: z.string(),
  overdue: z.boolean(),
  retiredAt: z.string().nullable(),
  version: z.int(),
});
export type SourceItem = z.output<typeof sourceItem>;

export interface SourceRow {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly kind: SourceItem['kind'];
  readonly location: string;
  readonly systemId: string;
  readonly systemKey: string;
  readonly systemName: string;
  readonly ownerId: string | null;
  readonly ownerName: string | null;
  readonly cadenceDays: number;
  readonly connectionId: string | null;
  readonly registeredAt: Instant;
  readonly lastAuditAt: Instant | null;
  readonly complete: boolean | null;
  readonly doubted: boolean;
  readonly components: number;
  readonly dueAt: Instant;
  readonly retiredAt: Instant | null;
  readonly version: number;
}

const system = sql`join system on system.id = source.system_id`;
const owner = sql`left join person owner on owner.id = source.owner_id`;

export const sourceSorts = {
  due: { sql: sql`source.due_at`, type: 'timestamptz' },
  name: { sql: sql`source.name`, type: 'text' },
  key: { sql: sql`source.key`, type: 'text' },
  kind: { sql: sql`source.kind`, type: 'text' },
  system: { sql: sql`system.name`, type: 'text', needs: ['system'] },
  owner: { sql: sql`owner.name`, type: 'text', nullable: true, needs: ['owner'] },
  lastAudit: { sql: sql`source.last_audit_at`, type: 'timestamptz', nullable: true },
} satisfies Record<string, SortColumn>;

/** Every source; those that are overdue come first by the default order. */
export function sourceList(now: Instant): List<SourceRow, SourceItem> {
  return {
    source: {
      from: [sql`source`],
      joins: { system, owner },
      key: { id: sql`source.id` },
      sorts: sourceSorts,
      defaultSort: 'due',
      search: (like) => ({
        sql: sql`lower(source.name) like ${like} or source.key like ${like}
          or lower(source.location) like ${like} or lower(system.name) like ${like}
          or lower(owner.name) like ${like}`,
        needs: ['system', 'owner'],
      }),
      select: sql`source.id, source.key, source.name, source.kind, source.location,
        system.id as "systemId", system.key as "systemKey", system.name as "systemName",
        owner.id as "ownerId", owner.name as "ownerName", source.cadence_days as "cadenceDays",
        source.connection_id as "connectionId", source.registered_at as "registeredAt",
        source.last_audit_at as "lastAuditAt", newest.complete,
        coalesce(newest.doubted and newest.confirmed_at is null, false) as doubted,
        case when newest.doubted and newest.confirmed_at is null
          then (select count(*)::int from component held where held.source_id = source.id)
          else coalesce(newest.components, 0) end as components, source.due_at as "dueAt",
        source.retired_at as "retiredAt", source.version`,
      details: sql`join source on source.id = page.id ${system} ${owner}
        left join audit newest on newest.id = source.last_audit_id`,
    },
    item: (row) => sourceOf(row, now),
    csv: [
      { header: 'key', cell: (it) => it.key },
      { header: 'name', cell: (it) => it.name },
      { header: 'kind', cell: (it) => it.kind },
      { header: 'location', cell: (it) => it.location },
      { header: 'system', cell: (it) => it.system.key },
      { header: 'owner', cell: (it) => it.owner?.name ?? '' },
      { header: 'cadenceDays', cell: (it) => it.cadenceDays },
      { header: 'lastAuditAt', cell: (it) => it.lastAuditAt },
      { header: 'components', cell: (it) => it.components },
      { header: 'doubted', cell: (it) => it.doubted },
      { header: 'dueAt', cell: (it) => it.dueAt },
      { header: 'overdue', cell: (it) => it.overdue },
      { header: 'retiredAt', cell: (it) => it.retiredAt },
    ],
    filename: 'sources',
  };
}

export function sourceOf(row: SourceRow, now: Instant): SourceItem {
  const { systemId, systemKey, systemName, ownerId, ownerName, retiredAt, ...rest } = row;
  return {
    ...rest,
    system: { id: systemId, key: systemKey, name: systemName },
    owner: ownerId ? { id: ownerId, name: ownerName ?? '' } : null,
    registeredAt: instantText(row.registeredAt),
    lastAuditAt: row.lastAuditAt && instantText(row.lastAuditAt),
    dueAt: instantText(row.dueAt),
    overdue: !retiredAt && Temporal.Instant.compare(row.dueAt, now) <= 0,
    retiredAt: retiredAt && instantText(retiredAt),
  };
}

export const sourceFilters = {
  kind: z.enum(sourceKinds).optional(),
  /** Short name of the system it belongs to. */
  system: z.string().max(64).optional(),
  owner: z.uuid().optional(),
  overdue: flag.optional(),
  /** Never audited so far. */
  never: flag.optional(),
  retired: flag.optional(),
};

export function sourceConditions(
  filters: z.output<z.ZodObject<typeof sourceFilters>>,
  now: Instant,
): Condition[] {
  const conditions: Condition[] = [
    { sql: filters.retired ? sql`source.retired_at is not null` : sql`source.retired_at is null` },
  ];
  if (filters.kind) conditions.push({ sql: sql`source.kind = ${filters.kind}` });
  if (filters.system)
    conditions.push({ sql: sql`system.key = ${filters.system}`, needs: ['system'] });
  if (filters.owner) conditions.push({ sql: sql`source.owner_id = ${filters.owner}` });
  if (filters.overdue !== undefined)
    conditions.push({ sql: sql`(source.due_at <= ${now}) = ${filters.overdue}` });
  if (filters.never !== undefined)
    conditions.push({ sql: sql`(source.last_audit_at is null) = ${filters.never}` });
  return conditions;
}
