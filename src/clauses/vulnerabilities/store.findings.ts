import { type RawBuilder, sql } from 'kysely';
import { packageKey } from '../../advisories/packages.ts';
import type { ReportedFinding } from '../../inventory/reports/report.ts';
import { personOf } from '../../kernel/actor.ts';
import { type Tx, write } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import { vulnerabilitiesNamed } from '../../registers/advisories/store.reported.ts';
import { openTasks } from '../../registers/tasks/store.ts';
import {
  type FindingsReported,
  type RecordFindings,
  type ReportRefusal,
  recordFindings,
} from './facts.reports.ts';
import { longestNotAffectedDays } from './facts.terms.ts';
import { decideFindings, type FindingsState } from './flow.findings.ts';
import { mailsOfGiven } from './flow.settling.ts';
import { decideTask, evidenceOf, lockBacklog } from './store.acts.ts';
import { policyInForce, stageRatings, writeRatings } from './store.rating.ts';
import { evidence, told } from './store.settling.ts';
import { applySightings, stageChanges } from './store.sightings.ts';

/** Findings of other tools, merged into the backlog by vulnerability, component and asset. */
export const findingsFlow: Flow<FindingsState, RecordFindings, FindingsReported, ReportRefusal> = {
  name: 'vulnerabilities.recordFindings',
  clause: 'vulnerabilities',
  command: recordFindings,
  load: loadFindings,
  authorize: () => ({ action: 'recordFindings' }),
  decide: decideFindings,
  project: projectFindings,
  effects: mailsOfGiven,
};

const nothing: Omit<FindingsState, 'source'> = {
  counts: { opened: 0, reopened: 0, seenAgain: 0, gone: 0, fixed: 0, asked: 0 },
  evidence: evidenceOf([]),
  told: [],
};

async function loadFindings(
  tx: Tx,
  command: RecordFindings,
  context: Context,
): Promise<FindingsState> {
  await lockBacklog(tx);
  const { rows } = await sql<NonNullable<FindingsState['source']>>`
    select key, retired_at is not null as retired from source where id = ${command.sourceId}`.execute(
    tx,
  );
  const [source] = rows;
  if (!source || source.retired) return { source: source ?? null, ...nothing };
  await stageFound(tx, command, source.key, context);
  await stageWanted(tx, command);
  const { now, zone } = context;
  const changes = await stageChanges(tx, standingOf(command), now, whyMissing);
  const { opened, reopened, seenAgain, gone, fixed } = changes;
  const asked = await stageAsking(tx, command.reporter);
  return {
    source,
    counts: { opened, reopened, seenAgain, gone, fixed, asked },
    evidence: await evidence(tx),
    told: await told(tx, now.toZonedDateTimeISO(zone).toPlainDate()),
  };
}

/**
 * What a finding is of, where it names no package: a file, whatever the line, or an address. One that
 * names no place is of the source as a whole.
 */
export function componentOf(
  { package: about, place, names }: ReportedFinding,
  sourceKey: string,
): { readonly key: string; readonly name: string } {
  if (about) return { key: packageKey(about.ecosystem, about.name), name: about.name };
  const where = (place ?? sourceKey).replace(/:\d+$/, '');
  const kind = names[0]?.startsWith('site/') ? 'site' : 'file';
  return { key: `${kind}/${where}`, name: where };
}

/** Lays down in `found` what is reported, each with its vulnerability. */
async function stageFound(
  tx: Tx,
  { findings }: RecordFindings,
  sourceKey: string,
  context: Context,
): Promise<void> {
  const ids = await vulnerabilitiesNamed(tx, findings, context);
  const rows = findings.map((finding, n) => {
    const component = componentOf(finding, sourceKey);
    return {
      vulnerability_id: ids[n],
      package_key: component.key,
      name: component.name,
      of_package: finding.package !== null,
      version: finding.package ? finding.package.version : (finding.place ?? ''),
      fixed_in: finding.fixedIn,
      stated: finding.statement?.kind ?? null,
      justification: finding.statement?.justification ?? null,
    };
  });
  await write(
    tx,
    sql`
    create temporary table found on commit drop as
    select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t (vulnerability_id uuid,
      package_key text, name text, of_package boolean, version text, fixed_in text, stated text,
      justification text)`,
  );
  await write(tx, sql`analyze found`);
}

/**
 * What is there by this report. A tool that tells no version means those of the source's inventory. What is
 * said not to affect us is there until somebody has decided that it does not count; of a report that is
 * no complete one, such as an exploitability exchange of a vendor, it opens nothing.
 */
async function stageWanted(
  tx: Tx,
  { sourceId, reporter, complete }: RecordFindings,
): Promise<void> {
  await write(
    tx,
    sql`
    create temporary table wanted on commit drop as
    select f.vulnerability_id, f.package_key, source.system_id, source.id as source_id,
      ${reporter}::text as reporter, coalesce(f.version, used.version, '') as version,
      min(f.name) as name, min(f.fixed_in) as fixed_in
    from found f join source on source.id = ${sourceId}
    left join lateral (
      select pv.version from component c join package_version pv on pv.id = c.package_version_id
      where f.of_package and f.version is null and c.source_id = ${sourceId}
        and pv.package_key = f.package_key) used on true
    where f.stated is null or f.stated = 'underInvestigation'
      or (f.stated = 'notAffected' and (${complete} or exists (
        select from backlog_item i where i.vulnerability_id = f.vulnerability_id
          and i.package_key = f.package_key and i.system_id = source.system_id
          and i.state not in ('fixed', 'lapsed'))))
    group by f.vulnerability_id, f.package_key, source.system_id, source.id,
      coalesce(f.version, used.version, '')`,
  );
  await write(tx, sql`analyze wanted`);
}

/**
 * Of a complete report what is missing is gone; of any other what it says is fixed: in the version that it
 * names, for that another one has the fix says nothing of the one that is in use.
 */
function standingOf({ sourceId, reporter, complete }: RecordFindings): RawBuilder<unknown> {
  const own = sql`s.source_id = ${sourceId} and s.reporter = ${reporter}`;
  if (complete) return own;
  return sql`${own} and exists (select from found f where f.stated = 'fixed'
    and f.vulnerability_id = i.vulnerability_id and f.package_key = i.package_key
    and (not f.of_package or coalesce(f.version, s.version) = s.version))`;
}

/** A source that went over to another asset is seen there now; that proves nothing of the old one. */
const whyMissing = sql`case when source.system_id <> i.system_id then 'retirement' else 'report' end`;

/**
 * Items that the report says do not affect us, on which nobody decides yet: what a tool says is asked for,
 * never approved by itself, and not asked again once it was refused.
 */
async function stageAsking(tx: Tx, reporter: string): Promise<number> {
  await write(
    tx,
    sql`
    create temporary table asking on commit drop as
    select known.id, min(f.justification) as justification
    from found f join wanted w on w.vulnerability_id = f.vulnerability_id and w.package_key = f.package_key
    join (
      select id, vulnerability_id, package_key, system_id from opening
      union all
      select i.id, i.vulnerability_id, i.package_key, i.system_id from backlog_item i
      where i.state in ('open', 'working') or i.id in (select id from reopening)
    ) known on known.vulnerability_id = w.vulnerability_id and known.package_key = w.package_key
      and known.system_id = w.system_id
    where f.stated = 'notAffected' and not exists (
      select from backlog_decision d where d.item_id = known.id
        and (d.state in ('asked', 'approved')
          or (d.reporter = ${reporter} and d.state in ('refused', 'withdrawn'))))
      and not exists (select from found g where g.vulnerability_id = f.vulnerability_id
        and g.package_key = f.package_key and g.stated is null)
    group by known.id`,
  );
  const { rows } = await sql<{ asked: number }>`select count(*)::int as asked from asking`.execute(
    tx,
  );
  return rows[0]?.asked ?? 0;
}

async function projectFindings(
  tx: Tx,
  { body, command }: FindingsReported,
  context: Context,
): Promise<void> {
  await applySightings(tx, context);
  // How bad a rule is, its tool may say otherwise than before.
  const policy = await policyInForce(tx);
  const rules = sql`select i.id from backlog_item i join vulnerability v on v.id = i.vulnerability_id
    and v.kind = 'rule' where i.state not in ('fixed', 'lapsed')
      and i.vulnerability_id in (select vulnerability_id from found)`;
  await stageRatings(tx, rules, policy, context);
  await writeRatings(tx, policy.version);
  await sayAgain(tx, command, context);
  if (body.asked > 0) await ask(tx, command.reporter, body.asked, context);
}

/** What is seen again was last seen now. Of a complete report that is all that still stands. */
async function sayAgain(
  tx: Tx,
  { sourceId, reporter, complete }: RecordFindings,
  { now }: Context,
): Promise<void> {
  const standing = sql`s.source_id = ${sourceId} and s.reporter = ${reporter} and s.gone_at is null`;
  if (complete) {
    await write(tx, sql`update sighting s set last_seen_at = ${now} where ${standing}`);
    return;
  }
  // Both sides were just written and nobody has counted them: a loop in a loop would be chosen.
  await write(tx, sql`set local enable_nestloop = off`);
  await write(
    tx,
    sql`
    update sighting s set last_seen_at = ${now} from wanted w
    join backlog_item i on i.vulnerability_id = w.vulnerability_id and i.package_key = w.package_key
      and i.system_id = w.system_id
    where ${standing} and s.item_id = i.id and s.version = w.version`,
  );
  await write(tx, sql`set local enable_nestloop = on`);
}

/** Days within which what a tool says is to be decided on. */
const decideWithinDays = 7;

/**
 * Asks for what the report states. Where somebody brought the report, themselves or by a token of theirs,
 * it is they who ask: nobody approves a statement that they carried in (VUL-4).
 */
async function ask(
  tx: Tx,
  reporter: string,
  count: number,
  { now, newId, actor }: Context,
): Promise<void> {
  const actId = newId();
  const until = now.add({ hours: 24 * longestNotAffectedDays });
  await write(
    tx,
    sql`
    insert into backlog_decision (id, item_id, kind, justification, reason, until, asked_by, reporter, asked_in, asked_at)
    select overlay(overlay(md5(${actId}::text || id::text) placing '8' from 13) placing '8' from 17)::uuid,
      id, 'notAffected', justification, '', ${until}, ${personOf(actor)}::uuid, ${reporter}, ${actId}, ${now}
    from asking`,
  );
  await openTasks(tx, [
    {
      id: newId(),
      kind: decideTask,
      promise: 'VUL-4',
      subject: `decisions/${actId}`,
      assigneeId: null,
      role: 'security-officer',
      openedAt: now,
      dueAt: now.add({ hours: 24 * decideWithinDays }),
      detail: { count },
      path: '/console/backlog-decisions?state=asked',
    },
  ]);
}
