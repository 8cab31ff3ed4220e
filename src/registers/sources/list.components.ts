import { sql } from 'kysely';
import { z } from 'zod';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { type Condition, flag, type List, type SortColumn } from '../list.ts';

/** A package in one version, in the newest inventory of a source. */
export const componentItem = z.object({
  id: z.string(),
  source: z.object({ id: z.string(), key: z.string(), name: z.string() }),
  ecosystem: z.string(),
  name: z.string(),
  version: z.string(),
  packageKey: z.string(),
  purl: z.string().nullable(),
  isDevelopment: z.boolean(),
  /** Names from what the software asks for to itself; null where the file does not tell. */
  path: z.array(z.string()).nullable(),
  /** The audit that saw it last. */
  seenAt: z.string(),
});
export type ComponentItem = z.output<typeof componentItem>;

interface ComponentRow {
  readonly packageId: string;
  readonly sourceId: string;
  readonly sourceKey: string;
  readonly sourceName: string;
  readonly ecosystem: string;
  readonly name: string;
  readonly version: string;
  readonly packageKey: string;
  readonly purl: string | null;
  readonly isDevelopment: boolean;
  readonly path: string[] | null;
  readonly seenAt: Instant;
}

const held = sql`join package_version held on held.id = component.package_version_id`;
const source = sql`join source on source.id = component.source_id`;
/** A number in the shape that a list's cursor wants of keys. */
const packageId = sql`lpad(to_hex(component.package_version_id), 32, '0')::uuid`;

export const componentSorts = {
  name: { sql: sql`held.name`, type: 'text', needs: ['held'] },
  ecosystem: { sql: sql`held.ecosystem`, type: 'text', needs: ['held'] },
  source: { sql: sql`source.name`, type: 'text', needs: ['source'] },
} satisfies Record<string, SortColumn>;

/** Components of one source, or of all that are not retired. */
export const componentList: List<ComponentRow, ComponentItem> = {
  source: {
    from: [sql`component`],
    joins: { held, source },
    key: { source_id: sql`component.source_id`, package_id: packageId },
    sorts: componentSorts,
    defaultSort: 'name',
    search: (like) => ({
      sql: sql`lower(held.name) like ${like} or lower(held.name || '@' || held.version) like ${like}`,
      needs: ['held'],
    }),
    select: sql`page.package_id::text as "packageId", source.id as "sourceId",
      source.key as "sourceKey", source.name as "sourceName", held.ecosystem, held.name,
      held.version, held.package_key as "packageKey", component.purl,
      component.is_development as "isDevelopment", component.path, seen.at as "seenAt"`,
    details: sql`join component on component.source_id = page.source_id
        and component.package_version_id = ('x' || right(replace(page.package_id::text, '-', ''), 16))::bit(64)::bigint
      ${held} ${source} join audit seen on seen.id = component.audit_id`,
  },
  item: ({ packageId: id, sourceId, sourceKey, sourceName, seenAt, ...row }) => ({
    ...row,
    id: `${sourceId}.${id}`,
    source: { id: sourceId, key: sourceKey, name: sourceName },
    seenAt: instantText(seenAt),
  }),
  csv: [
    { header: 'source', cell: (it) => it.source.key },
    { header: 'ecosystem', cell: (it) => it.ecosystem },
    { header: 'name', cell: (it) => it.name },
    { header: 'version', cell: (it) => it.version },
    { header: 'purl', cell: (it) => it.purl },
    { header: 'development', cell: (it) => it.isDevelopment },
    { header: 'path', cell: (it) => it.path?.join(' > ') ?? '' },
  ],
  filename: 'components',
};

export const componentFilters = {
  /** Id or short name of a source. */
  source: z.string().max(64).optional(),
  ecosystem: z.string().max(64).optional(),
  development: flag.optional(),
};

export function componentConditions(
  filters: z.output<z.ZodObject<typeof componentFilters>>,
): Condition[] {
  const conditions: Condition[] = [];
  const { ecosystem, development } = filters;
  if (filters.source)
    conditions.push({
      sql: sql`component.source_id = (select id from source where id::text = ${filters.source} or key = ${filters.source})`,
    });
  else conditions.push({ sql: sql`source.retired_at is null`, needs: ['source'] });
  if (ecosystem)
    conditions.push({
      sql: sql`split_part(held.ecosystem, ':', 1) = ${ecosystem}`,
      needs: ['held'],
    });
  if (development !== undefined)
    conditions.push({ sql: sql`component.is_development = ${development}` });
  return conditions;
}
