import { type RawBuilder, sql } from 'kysely';
import { likeOf } from '../../registers/list.ts';
import type { ItemFilter, Selection } from './facts.ts';

type Sql = RawBuilder<unknown>;

/**
 * Conditions on `item` (a row of `review_item`). Names are looked up in the small registers first,
 * so that the snapshot itself is read once and compared by id.
 */
export function itemConditions(filter: ItemFilter): readonly Sql[] {
  const { system, entitlement, person, account, department, q, privileged, orphan, undecided } =
    filter;
  const given: readonly (Sql | undefined)[] = [
    system && sql`item.system_id = ${system}`,
    entitlement && sql`item.entitlement_id = ${entitlement}`,
    person && sql`item.person_id = ${person}`,
    account && sql`item.account_id = ${account}`,
    department !== undefined
      ? sql`item.person_id in (select id from person where department = ${department})`
      : undefined,
    q && searchCondition(likeOf(q)),
    is(privileged, sql`item.entitlement_id in (select id from entitlement where privileged)`),
    is(orphan, sql`item.person_id is null`),
    is(undecided, sql`item.decision is null`),
    filter.decision && sql`item.decision = ${filter.decision}`,
    is(filter.observed, sql`item.observed`),
    is(filter.granted, sql`item.granted`),
    filter.reviewer === 'role'
      ? sql`item.reviewer_id is null`
      : filter.reviewer && sql`item.reviewer_id = ${filter.reviewer}`,
  ].map((each) => each || undefined);
  return given.filter((each) => each !== undefined);
}

/** Found in the name of the account, the entitlement or the person; `like` is lower case. */
export function searchCondition(like: string): Sql {
  return sql`(item.account_id in (select id from account where lower(name) like ${like})
    or item.entitlement_id in (select id from entitlement where lower(name) like ${like})
    or item.person_id in (select id from person where lower(name) like ${like} or lower(reading) like ${like}))`;
}

function is(wanted: boolean | undefined, condition: Sql): Sql | undefined {
  if (wanted === undefined) return undefined;
  return wanted ? condition : sql`not (${condition})`;
}

/** A selection within one campaign, as the condition of a `where`. */
export function selected(campaignId: string, selection: Selection): Sql {
  const conditions = [sql`item.campaign_id = ${campaignId}`];
  if ('nos' in selection) conditions.push(sql`item.no = any(${selection.nos}::int[])`);
  else {
    conditions.push(...itemConditions(selection.filter));
    if (selection.except?.length) conditions.push(sql`item.no <> all(${selection.except}::int[])`);
  }
  return sql.join(conditions, sql` and `);
}

/**
 * Condition: the item is access of this person, by the snapshot or by the register as it is now.
 * An account that was given its person after the campaign opened is theirs all the same.
 */
export function isAccessOf(personId: string): RawBuilder<boolean> {
  return sql<boolean>`coalesce(item.person_id = ${personId} or account.person_id = ${personId}, false)`;
}
