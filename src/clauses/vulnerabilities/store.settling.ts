import { type RawBuilder, sql } from 'kysely';
import { type Tx, write } from '../../kernel/db.ts';
import { together } from '../../kernel/together.ts';
import type { Context } from '../../policy/event.ts';
import { changedSince } from '../../registers/advisories/store.changed.ts';
import type {
  BacklogMatched,
  SettleAdvisories,
  Settled,
  SettleEverything,
  SettleSource,
} from './facts.settling.ts';
import type { SettlingState } from './flow.settling.ts';
import { employedOn, evidenceOf, lockBacklog } from './store.acts.ts';
import { carryOver } from './store.joining.ts';
import { matchAdvisories, matchEverything, matchNewVersions } from './store.matching.ts';
import { applySightings, type Reported, stageChanges } from './store.sightings.ts';

/** Brings the backlog in line with what is known: of one source, or of the advisories of one import. */

const nothing: SettlingState['counts'] = {
  opened: 0,
  reopened: 0,
  seenAgain: 0,
  gone: 0,
  fixed: 0,
  lapsed: 0,
  appeared: 0,
  joined: 0,
};

const unknown: SettlingState = {
  settled: null,
  counts: nothing,
  evidence: evidenceOf([]),
  told: [],
};

export async function loadSource(
  tx: Tx,
  { sourceId }: SettleSource,
  context: Context,
): Promise<SettlingState> {
  await lockBacklog(tx);
  const { rows } = await sql`select from source where id = ${sourceId}`.execute(tx);
  if (rows.length === 0) return unknown;
  await matchNewVersions(tx);
  const scope: Reported = {
    wanted: sql`c.source_id = ${sourceId}`,
    // Of a retired source nothing is seen any more, whoever saw it.
    standing: sql`s.source_id = ${sourceId} and (s.reporter = 'match' or source.retired_at is not null)`,
  };
  return await settling(tx, { of: 'source', sourceId }, scope, 0, context);
}

export async function loadAdvisories(
  tx: Tx,
  { importId }: SettleAdvisories,
  context: Context,
): Promise<SettlingState> {
  await lockBacklog(tx);
  const { rows } = await sql`select from advisory_import where id = ${importId}`.execute(tx);
  if (rows.length === 0) return unknown;
  const joined = await carryOver(tx);
  await matchAdvisories(tx, changedSince(importId));
  await stageTouched(tx, importId);
  const touched = sql`select id from touched`;
  const scope: Reported = {
    wanted: sql`a.vulnerability_id in (${touched})`,
    standing: sql`i.vulnerability_id in (${touched}) and s.reporter = 'match'`,
  };
  return await settling(tx, { of: 'advisories', importId }, scope, joined, context);
}

export async function loadEverything(
  tx: Tx,
  _command: SettleEverything,
  context: Context,
): Promise<SettlingState> {
  await lockBacklog(tx);
  const joined = await carryOver(tx);
  await matchEverything(tx);
  const scope: Reported = { wanted: sql`true`, standing: sql`s.reporter = 'match'` };
  return await settling(tx, { of: 'everything' }, scope, joined, context);
}

/** Vulnerabilities of which something is known otherwise, those among them that lost an advisory to another. */
async function stageTouched(tx: Tx, importId: string): Promise<void> {
  await write(
    tx,
    sql`
    create temporary table touched on commit drop as
    select vulnerability_id as id from advisory where import_id = ${importId}::uuid
    union select id from vulnerability where import_id = ${importId}::uuid`,
  );
  await write(tx, sql`analyze touched`);
}

async function settling(
  tx: Tx,
  settled: Settled,
  scope: Reported,
  joined: number,
  { now, zone }: Context,
): Promise<SettlingState> {
  await stageWanted(tx, scope.wanted);
  const counts = await stageChanges(tx, scope.standing, now);
  const one = together(tx);
  const [lines, people] = await Promise.all([
    evidence(one),
    told(one, now.toZonedDateTimeISO(zone).toPlainDate()),
  ]);
  return { settled, counts: { ...counts, joined }, evidence: lines, told: people };
}

/** What our own matching sees: each vulnerability of each package in each source, by version. */
async function stageWanted(tx: Tx, scope: RawBuilder<unknown>): Promise<void> {
  await write(
    tx,
    sql`
    create temporary table wanted on commit drop as
    select a.vulnerability_id, pv.package_key, source.system_id, c.source_id, 'match'::text as reporter,
      pv.version, min(pv.name) as name,
      (array_agg(f.fixed_in order by f.advisory_id) filter (where f.fixed_in is not null))[1] as fixed_in
    from affects f
    join advisory a on a.id = f.advisory_id and a.withdrawn_at is null
    join package_version pv on pv.id = f.package_version_id
    join component c on c.package_version_id = pv.id
    join source on source.id = c.source_id and source.retired_at is null
    where ${scope}
    group by a.vulnerability_id, pv.package_key, source.system_id, c.source_id, pv.version`,
  );
  await write(tx, sql`analyze wanted`);
}

/** What becomes of which item, a line each. */
export async function evidence(tx: Tx): Promise<SettlingState['evidence']> {
  const { rows } = await sql<{ line: string }>`
    select what || ' ' || id as line from (
      select 'opened' as what, id from opening union all select 'reopened', id from reopening
      union all select state, id from closing) changed
    order by 1`.execute(tx);
  return evidenceOf(rows.map(({ line }) => line));
}

export async function told(tx: Tx, day: Temporal.PlainDate): Promise<SettlingState['told']> {
  const { rows } = await sql<SettlingState['told'][number]>`
    select person.id as "personId", count(*)::int as items,
      count(*) filter (where exists (select from vulnerability_name n join exploited e on e.cve = n.name
        where n.vulnerability_id = given.vulnerability_id))::int as exploited
    from (
      select vulnerability_id, assignee_id from opening
      union all
      select i.vulnerability_id, coalesce(i.assignee_id, r.assignee_id)
      from reopening r join backlog_item i on i.id = r.id
    ) given join person on person.id = given.assignee_id and ${employedOn(day)}
    group by person.id order by person.id`.execute(tx);
  return rows;
}

export async function projectMatched(
  tx: Tx,
  { settled, body }: BacklogMatched,
  context: Context,
): Promise<void> {
  // Most audits show what was known, and most advisories are of nothing in use: then nothing follows. What an
  // advisory says of a fix may differ also where the same is affected.
  const { appeared, gone, joined, seenAgain } = body;
  const other = appeared + gone + joined + (settled.of === 'source' ? 0 : seenAgain);
  if (other > 0) await applySightings(tx, context);
  switch (settled.of) {
    case 'source':
      await write(
        tx,
        sql`
        update sighting set last_seen_at = ${context.now}
        where source_id = ${settled.sourceId} and reporter = 'match' and gone_at is null
          and last_seen_at < ${context.now}`,
      );
      return await markSources(tx, sql`id = ${settled.sourceId}`, context);
    case 'advisories':
      return await markImports(tx, sql`id = ${settled.importId}`, context);
    case 'everything':
      await markSources(tx, sql`true`, context);
      return await markImports(tx, sql`finished_at is not null`, context);
  }
}

async function markSources(tx: Tx, which: RawBuilder<unknown>, { now }: Context): Promise<void> {
  await write(
    tx,
    sql`
    insert into source_settled (source_id, audit_id, retired, settled_at)
    select id, last_audit_id, retired_at is not null, ${now} from source where ${which}
    on conflict (source_id) do update set audit_id = excluded.audit_id, retired = excluded.retired,
      settled_at = excluded.settled_at`,
  );
}

async function markImports(tx: Tx, which: RawBuilder<unknown>, { now }: Context): Promise<void> {
  await write(
    tx,
    sql`
    insert into import_settled (import_id, settled_at) select id, ${now} from advisory_import where ${which}
    on conflict (import_id) do update set settled_at = excluded.settled_at`,
  );
}
