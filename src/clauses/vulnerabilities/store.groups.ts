import { type RawBuilder, sql } from 'kysely';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { List, SortColumn } from '../../registers/list.ts';
import type { BacklogGroup, Grouping } from './facts.shown.ts';

/** What is to be done, gathered by what one act would clear, or by whose it is. */

export interface GroupRow extends Omit<BacklogGroup, 'score' | 'dueAt'> {
  readonly score: string | number | null;
  readonly dueAt: Instant;
}

export const groupSorts = {
  items: { sql: sql`grouped.items`, type: 'integer' },
  overdue: { sql: sql`grouped.overdue`, type: 'integer' },
  due: { sql: sql`grouped.due_at`, type: 'timestamptz' },
  score: { sql: sql`(grouped.score * 10)::integer`, type: 'integer', nullable: true },
  name: { sql: sql`grouped.name`, type: 'text' },
} satisfies Record<string, SortColumn>;

type Sql = RawBuilder<unknown>;

/** Key, name and version of a group, and the joins that they need. */
const by: Readonly<Record<Grouping, { key: Sql; name: Sql; fix?: Sql; joins?: Sql; where?: Sql }>> =
  {
    component: { key: sql`item.package_key`, name: sql`min(item.component_name)` },
    fix: {
      key: sql`item.package_key`,
      name: sql`min(item.component_name)`,
      fix: sql`item.fix_version`,
      where: sql`and item.fix_version is not null`,
    },
    asset: { key: sql`system.key`, name: sql`min(system.name)` },
    owner: {
      key: sql`coalesce(item.assignee_id::text, 'none')`,
      name: sql`coalesce(min(assignee.name), '')`,
      joins: sql`left join person assignee on assignee.id = item.assignee_id`,
    },
    source: {
      key: sql`source.key`,
      name: sql`min(source.name)`,
      joins: sql`join (select distinct item_id, source_id from sighting where gone_at is null) seen
        on seen.item_id = item.id join source on source.id = seen.source_id`,
    },
  };

/** Groups of what is open or being worked on; those with most items first. */
export function groupList(grouping: Grouping, now: Instant): List<GroupRow, BacklogGroup> {
  const grouped = groups(grouping, now);
  return {
    source: {
      from: [grouped],
      key: { id: sql`grouped.id` },
      sorts: groupSorts,
      defaultSort: '-items',
      search: (like) => ({ sql: sql`lower(grouped.name) like ${like}` }),
      select: sql`grouped.key, grouped.name, grouped.fix_version as "fixVersion", grouped.items,
        grouped.overdue, grouped.exploited,
        (array['critical', 'high', 'medium', 'low', 'none', 'unrated'])[grouped.worst] as class,
        grouped.score, grouped.due_at as "dueAt", grouped.assets[1:3] as assets,
        cardinality(grouped.assets) as "assetCount"`,
      details: sql`join ${grouped} on grouped.id = page.id`,
    },
    item: ({ score, dueAt, ...row }) => ({
      ...row,
      score: score === null ? null : Number(score),
      dueAt: instantText(dueAt),
    }),
    csv: [
      { header: 'key', cell: (it) => it.key },
      { header: 'name', cell: (it) => it.name },
      { header: 'fixVersion', cell: (it) => it.fixVersion },
      { header: 'items', cell: (it) => it.items },
      { header: 'overdue', cell: (it) => it.overdue },
      { header: 'exploited', cell: (it) => it.exploited },
      { header: 'class', cell: (it) => it.class },
      { header: 'score', cell: (it) => it.score },
      { header: 'dueAt', cell: (it) => it.dueAt },
      { header: 'assets', cell: (it) => it.assetCount },
    ],
    filename: `backlog-by-${grouping}`,
  };
}

/** One row a group. Its key becomes a uuid, which is what a list's cursor wants. */
function groups(grouping: Grouping, now: Instant): Sql {
  const { key, name, fix = sql`null::text`, joins = sql``, where = sql`` } = by[grouping];
  const keys = grouping === 'fix' ? sql`${key}, ${fix}` : key;
  return sql`(select md5(concat_ws(' ', ${keys}))::uuid as id, ${key} as key, ${name} as name,
      ${fix} as fix_version, count(*)::int as items,
      count(*) filter (where item.due_at < ${now})::int as overdue,
      count(*) filter (where item.exploited)::int as exploited,
      min(array_position('{critical,high,medium,low,none,unrated}'::text[], item.class)) as worst,
      max(item.score) as score, min(item.due_at) as due_at,
      array_agg(distinct system.name order by system.name) as assets
    from backlog_item item join system on system.id = item.system_id ${joins}
    where item.state in ('open', 'working') ${where} group by ${keys}) grouped`;
}
