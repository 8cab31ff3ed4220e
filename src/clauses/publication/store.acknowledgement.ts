import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import { type Tx, write } from '../../kernel/db.ts';
import { dateIn, endOfDay, type Instant, lastDayOf, startOfDay } from '../../kernel/instant.ts';
import { together } from '../../kernel/together.ts';
import type { Context } from '../../policy/event.ts';
import {
  cancelTasks,
  completeTasks,
  isScheduled,
  type NewObligation,
  openTasks,
  schedule,
} from '../../registers/tasks/store.ts';
import type {
  AcknowledgementCommand,
  AcknowledgementEvent,
  AcknowledgementState,
} from './facts.acknowledgement.ts';
import { type AcknowledgementsAsked, type Asked, newcomerDays } from './facts.ts';
import { current } from './store.current.ts';
import { lockVersions, versionInForce } from './store.version.ts';

export const acknowledgeTask = 'publication.acknowledge';

export async function loadAcknowledgement(
  tx: Tx,
  command: AcknowledgementCommand,
  context: Context,
): Promise<AcknowledgementState> {
  // Whoever acknowledges must not wait for others who do: only what asks takes the lock.
  if (command.do !== 'acknowledge') await lockVersions(tx);
  const inForce = await versionInForce(tx);
  const none: AcknowledgementState = {
    inForce,
    acknowledged: false,
    newcomers: [],
    leavers: [],
    readToday: false,
    waiting: [],
  };
  if (!inForce) return none;
  switch (command.do) {
    case 'acknowledge':
      return {
        ...none,
        acknowledged: await hasAcknowledged(tx, inForce.id, personOf(context.actor)),
      };
    case 'readRoster':
      return { ...none, ...(await readRoster(together(tx), context)) };
    case 'remind':
      return {
        ...none,
        waiting: await waitingUntil(tx, Temporal.Instant.from(command.dueAt), context),
      };
  }
}

async function hasAcknowledged(
  tx: Tx,
  versionId: string,
  personId: string | null,
): Promise<boolean> {
  const { rows } = await sql<{ one: number }>`
    select 1 as one from acknowledgement
    where person_id = ${personId} and version_id = ${versionId}`.execute(tx);
  return rows.length > 0;
}

/** All of it in one journey. */
async function readRoster(tx: Tx, context: Context) {
  const [joined, left, readToday] = await Promise.all([
    newcomers(tx, context),
    leavers(tx, context),
    rosterReadToday(tx, context),
  ]);
  return { newcomers: joined, leavers: left, readToday };
}

/**
 * Current people who were never asked in this employment. Who started after the first publication
 * has until 14 days from the start, even if Kept learns of them late; who was here before has the
 * same days from now.
 */
async function newcomers(tx: Tx, { now, zone }: Context): Promise<readonly Asked[]> {
  const today = dateIn(now, zone);
  const { rows } = await sql<{ personId: string; startsOn: Temporal.PlainDate | null }>`
    select p.id as "personId",
      case when p.starts_on >= (select min(effective_on) from policy_version where state in ('published', 'superseded'))
        then p.starts_on end as "startsOn"
    from person p
    where ${current(today)}
      and not exists (select from acknowledgement_request r where r.person_id = p.id and r.closed_at is null)
      and not exists (select from acknowledgement a where a.person_id = p.id
        and (p.starts_on is null or a.at >= p.starts_on - interval '30 days'))
    order by p.id`.execute(tx);
  return rows.map(({ personId, startsOn }) => ({
    personId,
    dueAt: endOfDay((startsOn ?? today).add({ days: newcomerDays }), zone),
  }));
}

/** People who are asked and no longer on the staff. */
async function leavers(tx: Tx, { now, zone }: Context): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select p.id from acknowledgement_request r join person p on p.id = r.person_id
    where r.closed_at is null and not ${current(dateIn(now, zone))}
    order by p.id`.execute(tx);
  return rows.map((row) => row.id);
}

async function rosterReadToday(tx: Tx, { now, zone }: Context): Promise<boolean> {
  const { rows } = await sql<{
    read_at: Instant;
  }>`select read_at from acknowledgement_roster`.execute(tx);
  return rows[0] !== undefined && dateIn(rows[0].read_at, zone).equals(dateIn(now, zone));
}

async function waitingUntil(
  tx: Tx,
  dueAt: Instant,
  { now, zone }: Context,
): Promise<readonly Asked[]> {
  const { rows } = await sql<Asked>`
    select r.person_id as "personId", r.due_at as "dueAt"
    from acknowledgement_request r join person p on p.id = r.person_id
    where r.closed_at is null and r.due_at = ${dueAt} and ${current(dateIn(now, zone))}
      and (r.reminded_at is null or r.reminded_at < ${startOfDay(dateIn(now, zone), zone)})
    order by r.person_id`.execute(tx);
  return rows;
}

export async function projectAcknowledgement(
  tx: Tx,
  event: AcknowledgementEvent,
  context: Context,
): Promise<void> {
  switch (event.type) {
    case 'PolicyAcknowledged':
      return await acknowledge(tx, event, context);
    case 'AcknowledgementsAsked':
      return await projectAsked(tx, event, context);
    case 'AcknowledgementsReleased':
      return await release(tx, linesOf(event.blobs?.['listBlob']), context);
    case 'RosterRead':
      return await write(
        tx,
        sql`
        insert into acknowledgement_roster (read_at) values (${context.now})
        on conflict ((true)) do update set read_at = excluded.read_at`,
      );
    case 'AcknowledgementsReminded':
      await sql`
        update acknowledgement_request set reminded_at = ${context.now}
        where closed_at is null and person_id = any(${linesOf(event.blobs?.['listBlob'])}::uuid[])`.execute(
        tx,
      );
      return;
  }
}

async function acknowledge(
  tx: Tx,
  event: Extract<AcknowledgementEvent, { type: 'PolicyAcknowledged' }>,
  context: Context,
): Promise<void> {
  const { version, digest, language, secondFactor } = event.body;
  const person = personOf(context.actor);
  await sql`
    insert into acknowledgement (person_id, version_id, language, digest, at, second_factor)
    values (${person}, ${version}, ${language}, ${digest}, ${context.now}, ${secondFactor})`.execute(
    tx,
  );
  await sql`
    update acknowledgement_request set closed_at = ${context.now}, closed_as = 'acknowledged'
    where person_id = ${person} and closed_at is null`.execute(tx);
  if (!person) return;
  const task = { kind: acknowledgeTask, subject: `policyVersion/${version}`, assigneeId: person };
  await completeTasks(tx, task, person, context.now);
}

async function release(tx: Tx, people: readonly string[], context: Context): Promise<void> {
  const { rows } = await sql<{ version: string }>`
    update acknowledgement_request set closed_at = ${context.now}, closed_as = 'released'
    where closed_at is null and person_id = any(${people}::uuid[])
    returning version_id as version`.execute(tx);
  for (const version of new Set(rows.map((row) => row.version))) {
    const tasks = {
      kind: acknowledgeTask,
      subject: `policyVersion/${version}`,
      assigneeIds: people,
    };
    await cancelTasks(tx, tasks, context.now);
  }
}

/**
 * Asks people to acknowledge a version: a request and a task each, and reminders for every day on
 * which some of them are due. What they were asked before is replaced.
 */
export async function projectAsked(
  tx: Tx,
  event: AcknowledgementsAsked,
  context: Context,
): Promise<void> {
  const asked = askedIn(event);
  const versionId = event.subject.slice(event.subject.indexOf('/') + 1);
  const people = asked.map((each) => each.personId);
  const { rows } = await sql<{ version: string }>`
    update acknowledgement_request set closed_at = ${context.now}, closed_as = 'replaced'
    where closed_at is null and person_id = any(${people}::uuid[])
    returning version_id as version`.execute(tx);
  for (const version of new Set(rows.map((row) => row.version))) {
    const tasks = {
      kind: acknowledgeTask,
      subject: `policyVersion/${version}`,
      assigneeIds: people,
    };
    await cancelTasks(tx, tasks, context.now);
  }
  await sql`
    insert into acknowledgement_request (person_id, version_id, because, asked_at, due_at)
    select person, ${versionId}, ${event.body.because}, ${context.now}, due
    from unnest(${people}::uuid[], ${asked.map((each) => each.dueAt)}::timestamptz[]) as a (person, due)
    on conflict (person_id, version_id) do update
    set because = excluded.because, asked_at = excluded.asked_at, due_at = excluded.due_at,
      closed_at = null, closed_as = null, reminded_at = null`.execute(tx);
  await openTasks(
    tx,
    asked.map(({ personId, dueAt }) => ({
      id: context.newId(),
      kind: acknowledgeTask,
      promise: 'PEO-1',
      subject: event.subject,
      assigneeId: personId,
      openedAt: context.now,
      dueAt,
      detail: { number: event.body.number },
      path: '/console/policy/acknowledge',
    })),
  );
  await scheduleReminders(tx, asked, context);
}

/** Days before the last one on which people are reminded, at nine in the morning. */
const reminderDays = [7, 3, 1];

async function scheduleReminders(tx: Tx, asked: readonly Asked[], context: Context): Promise<void> {
  const { now, zone } = context;
  const obligations: NewObligation[] = [];
  for (const dueAt of new Set(asked.map((each) => each.dueAt.toString()))) {
    const subject = `acknowledgements/${dueAt}`;
    if (await isScheduled(tx, 'publication.remind', subject)) continue;
    for (const days of reminderDays) {
      const at = lastDayOf(Temporal.Instant.from(dueAt), zone)
        .subtract({ days })
        .toZonedDateTime({ timeZone: zone, plainTime: '09:00' })
        .toInstant();
      if (Temporal.Instant.compare(at, now) <= 0) continue;
      obligations.push({
        id: context.newId(),
        clause: 'publication',
        kind: 'publication.remind',
        subject,
        dueAt: at,
      });
    }
  }
  await schedule(tx, obligations);
}

function askedIn(event: AcknowledgementsAsked): readonly Asked[] {
  return linesOf(event.blobs?.['listBlob']).map((line) => {
    const [personId = '', due = ''] = line.split('\t');
    return { personId, dueAt: Temporal.Instant.from(due) };
  });
}

function linesOf(list: Uint8Array | undefined): readonly string[] {
  return new TextDecoder().decode(list).split('\n').filter(Boolean);
}
