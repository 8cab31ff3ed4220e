import { type RawBuilder, sql } from 'kysely';
import { type Tx, write } from '../../kernel/db.ts';
import { invariant } from '../../kernel/invariant.ts';
import type { Context } from '../../policy/event.ts';
import { closeTasks, employedOn } from './store.acts.ts';
import { drawDay } from './store.days.ts';
import { refreshFixes } from './store.fixes.ts';
import { policyInForce, stageRatings, writeRatings } from './store.rating.ts';
import { dropAsked } from './store.vector.ts';

/**
 * How items follow from sightings, whoever sees: our own matching or a tool. The one who sees lays down in
 * the temporary table `wanted` what is there now (vulnerability_id, package_key, system_id, source_id,
 * reporter, version, name, fixed_in); what was there and is not among it is gone.
 */

/** What is compared: conditions on what is there (`a`, `c`) and on what stood (`s` sighting, `i` item). */
export interface Reported {
  readonly wanted: RawBuilder<unknown>;
  readonly standing: RawBuilder<unknown>;
}

export interface SightingCounts {
  readonly opened: number;
  readonly reopened: number;
  readonly seenAgain: number;
  readonly gone: number;
  readonly fixed: number;
  readonly lapsed: number;
  /** Sightings that were not there before. */
  readonly appeared: number;
}

/** An id that needs no journey for each item: a UUID of version 8 (RFC 9562, section 5.8), of what it is of and when. */
function itemId(now: Temporal.Instant): RawBuilder<unknown> {
  return sql`overlay(overlay(md5(w.vulnerability_id || '/' || w.package_key || '/' || w.system_id || '/'
    || ${now.toString()}) placing '8' from 13) placing '8' from 17)::uuid`;
}

/**
 * Compares `wanted` with the sightings that stood, and lays down what follows: `lost` sightings, items
 * that are `opening`, `reopening` and `closing`.
 *
 * @param standing which sightings are compared
 */
export async function stageChanges(
  tx: Tx,
  standing: RawBuilder<unknown>,
  now: Temporal.Instant,
  /** Why a sighting that is missing is gone. */
  because: RawBuilder<unknown> = whyUnmatched,
): Promise<SightingCounts> {
  // Items and sightings of a large report before this one may not have been counted yet: a loop in a loop would
  // be chosen, and each of thousands held against every other. Of our own matching each that is lost is looked up
  // by itself.
  const size = await sql<{ many: boolean }>`
    select count(*) > ${manyWanted} as many from wanted`.execute(tx);
  const many = because !== whyUnmatched && (size.rows[0]?.many ?? false);
  if (many) await write(tx, sql`set local enable_nestloop = off`);
  const counts = await compareSightings(tx, standing, now, because);
  if (many) await write(tx, sql`set local enable_nestloop = on`);
  return counts;
}

/** What is wanted above which it is compared in one go rather than looked up one by one. */
const manyWanted = 2000;

async function compareSightings(
  tx: Tx,
  standing: RawBuilder<unknown>,
  now: Temporal.Instant,
  because: RawBuilder<unknown>,
): Promise<SightingCounts> {
  await write(
    tx,
    sql`
    create temporary table lost on commit drop as
    select s.item_id, s.source_id, s.reporter, s.version, ${because} as because
    from sighting s join backlog_item i on i.id = s.item_id
    join source on source.id = s.source_id
    where s.gone_at is null and ${standing}
      and not exists (select from wanted w where w.source_id = s.source_id and w.reporter = s.reporter
        and w.version = s.version and w.vulnerability_id = i.vulnerability_id
        and w.package_key = i.package_key and w.system_id = i.system_id)`,
  );
  await write(tx, sql`analyze lost`);
  await stageOpening(tx, now);
  await stageClosing(tx);
  const { rows } = await sql<Omit<SightingCounts, 'appeared'> & { readonly wanted: number }>`
    select (select count(*) from wanted)::int as wanted, (select count(*) from opening)::int as opened,
      (select count(*) from reopening)::int as reopened,
      (select count(*) from wanted w join backlog_item i on i.vulnerability_id = w.vulnerability_id
          and i.package_key = w.package_key and i.system_id = w.system_id
        join sighting s on s.item_id = i.id and s.source_id = w.source_id
          and s.reporter = w.reporter and s.version = w.version and s.gone_at is null)::int as "seenAgain",
      (select count(*) from lost)::int as gone,
      (select count(*) from closing where state = 'fixed')::int as fixed,
      (select count(*) from closing where state = 'lapsed')::int as lapsed`.execute(tx);
  const [counted] = rows;
  invariant(counted, 'a count answers');
  const { wanted, ...counts } = counted;
  return { ...counts, appeared: wanted - counts.seenAgain };
}

/**
 * The source is no longer looked at; or the package is still there, and the advisory no longer speaks of it;
 * or the package is gone.
 */
const whyUnmatched = sql`case when source.retired_at is not null then 'retirement'
  when source.system_id <> i.system_id then 'retirement'
  when exists (select from component c join package_version pv on pv.id = c.package_version_id
    where c.source_id = s.source_id and pv.package_key = i.package_key and pv.version = s.version)
  then 'advisory' else 'audit' end`;

async function stageOpening(tx: Tx, now: Temporal.Instant): Promise<void> {
  await write(
    tx,
    sql`
    create temporary table opening on commit drop as
    select ${itemId(now)} as id, w.vulnerability_id, w.package_key, w.system_id, min(w.name) as name,
      ${assignee} as assignee_id
    from wanted w join source on source.id = w.source_id join system on system.id = w.system_id
    where not exists (select from backlog_item i where i.vulnerability_id = w.vulnerability_id
      and i.package_key = w.package_key and i.system_id = w.system_id)
    group by w.vulnerability_id, w.package_key, w.system_id`,
  );
  await write(
    tx,
    sql`
    create temporary table reopening on commit drop as
    select i.id, ${assignee} as assignee_id
    from wanted w join source on source.id = w.source_id join system on system.id = w.system_id
    join backlog_item i on i.vulnerability_id = w.vulnerability_id
      and i.package_key = w.package_key and i.system_id = w.system_id
    where i.state in ('fixed', 'lapsed')
    group by i.id`,
  );
}

/** Whose source it is, else whose system. */
const assignee = sql`coalesce(min(source.owner_id::text), min(system.owner_id::text))::uuid`;

/**
 * Items of which no sighting is left. The last ones to go say why: a fix is proven by an inventory or a
 * report that no longer has it, and by nothing else.
 */
async function stageClosing(tx: Tx): Promise<void> {
  await write(
    tx,
    sql`
    create temporary table closing on commit drop as
    select i.id, case when bool_and(l.because in ('audit', 'report')) then 'fixed' else 'lapsed' end as state
    from lost l join backlog_item i on i.id = l.item_id and i.state not in ('fixed', 'lapsed')
    where not exists (select from sighting s where s.item_id = i.id and s.gone_at is null
        and not exists (select from lost o where o.item_id = s.item_id and o.source_id = s.source_id
          and o.reporter = s.reporter and o.version = s.version))
      and not exists (select from wanted w where w.vulnerability_id = i.vulnerability_id
        and w.package_key = i.package_key and w.system_id = i.system_id)
    group by i.id`,
  );
}

/** Writes what `stageChanges` laid down. */
export async function applySightings(tx: Tx, context: Context): Promise<void> {
  const { now } = context;
  const policy = await policyInForce(tx);
  await openItems(tx, policy.version, context);
  await keepCounting(tx);
  await saveSightings(tx, now);
  await closeItems(tx, now);
  const fresh = sql`select id from opening union select id from reopening union select id from moved`;
  await stageRatings(tx, fresh, policy, context);
  await writeRatings(tx, policy.version);
  await refreshFixes(
    tx,
    sql`select i.package_key, i.system_id from wanted i
      union select i.package_key, i.system_id from lost l join backlog_item i on i.id = l.item_id`,
  );
  await drawDay(tx, context);
}

/** Nobody gets out of a deadline by retiring a source for a day: what was not fixed goes on counting. */
const retired = sql`select from sighting s where s.item_id = i.id and i.state = 'lapsed'
  and s.gone_because = 'retirement' and s.gone_at = i.closed_at`;

async function openItems(
  tx: Tx,
  policyVersion: number,
  { now, zone }: Pick<Context, 'now' | 'zone'>,
): Promise<void> {
  const day = now.toZonedDateTimeISO(zone).toPlainDate();
  const working = sql`(select person.id from person where person.id = o.assignee_id and ${employedOn(day)})`;
  await write(
    tx,
    sql`
    insert into backlog_item (id, vulnerability_id, package_key, component_name, system_id, opened_at,
      counts_from, class, due_at, policy_version, assignee_id)
    select o.id, o.vulnerability_id, o.package_key, o.name, o.system_id, ${now}, ${now}, 'unrated', ${now},
      ${policyVersion}, ${working}
    from opening o order by o.id`,
  );
  await write(
    tx,
    sql`
    update backlog_item i set state = 'open', closed_at = null,
      counts_from = case when exists (${retired}) then i.counts_from else ${now}::timestamptz end,
      reopened = i.reopened + 1, assignee_id = coalesce(i.assignee_id, ${working})
    from reopening o where o.id = i.id`,
  );
}

/**
 * What moved to another asset with its source goes on counting from when it was known: its deadline is another
 * only where the new asset gives it another class. That it was decided on there, or is in another version by now,
 * is no reason to begin anew.
 *
 * Only what left its asset is looked for elsewhere (`retirement`): all that a large report no longer has would be
 * held against all that it has, both being of one source and often of one version.
 */
async function keepCounting(tx: Tx): Promise<void> {
  await write(
    tx,
    sql`
    create temporary table moved on commit drop as
    select i.id, min(old.counts_from) as counts_from
    from lost l
    join backlog_item old on old.id = l.item_id and old.state not in ('fixed', 'lapsed')
      and l.because = 'retirement'
    join wanted w on w.source_id = l.source_id and w.reporter = l.reporter
      and w.vulnerability_id = old.vulnerability_id and w.package_key = old.package_key
      and w.system_id <> old.system_id
    join backlog_item i on i.vulnerability_id = w.vulnerability_id and i.package_key = w.package_key
      and i.system_id = w.system_id and i.state in ('open', 'working')
    group by i.id, i.counts_from
    having min(old.counts_from) < i.counts_from`,
  );
  await write(
    tx,
    sql`
    update backlog_item i set counts_from = moved.counts_from from moved where moved.id = i.id`,
  );
}

async function saveSightings(tx: Tx, now: Temporal.Instant): Promise<void> {
  await write(
    tx,
    sql`
    insert into sighting (item_id, source_id, reporter, version, fixed_in, first_seen_at, last_seen_at)
    select i.id, w.source_id, w.reporter, w.version, w.fixed_in, ${now}, ${now}
    from wanted w join backlog_item i on i.vulnerability_id = w.vulnerability_id
      and i.package_key = w.package_key and i.system_id = w.system_id
    on conflict (item_id, source_id, reporter, version) do update set
      gone_at = null, gone_because = null, fixed_in = excluded.fixed_in,
      last_seen_at = excluded.last_seen_at
    where sighting.gone_at is not null or sighting.fixed_in is distinct from excluded.fixed_in`,
  );
  await write(
    tx,
    sql`
    update sighting s set gone_at = ${now}, gone_because = l.because
    from lost l where l.item_id = s.item_id and l.source_id = s.source_id and l.reporter = s.reporter
      and l.version = s.version and s.gone_at is null`,
  );
}

/** What was decided or asked about an item that is closed has ended. */
async function closeItems(tx: Tx, now: Temporal.Instant): Promise<void> {
  const { rows } = await sql<{ act: string }>`
    update backlog_decision d set state = 'ended' from closing c
    where c.id = d.item_id and d.state in ('asked', 'approved')
    returning d.asked_in as act`.execute(tx);
  await closeTasks(
    tx,
    rows.map(({ act }) => act),
    null,
    now,
  );
  await dropAsked(tx, sql`select id from closing`, now);
  await write(
    tx,
    sql`
    update backlog_item i set state = c.state, closed_at = ${now}, fix_version = null
    from closing c where c.id = i.id`,
  );
}
