import { sql } from 'kysely';
import { dateIn, type Instant, isBefore } from '../../kernel/instant.ts';
import type { ClauseSimulation, SimulationRoom } from '../../policy/simulation.ts';
import { importFlow } from '../../registers/advisories/store.ts';
import { askDecision, changeItems, classifyItem, decideDecisions, decideVector } from './flows.ts';
import {
  audit,
  Dice,
  type DueSource,
  foundSources,
  importIdAt,
  packagesOf,
  publish,
  publishExploited,
  type SampleAdvisory,
  type Somebody,
  samplePackages,
  sampleVectors,
  staffWith,
} from './sim.company.ts';
import { invariants } from './sim.invariants.ts';

/**
 * How advisories arrive and engineers deal with them: mostly in time, some late; what has no fix is
 * asked to be accepted, and somebody else decides.
 */
export const sim: ClauseSimulation = {
  name: 'vulnerabilities',

  async step(room) {
    const officers = await staffWith(room, 'security-officer');
    const [officer] = officers;
    const engineers = await staffWith(room, 'engineer');
    if (!officer || engineers.length === 0) return;
    if (await foundSources(room, officer)) return;
    const dice = new Dice(`${room.now.toString()}/${officer.id}`);
    await arrive(room, dice);
    await work(room, dice, engineers);
    await auditSources(room, dice, engineers);
    await exceptions(room, dice, { engineers, officers });
  },

  invariants,
};

/** About once a month something is published; rarely it is withdrawn, or found to be exploited. */
async function arrive(room: SimulationRoom, dice: Dice): Promise<void> {
  if (!dice.oneIn(7)) return;
  await endCutOff(room);
  const { rows } = await sql<{ known: number; newest: Instant | null }>`
    select (select count(*) from advisory)::int as known,
      (select max(finished_at) from advisory_import where kind = 'osv') as newest`.execute(room.db);
  const known = rows[0]?.known ?? 0;
  const names = samplePackages.slice(dice.below(samplePackages.length)).slice(0, 1 + dice.below(2));
  const samples = names.map((name, n) => {
    const id = `KEPT-SAMPLE-${dateIn(room.now, room.zone).year}-${String(known + n + 1).padStart(4, '0')}`;
    return {
      id,
      name,
      summary: `Sample weakness of ${name}.`,
      fixed: dice.oneIn(9) ? null : `1.${known + n + 1}.0`,
      vector: dice.oneIn(9) ? null : (sampleVectors[dice.below(sampleVectors.length)] ?? null),
      aliases: [
        `CVE-${dateIn(room.now, room.zone).year}-9${String(known + n + 1).padStart(4, '0')}`,
      ],
    };
  });
  const also = [await fixOne(room, known), dice.oneIn(12) ? await withdrawOne(room, dice) : null];
  await publish(room, await importIdAt(room), [
    ...samples,
    ...also.filter((each) => each !== null),
  ]);
  if (dice.oneIn(12)) await exploitOne(room);
}

/** An import in which the process died ends as what it is. */
async function endCutOff({ db, asSystem }: SimulationRoom): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select id from advisory_import where state in ('waiting', 'running') order by id`.execute(db);
  for (const { id } of rows)
    await asSystem(importFlow, { do: 'finishImport', id, problem: 'interrupted', detail: '' });
}

/** What had no fix has one, some weeks later. */
async function fixOne(room: SimulationRoom, known: number): Promise<SampleAdvisory | null> {
  const { rows } = await sql<{ id: string; name: string; vector: string | null; cves: string[] }>`
    select a.id, p.name, a.vector, a.aliases as cves
    from advisory a join advisory_package p on p.advisory_id = a.id
    where a.withdrawn_at is null and a.modified_at < ${room.now.subtract({ hours: 24 * 30 })}
      and a.id not like '%STORY%' and position('"fixed"' in p.affected::text) = 0
    order by a.modified_at, a.id limit 1`.execute(room.db);
  const [unfixed] = rows;
  if (!unfixed) return null;
  const { id, name, vector, cves } = unfixed;
  const summary = `Sample weakness of ${name}, put right by now.`;
  return { id, name, summary, fixed: `1.${known + 1}.1`, vector, aliases: cves };
}

async function withdrawOne(room: SimulationRoom, dice: Dice): Promise<SampleAdvisory | null> {
  const { rows } = await sql<{ id: string; name: string }>`
    select a.id, p.name from advisory a join advisory_package p on p.advisory_id = a.id
    where a.withdrawn_at is null and a.modified_at < ${room.now.subtract({ hours: 24 })} order by a.id limit 5`.execute(
    room.db,
  );
  const chosen = rows[dice.below(5)];
  if (!chosen) return null;
  const summary = 'Sample weakness that was none.';
  return { ...chosen, summary, fixed: null, vector: null, withdrawn: true };
}

/** Something that is open is now known to be exploited. */
async function exploitOne(room: SimulationRoom): Promise<void> {
  const { rows } = await sql<{ cve: string; addedOn: string }>`
    select cve, min(added_on)::text as "addedOn" from (
      select e.cve, e.added_on from exploited e
      union
      (select n.name, ${dateIn(room.now, room.zone)}::date from backlog_item i
        join vulnerability_name n on n.vulnerability_id = i.vulnerability_id and n.name like 'CVE-%'
        where i.state = 'open' order by i.opened_at, n.name limit 1)) listed
    group by cve order by cve`.execute(room.db);
  if (rows.length > 0) await publishExploited(room, await importIdAt(room), rows);
}

interface OpenItem {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly class: string;
  readonly fix: string | null;
  readonly dueAt: Instant;
  readonly assigneeId: string | null;
  /** Whether a vector of it waits for somebody. */
  readonly asked: boolean;
}

async function openItems({ db }: SimulationRoom): Promise<readonly OpenItem[]> {
  const { rows } = await sql<OpenItem>`
    select id, component_name as name, state, class, fix_version as fix, due_at as "dueAt",
      assignee_id as "assigneeId",
      exists (select from backlog_vector asked where asked.item_id = backlog_item.id) as asked
    from backlog_item where state in ('open', 'working') order by due_at, id limit 20`.execute(db);
  return rows;
}

/** Somebody takes what nobody has, begins, and says how bad it is where nobody did. */
async function work(
  room: SimulationRoom,
  dice: Dice,
  engineers: readonly Somebody[],
): Promise<void> {
  const items = await openItems(room);
  const engineer = engineers[dice.below(engineers.length)];
  if (!engineer || !dice.oneIn(2)) return;
  const execute = room.as(engineer.id, ...engineer.roles);
  const unrated = items.find((item) => item.class === 'unrated' && !item.asked);
  if (unrated) {
    const vector = sampleVectors[dice.below(sampleVectors.length)] ?? null;
    await execute(classifyItem, { id: unrated.id, vector, reason: 'Looked at by ourselves.' });
  }
  const [first] = items.filter(({ state }) => state === 'open');
  if (!first || !dice.oneIn(2)) return;
  if (first.assigneeId === null) {
    await execute(changeItems, { do: 'assignBacklog', ids: [first.id], assigneeId: engineer.id });
  }
  await execute(changeItems, { do: 'startBacklog', ids: [first.id] });
}

/** What an officer works on is left to them. */
const untaken = sql`not exists (select from person taker where taker.id = i.assignee_id
  and i.state = 'working' and 'security-officer' = any(taker.roles))`;

/** Hours before an audit is due, or an item, from which on somebody sits down to it. */
const lastHours = 5 * 24;

/** Sources are audited when they are due, and sooner where a fix is to be proven. */
async function auditSources(
  room: SimulationRoom,
  dice: Dice,
  engineers: readonly Somebody[],
): Promise<void> {
  const soon = room.now.add({ hours: lastHours });
  const { rows } = await sql<DueSource & { pressing: boolean }>`
    select s.id, s.key, s.due_at as "dueAt", exists (
      select from sighting seen join backlog_item i on i.id = seen.item_id
      where seen.source_id = s.id and seen.gone_at is null and i.state in ('open', 'working')
        and i.fix_version is not null and i.due_at <= ${soon} and ${untaken}) as pressing
    from source s where s.retired_at is null order by s.due_at, s.id`.execute(room.db);
  for (const source of rows) {
    const engineer = engineers[dice.below(engineers.length)];
    const due = isBefore(source.dueAt, soon);
    if (!engineer || (!due && !source.pressing) || dice.oneIn(4)) continue;
    const packages = await packagesOf(room, source.id);
    if (!dice.oneIn(5)) await upgrade(room, source.id, packages);
    await audit(room, engineer, source.id, packages, !dice.oneIn(15));
  }
}

/** Every package of a source goes to the version that clears its items. */
export async function upgrade(
  { db }: SimulationRoom,
  sourceId: string,
  packages: Map<string, string>,
): Promise<void> {
  const { rows } = await sql<{ name: string; fix: string }>`
    select distinct i.component_name as name, i.fix_version as fix from backlog_item i
    join sighting seen on seen.item_id = i.id and seen.source_id = ${sourceId} and seen.gone_at is null
    where i.state in ('open', 'working') and i.fix_version is not null and ${untaken}`.execute(db);
  for (const { name, fix } of rows) packages.set(name, fix);
}

/** What has no fix is asked to be accepted; another decides, and not always as asked. */
async function exceptions(
  room: SimulationRoom,
  dice: Dice,
  { engineers, officers }: Readonly<Record<'engineers' | 'officers', readonly Somebody[]>>,
): Promise<void> {
  await decideVectors(room, officers);
  const engineer = engineers[dice.below(engineers.length)];
  if (engineer && dice.oneIn(4)) await askFor(room, dice, engineer);
  const { rows } = await sql<{ id: string; askedBy: string }>`
    select id, asked_by as "askedBy" from backlog_decision where state = 'asked' order by asked_at, id limit 3`.execute(
    room.db,
  );
  for (const { id, askedBy } of rows) {
    const officer = officers.find((each) => each.id !== askedBy);
    if (!officer || dice.oneIn(3)) continue;
    const approve = !dice.oneIn(5);
    await room.as(officer.id, ...officer.roles)(decideDecisions, {
      ids: [id],
      approve,
      note: approve ? '' : 'A newer version is to be waited for, with the deadline as it is.',
    });
  }
}

/** A vector by which something is less bad is looked at by another. */
async function decideVectors(room: SimulationRoom, officers: readonly Somebody[]): Promise<void> {
  const { rows } = await sql<{ id: string; askedBy: string; vector: string | null }>`
    select item_id as id, vector, asked_by as "askedBy" from backlog_vector order by asked_at, item_id`.execute(
    room.db,
  );
  for (const { id, askedBy, vector } of rows) {
    const officer = officers.find((each) => each.id !== askedBy);
    if (!officer) continue;
    const execute = room.as(officer.id, ...officer.roles);
    await execute(decideVector, { id, vector, approve: true, note: 'Seen the same way.' });
  }
}

async function askFor(room: SimulationRoom, dice: Dice, by: Somebody): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select id from backlog_item i where state in ('open', 'working') and fix_version is null and ${untaken}
      and not exists (select from backlog_decision d where d.item_id = i.id and d.state = 'asked')
    order by due_at, id limit 1`.execute(room.db);
  const [item] = rows;
  if (!item) return;
  const until = dateIn(room.now, room.zone).add({ days: 20 + dice.below(60) });
  const isUnaffected = dice.oneIn(3);
  await room.as(by.id, ...by.roles)(askDecision, {
    ids: [item.id],
    kind: isUnaffected ? 'notAffected' : 'accepted',
    justification: isUnaffected ? 'vulnerable_code_not_in_execute_path' : null,
    reason: isUnaffected ? 'We never call it.' : 'There is no fixed version yet; it is watched.',
    until: until.toString(),
  });
}
