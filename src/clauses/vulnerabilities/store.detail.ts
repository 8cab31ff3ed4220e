import { sql } from 'kysely';
import type { Severity } from '../../advisories/severity.ts';
import type { Db } from '../../kernel/db.ts';
import { type Instant, instantText, startOfDay } from '../../kernel/instant.ts';
import { together } from '../../kernel/together.ts';
import { shownVulnerability } from '../../registers/advisories/store.shown.ts';
import { daysOf, lowers, rate, rateItem } from './facts.rating.ts';
import type { BacklogDetail, ShownDecision } from './facts.shown.ts';
import type { ItemClass } from './facts.terms.ts';
import { type ItemRow, itemColumns, itemDetails, itemOf } from './store.listed.ts';
import { policyInForce } from './store.rating.ts';

interface DetailRow extends ItemRow {
  readonly ownVector: string | null;
  readonly ownCounts: boolean;
  readonly policyVersion: number;
  readonly confidentiality: number;
  readonly integrity: number;
  readonly availability: number;
  readonly classDays: number | null;
  readonly exploitedDays: number;
  readonly clearedTogether: number;
}

interface RatableRow {
  readonly class: ItemClass;
  readonly countsFrom: Instant;
  readonly exploitedOn: Temporal.PlainDate | null;
  readonly severity: Severity;
  readonly vector: string | null;
  readonly confidentiality: number;
  readonly integrity: number;
  readonly availability: number;
}

/** What another vector would make of an item; an empty one is the vulnerability's own. Null where there is no such item. */
export async function ratedWith(db: Db, id: string, vector: string, zone: string) {
  const { rows } = await sql<RatableRow>`
    select item.class, item.counts_from as "countsFrom", vulnerability.severity, vulnerability.vector,
      system.confidentiality, system.integrity, system.availability,
      (select min(exploited.added_on) from vulnerability_name called
        join exploited on exploited.cve = called.name
        where called.vulnerability_id = item.vulnerability_id) as "exploitedOn"
    from backlog_item item join vulnerability on vulnerability.id = item.vulnerability_id
    join system on system.id = item.system_id where item.id::text = ${id}`.execute(db);
  const [row] = rows;
  if (!row) return null;
  const { class: now, countsFrom, exploitedOn, severity, ...requirements } = row;
  const policy = await policyInForce(db);
  const published = { vector: row.vector, severity, requirements };
  const approved = rate({ ...published, vector: vector || row.vector }, policy);
  const isLower = lowers(now, approved.class);
  // One that need not be approved counts beside what is published; one that is, by itself.
  const own = { ...published, ownVector: vector || null, isApproved: isLower };
  const { score, class: then } = rateItem(own, policy);
  const rated = { score, class: then, lowers: isLower };
  const byClass = countsFrom.add({ hours: 24 * daysOf(rated.class, policy) });
  if (!exploitedOn) return { ...rated, dueAt: byClass };
  const known = startOfDay(exploitedOn, zone);
  const from = Temporal.Instant.compare(known, countsFrom) > 0 ? known : countsFrom;
  const byExploit = from.add({ hours: 24 * policy.exploitedDays });
  const sooner = Temporal.Instant.compare(byExploit, byClass) < 0;
  return { ...rated, dueAt: sooner ? byExploit : byClass };
}

/** Classes to whose days those of an unrated item, or of one without effect, are taken. */
const dueAs = sql`case item.class when 'unrated' then 'medium' when 'none' then 'low' else item.class end`;

/** An item by its id or number (`V-12`), with what its page shows; null where there is none. */
export async function shownItem(
  db: Db,
  idOrNumber: string,
  now: Instant,
): Promise<BacklogDetail | null> {
  const number = /^v-(\d{1,9})$/i.exec(idOrNumber)?.[1] ?? null;
  const { rows } = await sql<DetailRow>`
    select ${itemColumns}, item.own_vector as "ownVector", item.own_counts as "ownCounts", item.policy_version as "policyVersion",
      system.confidentiality, system.integrity, system.availability,
      (select (each ->> 'days')::int from jsonb_array_elements(policy.classes) each
        where each ->> 'class' = ${dueAs}) as "classDays",
      policy.exploited_days as "exploitedDays",
      (select count(*)::int from backlog_item other where other.package_key = item.package_key
        and other.system_id = item.system_id and other.id <> item.id
        and other.state in ('open', 'working') and other.fix_version = item.fix_version) as "clearedTogether"
    from (select id from backlog_item where id::text = ${idOrNumber} or number = ${number}::int) page
    ${itemDetails} join patch_policy policy on policy.version = item.policy_version`.execute(db);
  const [row] = rows;
  if (!row) return null;
  const one = together(db);
  const [sightings, decisions, proposed, vulnerability] = await Promise.all([
    sightingsOf(one, row.id),
    decisionsOf(one, row.id),
    proposedOf(one, row.id),
    shownVulnerability(db, row.vulnerabilityId),
  ]);
  return {
    ...itemOf(row, now),
    names: vulnerability?.names ?? [],
    ownVector: row.ownVector,
    ownCounts: row.ownCounts,
    proposed,
    vector: vulnerability?.vector ?? null,
    baseScore: vulnerability?.score ?? null,
    requirements: {
      confidentiality: row.confidentiality,
      integrity: row.integrity,
      availability: row.availability,
    },
    advisories: (vulnerability?.advisories ?? []).map(({ packages: _, ...rest }) => rest),
    exploitation: vulnerability?.exploitation ?? null,
    predicted: vulnerability?.predicted ?? null,
    deadline: deadlineOf(row, vulnerability?.exploitation?.addedOn ?? null),
    sightings,
    decisions,
    clearedTogether: row.clearedTogether,
  };
}

function deadlineOf(row: DetailRow, exploitedOn: string | null): BacklogDetail['deadline'] {
  const classDays = row.classDays ?? 0;
  const byClass = row.countsFrom.add({ hours: 24 * classDays });
  return {
    policyVersion: row.policyVersion,
    class: row.class,
    classDays,
    exploitedDays: row.exploited ? row.exploitedDays : null,
    exploitedOn: row.exploited ? exploitedOn : null,
    shortened: Temporal.Instant.compare(row.dueAt, byClass) < 0,
  };
}

async function proposedOf(db: Db, itemId: string): Promise<BacklogDetail['proposed']> {
  const { rows } = await sql<{
    vector: string | null;
    class: ItemClass;
    reason: string;
    askerId: string;
    asker: string;
    askedAt: Instant;
  }>`
    select asked.vector, asked.class, asked.reason, asker.id as "askerId", asker.name as asker,
      asked.asked_at as "askedAt"
    from backlog_vector asked join person asker on asker.id = asked.asked_by
    where asked.item_id = ${itemId}`.execute(db);
  const [row] = rows;
  if (!row) return null;
  const { askerId, asker, askedAt, ...rest } = row;
  return { ...rest, askedBy: { id: askerId, name: asker }, askedAt: instantText(askedAt) };
}

interface SightingRow
  extends Omit<
    BacklogDetail['sightings'][number],
    'source' | 'firstSeenAt' | 'lastSeenAt' | 'goneAt'
  > {
  readonly sourceId: string;
  readonly sourceKey: string;
  readonly sourceName: string;
  readonly firstSeenAt: Instant;
  readonly lastSeenAt: Instant;
  readonly goneAt: Instant | null;
}

async function sightingsOf(db: Db, itemId: string): Promise<BacklogDetail['sightings']> {
  const { rows } = await sql<SightingRow>`
    select source.id as "sourceId", source.key as "sourceKey", source.name as "sourceName",
      sighting.reporter, sighting.version, sighting.fixed_in as "fixedIn",
      sighting.first_seen_at as "firstSeenAt", sighting.last_seen_at as "lastSeenAt",
      sighting.gone_at as "goneAt", held.purl, coalesce(held.is_development, false) as "isDevelopment",
      held.path
    from sighting join backlog_item item on item.id = sighting.item_id
    join source on source.id = sighting.source_id
    left join lateral (
      select component.purl, component.is_development, component.path from component
      join package_version on package_version.id = component.package_version_id
      where component.source_id = sighting.source_id and package_version.package_key = item.package_key
        and package_version.version = sighting.version limit 1) held on true
    where sighting.item_id = ${itemId}
    order by sighting.gone_at is not null, source.name, sighting.reporter, sighting.version
    limit 200`.execute(db);
  return rows.map(
    ({ sourceId, sourceKey, sourceName, firstSeenAt, lastSeenAt, goneAt, ...row }) => ({
      ...row,
      source: { id: sourceId, key: sourceKey, name: sourceName },
      firstSeenAt: instantText(firstSeenAt),
      lastSeenAt: instantText(lastSeenAt),
      goneAt: goneAt && instantText(goneAt),
    }),
  );
}

export interface DecisionRow
  extends Omit<ShownDecision, 'until' | 'askedAt' | 'decidedAt' | 'askedBy' | 'decidedBy'> {
  readonly until: Instant;
  readonly askedAt: Instant;
  readonly decidedAt: Instant | null;
  readonly askerId: string | null;
  readonly asker: string | null;
  readonly deciderId: string | null;
  readonly decider: string | null;
}

async function decisionsOf(db: Db, itemId: string): Promise<ShownDecision[]> {
  const { rows } = await sql<DecisionRow>`
    select decision.id, decision.kind, decision.justification, decision.reason, decision.until,
      decision.state, decision.asked_at as "askedAt", decision.decided_at as "decidedAt",
      decision.reporter, decision.note, asker.id as "askerId", asker.name as asker,
      decider.id as "deciderId", decider.name as decider
    from backlog_decision decision left join person asker on asker.id = decision.asked_by
    left join person decider on decider.id = decision.decided_by
    where decision.item_id = ${itemId} order by decision.asked_at desc limit 50`.execute(db);
  return rows.map(decisionOf);
}

export function decisionOf(row: DecisionRow): ShownDecision {
  const { until, askedAt, decidedAt, askerId, asker, deciderId, decider, ...rest } = row;
  return {
    ...rest,
    until: instantText(until),
    askedAt: instantText(askedAt),
    decidedAt: decidedAt && instantText(decidedAt),
    askedBy: askerId ? { id: askerId, name: asker ?? '' } : null,
    decidedBy: deciderId ? { id: deciderId, name: decider ?? '' } : null,
  };
}
