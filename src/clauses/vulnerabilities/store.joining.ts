import { sql } from 'kysely';
import { type Tx, write } from '../../kernel/db.ts';
import { joinedVulnerabilities } from '../../registers/advisories/store.changed.ts';

/**
 * Carries items over from vulnerabilities that turned out to be others. Where both have an item of the
 * same package in the same asset they become one: the older one's time counts, where neither is closed, the more open state holds,
 * and a decision stands only where both were decided on alike.
 *
 * @returns how many items were carried over
 */
export async function carryOver(tx: Tx): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from backlog_item i
    join (${joinedVulnerabilities()}) j on j.id = i.vulnerability_id`.execute(tx);
  const count = rows[0]?.count ?? 0;
  // Of several that become one, one at a time.
  while (count > 0 && (await carryRound(tx)) > 0);
  return count;
}

/** @returns how many items still belong to a vulnerability that became another */
async function carryRound(tx: Tx): Promise<number> {
  // One that meets no other simply belongs to the other vulnerability now: of several, the oldest.
  await write(
    tx,
    sql`
    update backlog_item i set vulnerability_id = first.into_id
    from (
      select distinct on (j.joined_into, i.package_key, i.system_id) i.id, j.joined_into as into_id
      from backlog_item i join (${joinedVulnerabilities()}) j on j.id = i.vulnerability_id
      where not exists (select from backlog_item k where k.vulnerability_id = j.joined_into
        and k.package_key = i.package_key and k.system_id = i.system_id)
      order by j.joined_into, i.package_key, i.system_id, i.opened_at, i.id) first
    where first.id = i.id`,
  );
  await write(
    tx,
    sql`
    create temporary table merging on commit drop as
    select distinct on (k.id) i.id as from_id, k.id as kept_id
    from backlog_item i join (${joinedVulnerabilities()}) j on j.id = i.vulnerability_id
    join backlog_item k on k.vulnerability_id = j.joined_into
      and k.package_key = i.package_key and k.system_id = i.system_id
    order by k.id, i.opened_at, i.id`,
  );
  await merge(tx);
  await write(tx, sql`drop table merging`);
  const { rows } = await sql<{ rest: number }>`
    select count(*)::int as rest from backlog_item i
    join (${joinedVulnerabilities()}) j on j.id = i.vulnerability_id`.execute(tx);
  return rows[0]?.rest ?? 0;
}

async function merge(tx: Tx): Promise<void> {
  await write(
    tx,
    sql`
    insert into sighting (item_id, source_id, reporter, version, fixed_in, first_seen_at, last_seen_at,
      gone_at, gone_because)
    select distinct on (m.kept_id, s.source_id, s.reporter, s.version) m.kept_id, s.source_id, s.reporter,
      s.version, s.fixed_in, s.first_seen_at, s.last_seen_at, s.gone_at, s.gone_because
    from merging m join sighting s on s.item_id = m.from_id
    order by m.kept_id, s.source_id, s.reporter, s.version, s.gone_at nulls first
    on conflict (item_id, source_id, reporter, version) do update set
      first_seen_at = least(sighting.first_seen_at, excluded.first_seen_at),
      last_seen_at = greatest(sighting.last_seen_at, excluded.last_seen_at),
      gone_at = case when excluded.gone_at is null then null else sighting.gone_at end,
      gone_because = case when excluded.gone_at is null then null else sighting.gone_because end`,
  );
  // A decision on one half says nothing of the other.
  await write(
    tx,
    sql`
    update backlog_decision d set state = 'ended'
    from merging m where d.item_id in (m.from_id, m.kept_id) and d.state in ('asked', 'approved')
      and (select count(distinct i.state) from backlog_item i where i.id in (m.from_id, m.kept_id)) > 1`,
  );
  await write(
    tx,
    sql`
    update backlog_decision d set state = 'ended' from merging m
    where d.item_id = m.from_id and d.state in ('asked', 'approved')
      and exists (select from backlog_decision o where o.item_id = m.kept_id and o.state in ('asked', 'approved'))`,
  );
  await write(
    tx,
    sql`
    update backlog_decision d set item_id = m.kept_id from merging m where d.item_id = m.from_id`,
  );
  await write(
    tx,
    sql`
    update backlog_item k set opened_at = least(k.opened_at, f.opened_at),
      -- the time of one that was closed is over
      counts_from = case when f.state in (${closed}) and k.state not in (${closed}) then k.counts_from
        when k.state in (${closed}) and f.state not in (${closed}) then f.counts_from
        else least(k.counts_from, f.counts_from) end,
      reopened = greatest(k.reopened, f.reopened),
      state = case when array_position(${order}, f.state) < array_position(${order}, k.state)
        then f.state else k.state end,
      closed_at = case when f.closed_at is null or k.closed_at is null then null
        else greatest(k.closed_at, f.closed_at) end,
      own_vector = coalesce(k.own_vector, f.own_vector),
      -- what was approved of one half was not approved of both
      own_vector_by = case when k.own_vector = f.own_vector and f.own_vector_by is not null
        then k.own_vector_by end,
      assignee_id = coalesce(k.assignee_id, f.assignee_id)
    from merging m join backlog_item f on f.id = m.from_id where k.id = m.kept_id`,
  );
  await write(
    tx,
    sql`
    update backlog_item k set state = 'open' from merging m
    where k.id = m.kept_id and k.state in ('notAffected', 'accepted') and not exists (
      select from backlog_decision d where d.item_id = k.id and d.state = 'approved')`,
  );
  await write(tx, sql`delete from backlog_item i using merging m where i.id = m.from_id`);
}

const closed = sql`'fixed', 'lapsed'`;

/** The more open a state is, the earlier. */
const order = sql`array['working', 'open', 'notAffected', 'accepted', 'fixed', 'lapsed']::text[]`;
