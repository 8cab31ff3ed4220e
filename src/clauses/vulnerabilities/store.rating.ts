import { type RawBuilder, sql } from 'kysely';
import type { Severity } from '../../advisories/severity.ts';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import type { PatchPolicy, PolicyInForce } from './facts.policy.ts';
import { daysOf, rateItem } from './facts.rating.ts';
import type { BacklogReclassified, ReclassifiedCounts, Reclassify } from './facts.settling.ts';
import { itemClasses } from './facts.terms.ts';
import type { Moved } from './flow.policy.ts';
import type { Evidence, ReclassifyingState } from './flow.settling.ts';
import { employedOn, evidenceOf, lockBacklog } from './store.acts.ts';
import { drawDay } from './store.days.ts';

/** Scores, classes and deadlines: computed for many items at once, from what they stand on. */

/** The newest version of the patch policy. */
export async function policyInForce(db: Db): Promise<PolicyInForce> {
  const { rows } = await sql<PolicyInForce>`
    select version, classes, exploited_days as "exploitedDays", acceptance_days as "acceptanceDays",
      text_en as "textEn", text_ja as "textJa"
    from patch_policy order by version desc limit 1`.execute(db);
  return rows[0] as PolicyInForce;
}

interface Distinct {
  readonly own: string | null;
  readonly approved: boolean;
  readonly vector: string | null;
  readonly severity: Severity;
  readonly confidentiality: number;
  readonly integrity: number;
  readonly availability: number;
}

/**
 * Rates items by a policy and lays those down whose rating would be another in `rated_item`, with what it
 * was and what it is to be.
 *
 * @param scope query of the ids of items
 */
export async function stageRatings(
  tx: Tx,
  scope: RawBuilder<unknown>,
  policy: PatchPolicy,
  { now, zone }: Pick<Context, 'now' | 'zone'>,
): Promise<ReclassifiedCounts> {
  await write(
    tx,
    sql`
    create temporary table rating_of on commit drop as
    select i.id, coalesce(i.own_vector, '') as own, i.own_vector_by is not null as approved,
      coalesce(v.vector, '') as vector, v.severity,
      s.confidentiality, s.integrity, s.availability,
      (select min(e.added_on) from vulnerability_name n join exploited e on e.cve = n.name
        where n.vulnerability_id = i.vulnerability_id) as exploited_on
    from backlog_item i join vulnerability v on v.id = i.vulnerability_id
    join system s on s.id = i.system_id
    where i.id in (${scope})`,
  );
  await write(tx, sql`analyze rating_of`);
  const rated = await ratings(tx, policy);
  // Days are of twenty-four hours, wherever the clocks are put forward.
  const due = sql`least(i.counts_from + make_interval(hours => 24 * d.days),
    case when r.exploited_on is not null then greatest(i.counts_from,
      r.exploited_on::timestamp at time zone ${zone}) + make_interval(hours => 24 * ${policy.exploitedDays}::int) end)`;
  await write(
    tx,
    sql`
    create temporary table rated_item on commit drop as
    select i.id, i.class as class_before, i.due_at as due_before, i.state in ('open', 'working') as counts,
      rated.class, rated.score, r.exploited_on is not null as exploited, ${due} as due_at,
      (i.class, i.due_at) is distinct from (rated.class, ${due}) as other,
      rated.own_counts,
      (i.score, i.exploited, i.own_counts) is distinct from
        (rated.score, r.exploited_on is not null, rated.own_counts) as touched
    from rating_of r
    join backlog_item i on i.id = r.id
    join (${rated}) rated on rated.own = r.own and rated.approved = r.approved
      and rated.vector = r.vector and rated.severity = r.severity
      and rated.confidentiality = r.confidentiality and rated.integrity = r.integrity
      and rated.availability = r.availability
    join (${daysByClass(policy)}) d on d.class = rated.class`,
  );
  const { rows } = await sql<ReclassifiedCounts>`
    select count(*)::int as items, count(*) filter (where other)::int as changed,
      count(*) filter (where class <> class_before)::int as "otherClass",
      count(*) filter (where due_at < due_before)::int as sooner,
      count(*) filter (where due_at > due_before)::int as later,
      count(*) filter (where counts and due_before < ${now})::int as "overdueBefore",
      count(*) filter (where counts and due_at < ${now})::int as "overdueAfter"
    from rated_item`.execute(tx);
  await write(tx, sql`drop table rating_of`);
  return rows[0] as ReclassifiedCounts;
}

/** Each vector in each kind of asset is scored once, however many items it is of. */
async function ratings(tx: Tx, policy: PatchPolicy): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<Distinct>`
    select distinct nullif(own, '') as own, approved, nullif(vector, '') as vector, severity, confidentiality, integrity, availability
    from rating_of`.execute(tx);
  const rated = rows.map(({ own, approved, vector, severity, ...requirements }) =>
    rateItem({ ownVector: own, isApproved: approved, vector, severity, requirements }, policy),
  );
  return sql`select * from unnest(${rows.map(({ own }) => own ?? '')}::text[],
    ${rows.map(({ approved }) => approved)}::boolean[], ${rows.map(({ vector }) => vector ?? '')}::text[],
    ${rows.map(({ severity }) => severity)}::text[],
    ${rows.map(({ confidentiality }) => confidentiality)}::int[],
    ${rows.map(({ integrity }) => integrity)}::int[],
    ${rows.map(({ availability }) => availability)}::int[],
    ${rated.map(({ score }) => score)}::numeric[], ${rated.map((each) => each.class)}::text[],
    ${rated.map(({ ownCounts }) => ownCounts)}::boolean[])
    as t (own, approved, vector, severity, confidentiality, integrity, availability, score, class, own_counts)`;
}

function daysByClass(policy: PatchPolicy): RawBuilder<unknown> {
  const days = itemClasses.map((each) => daysOf(each, policy));
  return sql`select * from unnest(${[...itemClasses]}::text[], ${days}::int[]) as t (class, days)`;
}

/** Writes what `stageRatings` laid down. */
export async function writeRatings(tx: Tx, policyVersion: number): Promise<void> {
  await write(
    tx,
    sql`
    update backlog_item i set score = r.score, class = r.class, exploited = r.exploited,
      own_counts = r.own_counts, due_at = r.due_at, policy_version = ${policyVersion}
    from rated_item r where r.id = i.id
      and (r.other or r.touched or i.policy_version <> ${policyVersion})`,
  );
  await write(tx, sql`drop table rated_item`);
}

/** Lines `class before → class, due` of every item whose rating is another. */
export async function ratingEvidence(tx: Tx): Promise<Evidence> {
  const { rows } = await sql<{ line: string }>`
    select id || ' ' || class_before || ' ' || class || ' '
      || to_char(due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as line
    from rated_item where other order by id`.execute(tx);
  return evidenceOf(rows.map(({ line }) => line));
}

/** Items that something speaks of, which are not closed. */
function scopeOf({ because, id }: Reclassify): RawBuilder<unknown> {
  const standing = sql`state not in ('fixed', 'lapsed')`;
  switch (because) {
    case 'advisories':
      return sql`select id from backlog_item where ${standing} and vulnerability_id in (
        select v.id from vulnerability v where v.import_id = ${id}::uuid)`;
    case 'system':
      return sql`select id from backlog_item where ${standing} and system_id = ${id}::uuid`;
    case 'systems':
      return sql`select id from backlog_item where ${standing}`;
  }
}

const nothing: ReclassifiedCounts = {
  items: 0,
  changed: 0,
  otherClass: 0,
  sooner: 0,
  later: 0,
  overdueBefore: 0,
  overdueAfter: 0,
};

export async function loadReclassifying(
  tx: Tx,
  command: Reclassify,
  context: Context,
): Promise<ReclassifyingState> {
  await lockBacklog(tx);
  const scope = scopeOf(command);
  const { rows } = await sql`${scope} limit 1`.execute(tx);
  if (rows.length === 0) return { counts: nothing, evidence: evidenceOf([]), told: [] };
  const counts = await stageRatings(tx, scope, await policyInForce(tx), context);
  return { counts, evidence: await ratingEvidence(tx), told: await dueSooner(tx, context) };
}

/** Whose open items that are rated are due at another time than before; those who no longer work here are not told. */
export async function deadlinesMoved(
  tx: Tx,
  { now, zone }: Pick<Context, 'now' | 'zone'>,
): Promise<readonly Moved[]> {
  const { rows } = await sql<Moved>`
    select person.id as "personId", count(*) filter (where r.due_at < r.due_before)::int as sooner,
      count(*) filter (where r.due_at > r.due_before)::int as later
    from rated_item r join backlog_item i on i.id = r.id
    join person on person.id = i.assignee_id and ${employedOn(dateIn(now, zone))}
    where r.counts and r.due_at <> r.due_before
    group by person.id order by person.id`.execute(tx);
  return rows;
}

async function dueSooner(tx: Tx, { now, zone }: Context): Promise<ReclassifyingState['told']> {
  const { rows } = await sql<ReclassifyingState['told'][number]>`
    select person.id as "personId", count(*)::int as items,
      count(*) filter (where r.exploited)::int as exploited
    from rated_item r join backlog_item i on i.id = r.id
    join person on person.id = i.assignee_id and ${employedOn(dateIn(now, zone))}
    where r.counts and r.due_at < r.due_before
    group by person.id order by person.id`.execute(tx);
  return rows;
}

export async function projectReclassified(
  tx: Tx,
  _event: BacklogReclassified,
  context: Context,
): Promise<void> {
  const { version } = await policyInForce(tx);
  await writeRatings(tx, version);
  await drawDay(tx, context);
}
