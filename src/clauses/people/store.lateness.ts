import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import { dateIn, endOfDay } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { cancelTasks, openTasks } from '../../registers/tasks/store.ts';
import type { Late } from './facts.roster.ts';
import { current } from './store.staff.ts';

/** What a manager is asked: to speak to somebody whose training is late. */
export const latenessTask = 'people.lateTraining';
/** Days in which they do. */
const speakingDays = 7;

export const latenessOf = (trainingId: string): string => `training/${trainingId}`;

/**
 * Late trainings whose present manager has not been told: somebody else was, or nobody. The manager is
 * null where whoever was told is it no longer, and nobody has come in their place.
 */
export async function untoldLateness(db: Db, today: Temporal.PlainDate): Promise<readonly Late[]> {
  const { rows } = await sql<Late>`
    select t.id as "trainingId", t.person_id as "personId", p.name as person, t.course, t.due_on as "dueOn",
      manager.id as "managerId",
      (select v.titles from course_version v where v.course = t.course
       order by v.major desc, v.minor desc limit 1) as titles
    from training t join person p on p.id = t.person_id
    left join (select p.id from person p where ${current(today)}) manager
      on manager.id = p.manager_id and manager.id <> p.id
    where t.closed_at is null and t.due_on < ${today}::date and ${current(today)}
      and t.told_id is distinct from manager.id
    order by manager.id, p.id, t.course`.execute(db);
  return rows;
}

/** Notes who was told, and puts it on their Today in place of anybody's who was told before. */
export async function saveTold(
  tx: Tx,
  told: readonly Late[],
  { now, zone, newId }: Context,
): Promise<void> {
  const trainingIds = told.map(({ trainingId }) => trainingId);
  await sql`
    update training set told_id = t.manager_id
    from unnest(${trainingIds}::uuid[], ${told.map(({ managerId }) => managerId)}::uuid[]) as t (id, manager_id)
    where training.id = t.id`.execute(tx);
  await closeLateness(tx, trainingIds, now);
  const dueAt = endOfDay(dateIn(now, zone).add({ days: speakingDays }), zone);
  await openTasks(
    tx,
    told.flatMap(({ trainingId, managerId, personId, person, titles, dueOn }) =>
      managerId === null
        ? []
        : {
            id: newId(),
            kind: latenessTask,
            promise: 'PEO-5',
            subject: latenessOf(trainingId),
            assigneeId: managerId,
            openedAt: now,
            dueAt,
            detail: { en: titles.en, ja: titles.ja, person, personId, dueOn: dueOn.toString() },
          },
    ),
  );
}

/** Nobody needs to be spoken to any more: the trainings are over, or somebody else was told. */
export async function closeLateness(
  tx: Tx,
  trainingIds: readonly string[],
  now: Temporal.Instant,
): Promise<void> {
  if (trainingIds.length === 0) return;
  await cancelTasks(tx, { kind: latenessTask, subject: trainingIds.map(latenessOf) }, now);
}
