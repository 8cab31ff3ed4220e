import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import { dateIn, endOfDay, type Instant } from '../../kernel/instant.ts';
import { together } from '../../kernel/together.ts';
import type { Context } from '../../policy/event.ts';
import { cancelTasks, openTasks } from '../../registers/tasks/store.ts';
import type {
  Assigned,
  Candidate,
  OwedSignature,
  Reminding,
  RosterCommand,
  RosterEvent,
  RosterState,
} from './facts.roster.ts';
import type { PeopleSettings } from './facts.ts';
import { cancelChecklist, moveTasks, openChecklist, redateChecklist } from './store.checklist.ts';
import { trainingTask } from './store.course.ts';
import { closeLateness, saveTold, untoldLateness } from './store.lateness.ts';
import { current, peopleSettingsOf } from './store.staff.ts';
import { acknowledgeTask, owedSignatures, signTask, taskOf } from './store.undertaking.ts';

const rosterLock = 0x726f7374;

export async function loadRoster(
  tx: Tx,
  command: RosterCommand,
  { now, zone }: Context,
): Promise<RosterState> {
  const today = dateIn(now, zone);
  const none: Omit<RosterState, 'settings'> = {
    readToday: false,
    candidates: [],
    released: [],
    unasked: [],
    signersGone: [],
    reminding: [],
    untold: [],
    openings: [],
    moved: [],
    unplaced: 0,
  };
  if (command.do !== 'readStaff') return { ...none, settings: await peopleSettingsOf(tx) };
  await write(tx, sql`select pg_advisory_xact_lock(${rosterLock})`);
  const settings = await peopleSettingsOf(tx);
  return { settings, ...(await readRoster(together(tx), settings, today, zone)) };
}

/** All of it in one journey. */
async function readRoster(
  db: Db,
  settings: PeopleSettings,
  today: Temporal.PlainDate,
  zone: string,
): Promise<Omit<RosterState, 'settings'>> {
  const [
    readToday,
    whoMayOwe,
    whoIsReleased,
    whoIsUnasked,
    whoseSignersLeft,
    whoIsReminded,
    whoIsLate,
    toOpen,
    toOpenForMovers,
    toMove,
    unplaced,
  ] = await Promise.all([
    readOn(db, today, zone),
    candidates(db, today, zone, settings),
    released(db, today),
    unasked(db, today, zone),
    signersGone(db, today),
    reminding(db, today),
    untoldLateness(db, today),
    openings(db, today, zone),
    movers(db, today),
    moved(db),
    unplacedPeople(db, today),
  ]);
  return {
    readToday,
    candidates: whoMayOwe,
    released: whoIsReleased,
    unasked: whoIsUnasked,
    signersGone: whoseSignersLeft,
    reminding: whoIsReminded,
    untold: whoIsLate,
    openings: [...toOpen, ...toOpenForMovers],
    moved: toMove,
    unplaced,
  };
}

async function readOn(db: Db, today: Temporal.PlainDate, zone: string): Promise<boolean> {
  const { rows } = await sql<{ at: Instant }>`select read_at as at from people_roster`.execute(db);
  return rows[0] !== undefined && dateIn(rows[0].at, zone).equals(today);
}

/** People and courses between which something may be owed; dates are judged by `owedTraining`. */
async function candidates(
  db: Db,
  today: Temporal.PlainDate,
  zone: string,
  { refresherMonths, leadDays }: PeopleSettings,
): Promise<readonly Candidate[]> {
  const { rows } = await sql<Candidate>`
    select p.id as "personId", c.course, c.titles, c.major, p.starts_on as "startsOn",
      c.first_on as "firstPublishedOn", c.major_on as "majorPublishedOn",
      last.completed_on as "completedOn", last.major as "completedMajor"
    from person p cross join (
      select distinct on (v.course) v.course, v.major, v.titles,
        (min(v.published_at) over (partition by v.course) at time zone ${zone})::date as first_on,
        (min(v.published_at) over (partition by v.course, v.major) at time zone ${zone})::date as major_on
      from course_version v where v.withdrawn_at is null
      order by v.course, v.major desc, v.minor desc) c
    left join lateral (
      select t.completed_on, t.major from training t
      where t.person_id = p.id and t.course = c.course and t.closed_as = 'completed'
      order by t.completed_on desc limit 1) last on true
    where ${current(today)}
      and not exists (select from training o
        where o.person_id = p.id and o.course = c.course and o.closed_at is null)
      and (last.completed_on is null or last.major < c.major
        or last.completed_on + make_interval(months => ${refresherMonths}::int) - make_interval(days => ${leadDays}::int)
          <= ${today}::date)
    order by p.id, c.course`.execute(db);
  return rows;
}

async function released(db: Db, today: Temporal.PlainDate): Promise<RosterState['released']> {
  const { rows } = await sql<RosterState['released'][number]>`
    select t.person_id as "personId", t.course from training t join person p on p.id = t.person_id
    where t.closed_at is null and not ${current(today)} order by 1, 2`.execute(db);
  return rows;
}

async function unasked(
  db: Db,
  today: Temporal.PlainDate,
  zone: string,
): Promise<readonly OwedSignature[]> {
  const { rows } = await sql<OwedSignature>`
    select owed.person_id as "personId", owed.document, owed.kind, owed.titles, owed.number,
      owed.due_on as "dueOn"
    from (${owedSignatures(today, zone)}) owed
    where not exists (select from task
      where task.kind = any(${[signTask, acknowledgeTask]}::text[])
        and task.subject = 'undertaking/' || owed.document and task.assignee_id = owed.person_id
        and task.done_at is null and task.missed_at is null and task.cancelled_at is null)
    order by 1, 2`.execute(db);
  return rows;
}

async function signersGone(db: Db, today: Temporal.PlainDate): Promise<RosterState['signersGone']> {
  const { rows } = await sql<RosterState['signersGone'][number]>`
    select task.assignee_id as "personId", substring(task.subject from 13) as document
    from task join person p on p.id = task.assignee_id
    where task.kind = any(${[signTask, acknowledgeTask]}::text[]) and task.done_at is null
      and task.missed_at is null and task.cancelled_at is null and not ${current(today)}
    order by 1, 2`.execute(db);
  return rows;
}

/** Days before the last one on which people are reminded. */
const reminderDays = [7, 3, 1];

async function reminding(db: Db, today: Temporal.PlainDate): Promise<readonly Reminding[]> {
  const { rows } = await sql<Reminding>`
    select t.id as "trainingId", t.person_id as "personId", t.course, t.due_on - ${today}::date as days,
      (select v.titles from course_version v where v.course = t.course
       order by v.major desc, v.minor desc limit 1) as titles
    from training t join person p on p.id = t.person_id
    where t.closed_at is null and t.due_on - ${today}::date = any(${reminderDays}::int[])
      and t.reminded_on is distinct from ${today}::date and ${current(today)}
    order by 2, 3`.execute(db);
  return rows;
}

/** How long before and after the first and the last day checklists are opened. */
const openingDays = 30;

type OpeningRow = RosterState['openings'][number]['person'] &
  Omit<RosterState['openings'][number], 'person'>;

const openingColumns = sql`
  p.id, p.manager_id as "managerId", p.roles,
  jsonb_build_object('id', t.id, 'kind', t.kind, 'role', t.role, 'titles', t.titles,
    'items', t.items, 'version', t.version) as template`;

const openingOf = ({ template, on, ...person }: OpeningRow) => ({ person, template, on });

async function openings(
  db: Db,
  today: Temporal.PlainDate,
  zone: string,
): Promise<RosterState['openings']> {
  const { rows } = await sql<OpeningRow>`
    select ${openingColumns}, occasion.on_date as "on"
    from checklist_template t
    -- Who leaves at once has no role any more.
    join person p on p.erased_at is null and (t.kind = 'leaver' or 'employee' = any(p.roles))
      and (t.role is null or t.role = any(p.roles))
    cross join lateral (
      select case t.kind when 'joiner' then p.starts_on when 'leaver' then p.ends_on end as on_date
    ) occasion
    where t.retired_at is null
      and occasion.on_date between ${today.subtract({ days: openingDays })}::date
        and ${today.add({ days: openingDays })}::date
      and occasion.on_date >= (t.created_at at time zone ${zone})::date
      and (t.kind = 'leaver' or p.ends_on is null)
      and not exists (select from checklist c
        where c.person_id = p.id and c.template_id = t.id
          and (c.closed_at is null or c.on_date = occasion.on_date and c.closed_as = 'done'
            or c.kind = 'joiner' and c.on_date = occasion.on_date))
    order by p.id, t.id`.execute(db);
  return rows.map(openingOf);
}

/** Days in which a change belongs to joining: roles come after the undertaking is signed. */
const joiningDays = 30;

/** Where a person `p` is: department, manager and roles, as a digest. */
const place = sql`
  sha256(convert_to(jsonb_build_array(p.department, p.manager_id,
    array(select unnest(p.roles) order by 1))::text, 'UTF8'))`;

/**
 * Movers without the checklist of a template: people on the staff who are elsewhere than when it was
 * last read, by whichever way, be it a form, a file, a directory or a sign-in.
 */
async function movers(db: Db, today: Temporal.PlainDate): Promise<RosterState['openings']> {
  const { rows } = await sql<OpeningRow>`
    select ${openingColumns}, ${today}::date as "on"
    from person_place known join person p on p.id = known.person_id
    join checklist_template t on t.kind = 'mover' and t.retired_at is null
      and (t.role is null or t.role = any(p.roles))
    where known.place <> ${place} and ${current(today)} and p.ends_on is null
      and (p.starts_on is null or p.starts_on < ${today.subtract({ days: joiningDays })}::date)
      and not exists (select from checklist c
        where c.person_id = p.id and c.template_id = t.id and c.closed_at is null)
    order by p.id, t.id`.execute(db);
  return rows.map(openingOf);
}

/** How many people on the staff are elsewhere than is known, or new. */
async function unplacedPeople(db: Db, today: Temporal.PlainDate): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from person p left join person_place known on known.person_id = p.id
    where ${current(today)} and known.place is distinct from ${place}`.execute(db);
  return rows[0]?.n ?? 0;
}

/** Remembers where everyone on the staff is now, and forgets who was erased. */
async function remember(tx: Tx, today: Temporal.PlainDate): Promise<void> {
  await sql`
    delete from person_place using person p
    where p.id = person_id and p.erased_at is not null`.execute(tx);
  await sql`
    insert into person_place (person_id, place)
    select p.id, ${place} from person p where ${current(today)}
    on conflict (person_id) do update set place = excluded.place
      where person_place.place <> excluded.place`.execute(tx);
}

/** Open checklists whose first or last day was moved; a leaver's whose end was withdrawn. */
async function moved(db: Db): Promise<RosterState['moved']> {
  const { rows } = await sql<RosterState['moved'][number]>`
    select c.id as "checklistId", c.person_id as "personId",
      case when p.erased_at is null then case c.kind when 'leaver' then p.ends_on else p.starts_on end
      end as "on"
    from checklist c join person p on p.id = c.person_id
    where c.closed_at is null and (
      p.erased_at is not null
      or c.kind = 'leaver' and p.ends_on is distinct from c.on_date
      or c.kind = 'joiner' and p.starts_on <> c.on_date)
    order by 1`.execute(db);
  return rows;
}

export async function projectRoster(tx: Tx, event: RosterEvent, context: Context): Promise<void> {
  const { now } = context;
  switch (event.type) {
    case 'StaffRead':
      await write(
        tx,
        sql`
        insert into people_roster (read_at) values (${now})
        on conflict ((true)) do update set read_at = excluded.read_at`,
      );
      return await remember(tx, dateIn(now, context.zone));
    case 'TrainingAssigned':
      return await assign(tx, event.assigned, context);
    case 'TrainingReleased':
      return await release(tx, event.released, now);
    case 'SignaturesAsked':
      return await askSignatures(tx, event.asked, context);
    case 'SignaturesReleased':
      for (const { personId, document } of event.released)
        for (const kind of [signTask, acknowledgeTask])
          await cancelTasks(
            tx,
            { kind, subject: `undertaking/${document}`, assigneeId: personId },
            now,
          );
      return;
    case 'TrainingReminded':
      await sql`
        update training set reminded_on = ${dateIn(now, context.zone)}
        where id = any(${event.reminded.map(({ trainingId }) => trainingId)}::uuid[])`.execute(tx);
      return;
    case 'LatenessTold':
      return await saveTold(tx, event.told, context);
    case 'ChecklistOpened':
      return await openChecklist(tx, event.checklist, context);
    case 'ChecklistRedated':
      return await moveTasks(tx, await redateChecklist(tx, event.checklistId, event.on, context));
    case 'ChecklistCancelled':
      return await cancelChecklist(tx, event.checklistId, now);
    case 'ErasureBlocked': {
      const { personId, code, count } = event.block;
      await sql`
        insert into erasure_block (person_id, code, count, first_at, last_at)
        values (${personId}, ${code}, ${count}, ${now}, ${now})
        on conflict (person_id) do update set code = excluded.code, count = excluded.count,
          last_at = excluded.last_at`.execute(tx);
    }
  }
}

async function assign(
  tx: Tx,
  assigned: readonly Assigned[],
  { now, zone, newId }: Context,
): Promise<void> {
  const rows = assigned.map((each) => ({ ...each, dueOn: each.dueOn.toString() }));
  await sql`
    insert into training (id, person_id, course, because, assigned_at, due_on)
    select id, "personId", course, because, ${now}, "dueOn"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t
      (id uuid, "personId" uuid, course text, because text, "dueOn" date)`.execute(tx);
  await openTasks(
    tx,
    assigned.map(({ personId, course, titles, dueOn }) => ({
      id: newId(),
      kind: trainingTask,
      promise: 'PEO-5',
      subject: `course/${course}`,
      assigneeId: personId,
      openedAt: now,
      dueAt: endOfDay(dueOn, zone),
      detail: { en: titles.en, ja: titles.ja },
      path: `/console/training/${course}`,
    })),
  );
}

async function release(tx: Tx, gone: RosterState['released'], now: Instant): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    update training set closed_at = ${now}, closed_as = 'released'
    from unnest(${gone.map(({ personId }) => personId)}::uuid[],
      ${gone.map(({ course }) => course)}::text[]) as g (person_id, course)
    where training.person_id = g.person_id and training.course = g.course
      and training.closed_at is null
    returning training.id`.execute(tx);
  await closeLateness(
    tx,
    rows.map(({ id }) => id),
    now,
  );
  for (const course of new Set(gone.map((each) => each.course))) {
    const assigneeIds = gone.filter((each) => each.course === course).map((each) => each.personId);
    await cancelTasks(tx, { kind: trainingTask, subject: `course/${course}`, assigneeIds }, now);
  }
}

async function askSignatures(
  tx: Tx,
  asked: readonly OwedSignature[],
  { now, zone, newId }: Context,
): Promise<void> {
  await openTasks(
    tx,
    asked.map(({ personId, document, kind, titles, dueOn }) => ({
      id: newId(),
      kind: taskOf(kind),
      promise: kind === 'guidance' ? 'PEO-3' : 'PEO-4',
      subject: `undertaking/${document}`,
      assigneeId: personId,
      openedAt: now,
      dueAt: endOfDay(dueOn, zone),
      detail: { en: titles.en, ja: titles.ja },
      path: `/console/undertakings/${document}`,
    })),
  );
}
