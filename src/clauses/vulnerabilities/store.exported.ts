import { sql } from 'kysely';
import type { ExportedItem } from '../../advisories/exports/exported.ts';
import type { Db } from '../../kernel/db.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { type Condition, type ListQuery, listPage } from '../../registers/list.ts';
import { itemList } from './store.listed.ts';

/** Items whose details are fetched at a time: few enough to hold, many enough to ask seldom. */
const itemsAtOnce = 500;

/** Items that a list shows, in its order, with what other tools are told of them. */
export async function* exportedItems(
  db: Db,
  now: Instant,
  query: Pick<ListQuery, 'sort' | 'q'>,
  conditions: readonly Condition[],
): AsyncGenerator<ExportedItem> {
  let cursor: string | undefined;
  do {
    const at = { ...query, limit: itemsAtOnce, offset: 0, cursor };
    const page = await listPage(db, itemList(now), at, conditions);
    if (!page.ok) return;
    yield* await detailsOf(
      db,
      page.value.items.map(({ id }) => id),
    );
    cursor = page.value.next ?? undefined;
  } while (cursor !== undefined);
}

interface Row
  extends Omit<
    ExportedItem,
    | 'label'
    | 'openedAt'
    | 'dueAt'
    | 'closedAt'
    | 'isRule'
    | 'package'
    | 'decision'
    | 'score'
    | 'purls'
    | 'versions'
  > {
  readonly number: number;
  readonly kind: 'advisory' | 'rule';
  readonly score: string | number | null;
  readonly packageKey: string;
  readonly ecosystem: string | null;
  readonly component: string;
  readonly seen: readonly { readonly version: string; readonly purl: string | null }[] | null;
  readonly openedAt: Instant;
  readonly dueAt: Instant;
  readonly closedAt: Instant | null;
  readonly decisionKind: 'notAffected' | 'accepted' | null;
  readonly justification: string | null;
  readonly reason: string | null;
  readonly until: Instant | null;
}

async function detailsOf(db: Db, ids: readonly string[]): Promise<readonly ExportedItem[]> {
  const { rows } = await sql<Row>`
    select item.id, item.number, item.state, item.class, item.score, item.exploited,
      item.package_key as "packageKey", item.component_name as component, item.fix_version as "fixVersion",
      case when item.own_counts then item.own_vector else vulnerability.vector end as vector, vulnerability.kind, vulnerability.summary,
      array(select name from vulnerability_name called where called.vulnerability_id = vulnerability.id
        order by name <> vulnerability.name, name) as names,
      item.opened_at as "openedAt", item.due_at as "dueAt", item.closed_at as "closedAt",
      jsonb_build_object('key', system.key, 'name', system.name) as system,
      decision.kind as "decisionKind", decision.justification, decision.reason, decision.until,
      seen.seen, used.ecosystem
    from unnest(${ids}::uuid[]) with ordinality as wanted (id, n)
    join backlog_item item on item.id = wanted.id
    join vulnerability on vulnerability.id = item.vulnerability_id
    join system on system.id = item.system_id
    left join backlog_decision decision on decision.item_id = item.id and decision.state = 'approved'
    left join lateral (
      select jsonb_agg(distinct jsonb_build_object('version', sighting.version, 'purl', (
          select component.purl from component
          join package_version on package_version.id = component.package_version_id
          where component.source_id = sighting.source_id and package_version.package_key = item.package_key
            and package_version.version = sighting.version limit 1))) as seen
      from sighting where sighting.item_id = item.id and sighting.version <> ''
        and (sighting.gone_at is null or item.state in ('fixed', 'lapsed'))) seen on true
    left join lateral (
      select package_version.ecosystem from package_version
      where package_version.package_key = item.package_key limit 1) used on true
    order by wanted.n`.execute(db);
  return rows.map(exported);
}

function exported(row: Row): ExportedItem {
  const family = row.packageKey.slice(0, row.packageKey.indexOf('/'));
  const isRule = row.kind === 'rule';
  const { decisionKind, until } = row;
  return {
    id: row.id,
    label: `V-${row.number}`,
    names: row.names,
    isRule,
    summary: row.summary,
    state: row.state,
    class: row.class,
    score: row.score === null ? null : Number(row.score),
    vector: row.vector,
    exploited: row.exploited,
    package: isRule ? null : { ecosystem: row.ecosystem ?? family, name: row.component },
    versions: (row.seen ?? []).map(({ version }) => version),
    purls: (row.seen ?? []).map(({ purl }) => purl),
    system: row.system,
    fixVersion: row.fixVersion,
    openedAt: instantText(row.openedAt),
    dueAt: instantText(row.dueAt),
    closedAt: row.closedAt && instantText(row.closedAt),
    decision:
      decisionKind && until
        ? {
            kind: decisionKind,
            justification: row.justification,
            reason: row.reason ?? '',
            until: instantText(until),
          }
        : null,
  };
}
