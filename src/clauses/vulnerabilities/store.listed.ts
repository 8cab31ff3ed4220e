import { sql } from 'kysely';
import { z } from 'zod';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { type Condition, flag, type List, type SortColumn } from '../../registers/list.ts';
import type { BacklogItem } from './facts.shown.ts';
import { type ItemState, itemClasses, itemStates } from './facts.terms.ts';

/** The backlog as its list reads it: filters that can be linked to, sorts, and what a line shows. */

export interface ItemRow {
  readonly id: string;
  readonly number: number;
  readonly state: BacklogItem['state'];
  readonly class: BacklogItem['class'];
  readonly score: string | number | null;
  readonly exploited: boolean;
  readonly prediction: number | null;
  readonly dueAt: Instant;
  readonly openedAt: Instant;
  readonly countsFrom: Instant;
  readonly closedAt: Instant | null;
  readonly reopened: number;
  readonly vulnerabilityId: string;
  readonly vulnerabilityName: string;
  readonly summary: string;
  readonly withdrawn: boolean;
  readonly packageKey: string;
  readonly component: string;
  readonly versions: string[];
  readonly systemId: string;
  readonly systemKey: string;
  readonly systemName: string;
  readonly assigneeId: string | null;
  readonly assigneeName: string | null;
  readonly fixVersion: string | null;
  readonly sources: { readonly id: string; readonly name: string }[];
  readonly reporters: string[];
  readonly decision: BacklogItem['decision'];
  readonly issue: BacklogItem['issue'];
}

const vulnerability = sql`join vulnerability on vulnerability.id = item.vulnerability_id`;
const system = sql`join system on system.id = item.system_id`;
const assignee = sql`left join person assignee on assignee.id = item.assignee_id`;

/** States in which a deadline counts. */
const isToDo = sql`item.state in ('open', 'working')`;
/** Whether somebody waits for a decision on it. */
const isAsked = sql`exists (select from backlog_decision decision
  where decision.item_id = item.id and decision.state = 'asked')`;

export const itemSorts = {
  due: { sql: sql`item.due_at`, type: 'timestamptz' },
  score: { sql: sql`(item.score * 10)::integer`, type: 'integer', nullable: true },
  age: { sql: sql`item.counts_from`, type: 'timestamptz' },
  number: { sql: sql`item.number`, type: 'integer' },
  closed: { sql: sql`item.closed_at`, type: 'timestamptz', nullable: true },
  class: {
    sql: sql`array_position('{critical,high,medium,low,none,unrated}'::text[], item.class)`,
    type: 'integer',
  },
  vulnerability: { sql: sql`vulnerability.name`, type: 'text', needs: ['vulnerability'] },
  component: { sql: sql`item.component_name`, type: 'text' },
  system: { sql: sql`system.name`, type: 'text', needs: ['system'] },
  assignee: { sql: sql`assignee.name`, type: 'text', nullable: true, needs: ['assignee'] },
} satisfies Record<string, SortColumn>;

export const itemColumns = sql`item.id, item.number, item.state, item.class, item.score, item.exploited,
  predicted.score as prediction, item.due_at as "dueAt", item.opened_at as "openedAt",
  item.counts_from as "countsFrom", item.closed_at as "closedAt", item.reopened,
  vulnerability.id as "vulnerabilityId", vulnerability.name as "vulnerabilityName",
  vulnerability.summary, vulnerability.withdrawn_at is not null as withdrawn,
  item.package_key as "packageKey", item.component_name as component,
  coalesce(seen.versions, '{}') as versions, system.id as "systemId", system.key as "systemKey",
  system.name as "systemName", assignee.id as "assigneeId", assignee.name as "assigneeName",
  item.fix_version as "fixVersion", coalesce(seen.sources, '[]') as sources,
  coalesce(seen.reporters, '{}') as reporters, decided.decision, tracked.issue`;

/** What `itemColumns` come from, beside `page`. */
export const itemDetails = sql`join backlog_item item on item.id = page.id ${vulnerability} ${system} ${assignee}
  left join lateral (
    select array_agg(distinct sighting.version) filter (where sighting.version <> '') as versions,
      array_agg(distinct sighting.reporter) as reporters,
      jsonb_agg(distinct jsonb_build_object('id', source.id, 'name', source.name)) as sources
    from sighting join source on source.id = sighting.source_id
    where sighting.item_id = item.id and sighting.gone_at is null) seen on true
  left join lateral (
    select max(exploit_prediction.score) as score from vulnerability_name called
    join exploit_prediction on exploit_prediction.cve = called.name
    where called.vulnerability_id = item.vulnerability_id) predicted on true
  left join lateral (
    select jsonb_build_object('id', decision.id, 'kind', decision.kind, 'state', decision.state,
      'until', ${textOf(sql`decision.until`)}, 'askedBy',
      case when asker.id is not null then jsonb_build_object('id', asker.id, 'name', asker.name) end) as decision
    from backlog_decision decision left join person asker on asker.id = decision.asked_by
    where decision.item_id = item.id and decision.state in ('asked', 'approved')) decided on true
  left join lateral (
    select jsonb_build_object('repository', repository, 'number', number, 'url', url, 'state', state,
      'seenAt', ${textOf(sql`seen_at`)}) as issue
    from backlog_issue where item_id = item.id) tracked on true`;

/** An instant inside of JSON, as `instantText` writes it. */
function textOf(column: ReturnType<typeof sql>) {
  return sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

export function itemList(now: Instant): List<ItemRow, BacklogItem> {
  return {
    source: {
      from: [sql`backlog_item item`],
      joins: { vulnerability, system, assignee },
      key: { id: sql`item.id` },
      sorts: itemSorts,
      defaultSort: 'due',
      search: (like) => ({
        sql: sql`lower(item.component_name) like ${like} or lower(system.name) like ${like}
          or 'v-' || item.number like ${like} or lower(vulnerability.summary) like ${like}
          or item.vulnerability_id in (
            select vulnerability_id from vulnerability_name where lower(name) like ${like})`,
        needs: ['vulnerability', 'system'],
      }),
      select: itemColumns,
      details: itemDetails,
    },
    item: (row) => itemOf(row, now),
    csv: [
      { header: 'number', cell: (it) => `V-${it.number}` },
      { header: 'state', cell: (it) => it.state },
      { header: 'class', cell: (it) => it.class },
      { header: 'score', cell: (it) => it.score },
      { header: 'exploited', cell: (it) => it.exploited },
      { header: 'prediction', cell: (it) => it.prediction },
      { header: 'vulnerability', cell: (it) => it.vulnerability.name },
      { header: 'summary', cell: (it) => it.vulnerability.summary },
      { header: 'component', cell: (it) => it.component },
      { header: 'versions', cell: (it) => it.versions.join(' ') },
      { header: 'fixVersion', cell: (it) => it.fixVersion },
      { header: 'system', cell: (it) => it.system.key },
      { header: 'sources', cell: (it) => it.sources.map(({ name }) => name).join('; ') },
      { header: 'reporters', cell: (it) => it.reporters.join(' ') },
      { header: 'assignee', cell: (it) => it.assignee?.name ?? '' },
      { header: 'dueAt', cell: (it) => it.dueAt },
      { header: 'overdue', cell: (it) => it.overdue },
      { header: 'openedAt', cell: (it) => it.openedAt },
      { header: 'closedAt', cell: (it) => it.closedAt },
      { header: 'decision', cell: (it) => it.decision?.kind ?? '' },
      { header: 'decisionUntil', cell: (it) => it.decision?.until ?? '' },
      { header: 'issue', cell: (it) => it.issue?.url ?? '' },
    ],
    filename: 'backlog',
  };
}

export function itemOf(row: ItemRow, now: Instant): BacklogItem {
  const counts = row.state === 'open' || row.state === 'working';
  return {
    id: row.id,
    number: row.number,
    state: row.state,
    class: row.class,
    score: row.score === null ? null : Number(row.score),
    exploited: row.exploited,
    prediction: row.prediction,
    dueAt: instantText(row.dueAt),
    overdue: counts && Temporal.Instant.compare(row.dueAt, now) < 0,
    openedAt: instantText(row.openedAt),
    countsFrom: instantText(row.countsFrom),
    closedAt: row.closedAt && instantText(row.closedAt),
    reopened: row.reopened,
    vulnerability: {
      id: row.vulnerabilityId,
      name: row.vulnerabilityName,
      summary: row.summary,
      withdrawn: row.withdrawn,
    },
    packageKey: row.packageKey,
    component: row.component,
    versions: row.versions,
    system: { id: row.systemId, key: row.systemKey, name: row.systemName },
    assignee: row.assigneeId ? { id: row.assigneeId, name: row.assigneeName ?? '' } : null,
    fixVersion: row.fixVersion,
    sources: row.sources,
    reporters: row.reporters,
    decision: row.decision,
    issue: row.issue,
  };
}

/** `todo` is what has a deadline; `asked` waits for a decision; `any` is everything there ever was. */
export const stateFilters = ['todo', 'asked', 'any', ...itemStates] as const;

export const itemFilters = {
  /** Left out: what is to be done, `todo`. */
  state: z.enum(stateFilters).optional(),
  class: z.enum(itemClasses).optional(),
  /** Whether a decision on it is waiting. */
  asked: flag.optional(),
  overdue: flag.optional(),
  exploited: flag.optional(),
  /** Short name of the asset. */
  system: z.string().max(64).optional(),
  /** Short name or id of a source that still sees it. */
  source: z.string().max(64).optional(),
  /** A person's id, `me`, or `none`. */
  assignee: z.union([z.uuid(), z.enum(['me', 'none'])]).optional(),
  /** As `packageKey` gives it, or a name. */
  package: z.string().max(300).optional(),
  /** `known`, `none`, or the version that clears it. */
  fix: z.string().max(200).optional(),
  /** Id or any name. */
  vulnerability: z.string().max(200).optional(),
  /** `match`, or the name of a tool. */
  reporter: z.string().max(200).optional(),
};
export type ItemFilters = z.output<z.ZodObject<typeof itemFilters>>;

/** Conditions of the filters; `me` is the reader, who may be nobody's person. */
export function itemConditions(
  filters: ItemFilters,
  { now, me }: { readonly now: Instant; readonly me: string | null },
): Condition[] {
  const conditions: Condition[] = [...stateConditions(filters.state ?? 'todo')];
  const { class: itemClass, overdue, exploited, fix } = filters;
  if (itemClass) conditions.push({ sql: sql`item.class = ${itemClass}` });
  if (filters.asked !== undefined) conditions.push({ sql: sql`${isAsked} = ${filters.asked}` });
  if (overdue !== undefined)
    conditions.push({ sql: sql`(${isToDo} and item.due_at < ${now}) = ${overdue}` });
  if (exploited !== undefined) conditions.push({ sql: sql`item.exploited = ${exploited}` });
  if (filters.system)
    conditions.push({ sql: sql`system.key = ${filters.system}`, needs: ['system'] });
  if (filters.source) conditions.push({ sql: seenBy(filters.source) });
  if (filters.assignee === 'none') conditions.push({ sql: sql`item.assignee_id is null` });
  else if (filters.assignee)
    conditions.push({
      sql: sql`item.assignee_id = ${filters.assignee === 'me' ? me : filters.assignee}`,
    });
  if (filters.package)
    conditions.push({
      sql: sql`(item.package_key = ${filters.package} or item.component_name = ${filters.package})`,
    });
  if (fix === 'known') conditions.push({ sql: sql`item.fix_version is not null` });
  else if (fix === 'none') conditions.push({ sql: sql`item.fix_version is null` });
  else if (fix) conditions.push({ sql: sql`item.fix_version = ${fix}` });
  if (filters.vulnerability)
    conditions.push({
      sql: sql`item.vulnerability_id in (select coalesce(joined_into, id) from vulnerability where id::text = ${filters.vulnerability}
        union all select vulnerability_id from vulnerability_name where name = ${filters.vulnerability})`,
    });
  if (filters.reporter)
    conditions.push({
      sql: sql`exists (select from sighting where sighting.item_id = item.id
        and sighting.gone_at is null and sighting.reporter = ${filters.reporter})`,
    });
  return conditions;
}

function seenBy(source: string) {
  return sql`exists (select from sighting join source on source.id = sighting.source_id
    where sighting.item_id = item.id and sighting.gone_at is null
      and (source.key = ${source} or source.id::text = ${source}))`;
}

function stateConditions(state: 'todo' | 'asked' | 'any' | ItemState): readonly Condition[] {
  if (state === 'any') return [];
  if (state === 'todo') return [{ sql: isToDo }];
  if (state === 'asked') return [{ sql: isAsked }];
  return [{ sql: sql`item.state = ${state}` }];
}
