import { sql } from 'kysely';
import { actorText } from '../../kernel/actor.ts';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Flow } from '../../policy/flow.ts';
import { repositoryName } from '../../registers/sources/store.reading.ts';
import {
  type AskIssues,
  askIssues,
  type IssueLinked,
  type IssueRefusal,
  type IssueSeen,
  type IssuesAsked,
  type LinkIssue,
  linkIssue,
  type SeeIssue,
  seeIssue,
} from './facts.issues.ts';
import {
  type AskingIssuesState,
  decideAskingIssues,
  decideLinking,
  decideSeeing,
} from './flow.issues.ts';
import { evidenceOf, lockBacklog } from './store.acts.ts';

const clause = 'vulnerabilities';

export const askingIssues: Flow<AskingIssuesState, AskIssues, IssuesAsked, IssueRefusal> = {
  name: 'vulnerabilities.askIssues',
  clause,
  command: askIssues,
  load: loadAsking,
  authorize: () => ({ action: 'changeBacklog' }),
  decide: decideAskingIssues,
  project: async (tx, { ids, sourceId, repository }, { now, actor }) => {
    await sql`
      insert into issue_order (item_id, source_id, repository, asked_at, asked_by, not_before)
      select id, ${sourceId}, ${repository}, ${now}, ${actorText(actor)}, ${now}
      from unnest(${ids}::uuid[]) as id`.execute(tx);
  },
};

async function loadAsking(tx: Tx, command: AskIssues): Promise<AskingIssuesState> {
  await lockBacklog(tx);
  const { rows: items } = await sql<AskingIssuesState['items'][number]>`
    select id, number, state, assignee_id as "assigneeId",
      (exists (select from backlog_issue where item_id = item.id)
        or exists (select from issue_order where item_id = item.id)) as "hasIssue"
    from backlog_item item where id = any(${command.ids}::uuid[]) order by id`.execute(tx);
  const { rows } = await sql<NonNullable<AskingIssuesState['source']>>`
    select source.id, source.key, ${repositoryName} as repository,
      source.kind = 'repository' and connection.kind = 'github' as connected,
      connection.acting_since is not null and connection.acting_secret is not null as acting
    from source left join connection on connection.id = source.connection_id
      and connection.removed_at is null
    where source.retired_at is null and (source.id::text = ${command.repository}
      or source.key = ${command.repository} or (source.kind = 'repository'
        and lower(${repositoryName}) = lower(${command.repository})))
    order by connection.acting_since nulls last, source.id limit 1`.execute(tx);
  const [source] = rows;
  const found = source && { ...source, connected: source.connected === true };
  return { items, source: found ?? null, evidenceOf };
}

export const linkingIssue: Flow<
  { readonly known: boolean; readonly linked: boolean },
  LinkIssue,
  IssueLinked,
  IssueRefusal
> = {
  name: 'vulnerabilities.linkIssue',
  clause,
  command: linkIssue,
  load: async (tx, { itemId }) => {
    await lockBacklog(tx);
    const { rows } = await sql<{ linked: boolean }>`
      select exists (select from backlog_issue where item_id = item.id) as linked
      from backlog_item item where id = ${itemId}`.execute(tx);
    return { known: rows.length > 0, linked: rows[0]?.linked ?? false };
  },
  // Run by Kept itself alone: no role may.
  authorize: () => ({ action: 'settleBacklog' }),
  decide: decideLinking,
  project: async (tx, { issue }, { now }) => {
    await write(tx, sql`delete from issue_order where item_id = ${issue.itemId}`);
    await write(
      tx,
      sql`
      insert into backlog_issue (item_id, repository, number, url, state, seen_at)
      values (${issue.itemId}, ${issue.repository}, ${issue.number}, ${issue.url}, ${issue.state}, ${now})`,
    );
  },
};

export const seeingIssue: Flow<
  { readonly itemId: string | null; readonly state: string | null },
  SeeIssue,
  IssueSeen,
  IssueRefusal
> = {
  name: 'vulnerabilities.seeIssue',
  clause,
  command: seeIssue,
  load: async (tx, { repository, number }) => {
    await lockBacklog(tx);
    const { rows } = await sql<{ itemId: string; state: string }>`
      select item_id as "itemId", state from backlog_issue
      where lower(repository) = lower(${repository}) and number = ${number}`.execute(tx);
    return rows[0] ?? { itemId: null, state: null };
  },
  authorize: () => ({ action: 'settleBacklog' }),
  decide: decideSeeing,
  project: async (tx, { issue }, { now }) => {
    await sql`
      update backlog_issue set state = ${issue.state}, seen_at = ${now}
      where lower(repository) = lower(${issue.repository}) and number = ${issue.number}`.execute(
      tx,
    );
  },
};

/** An issue to be made, with what it is about. */
export interface DueIssue {
  readonly itemId: string;
  readonly connectionId: string;
  readonly repository: string;
  readonly attempts: number;
  readonly openedAt: Instant;
  readonly number: number;
  readonly vulnerability: string;
  readonly component: string;
  readonly system: string;
  readonly summary: string;
  readonly class: string;
  readonly dueAt: Instant;
  readonly fixVersion: string | null;
}

/**
 * Takes up issues that are to be made, of one repository, for so long that nobody else makes them.
 *
 * @param until when others may try
 */
export async function takeIssues(
  db: Db,
  now: Instant,
  until: Instant,
  limit: number,
): Promise<readonly DueIssue[]> {
  const { rows } = await sql<DueIssue>`
    with chosen as (
      select item_id from issue_order
      where not_before <= ${now} and repository = (
        select repository from issue_order where not_before <= ${now} order by not_before, item_id limit 1)
      order by not_before, item_id limit ${limit} for update skip locked
    ), taken as (
      update issue_order o set not_before = ${until}, attempts = attempts + 1
      from chosen where chosen.item_id = o.item_id
      returning o.item_id, o.source_id, o.repository, o.attempts
    )
    select t.item_id as "itemId", source.connection_id as "connectionId", t.repository, t.attempts,
      item.opened_at as "openedAt", item.number, v.name as vulnerability, item.component_name as component,
      system.name as system, v.summary, item.class, item.due_at as "dueAt", item.fix_version as "fixVersion"
    from taken t join backlog_item item on item.id = t.item_id join source on source.id = t.source_id
    join vulnerability v on v.id = item.vulnerability_id join system on system.id = item.system_id
    order by item.number`.execute(db);
  return rows;
}

/** Puts off issues that could not be made; null: they are given up, and can be asked for again. */
export async function putOffIssues(
  db: Db,
  ids: readonly string[],
  until: Instant | null,
  { code, detail }: { readonly code: string; readonly detail: string },
): Promise<void> {
  if (until === null) {
    await sql`delete from issue_order where item_id = any(${ids}::uuid[])`.execute(db);
    return;
  }
  await sql`
    update issue_order set not_before = ${until}, problem = ${code}, detail = ${detail}
    where item_id = any(${ids}::uuid[])`.execute(db);
}

/** An issue that is followed. */
export interface FollowedIssue {
  readonly itemId: string;
  readonly repository: string;
  readonly number: number;
  readonly connectionId: string;
}

/** Issues of items that are not closed, which were last seen before an instant; they count as seen then. */
export async function takeFollowed(
  db: Db,
  before: Instant,
  now: Instant,
  limit: number,
): Promise<readonly FollowedIssue[]> {
  const { rows } = await sql<FollowedIssue>`
    update backlog_issue issue set seen_at = ${now}
    from (
      select issue.item_id, source.connection_id from backlog_issue issue
      join backlog_item item on item.id = issue.item_id and item.state not in ('fixed', 'lapsed')
      join source on ${repositoryName} = issue.repository and source.connection_id is not null
        and source.retired_at is null
      where issue.seen_at < ${before} and issue.state <> 'gone'
      order by issue.seen_at limit ${limit}
    ) due where due.item_id = issue.item_id
    returning issue.item_id as "itemId", issue.repository, issue.number,
      due.connection_id as "connectionId"`.execute(db);
  return rows;
}
