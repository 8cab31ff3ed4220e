import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Context } from '../../policy/event.ts';
import { completeTasks } from '../../registers/tasks/store.ts';
import { questionsOf } from './facts.course.ts';
import type {
  Attempt,
  Drawn,
  Marks,
  NewAttempt,
  OpenTraining,
  TrainingCommand,
  TrainingEvent,
  TrainingState,
} from './facts.training.ts';
import { newestVersion, textIn, trainingTask, versionOf } from './store.course.ts';
import { closeLateness } from './store.lateness.ts';

export async function loadTraining(
  tx: Tx,
  command: TrainingCommand,
  { actor }: Context,
): Promise<TrainingState> {
  const person = personOf(actor);
  const none = { person, name: '', training: null, version: null, pool: [], attempts: [] };
  if (!person) return none;
  // Two windows of one person are one test: the person's row is the lock.
  const { rows } = await sql<{ name: string }>`
    select name from person where id = ${person} for update`.execute(tx);
  const name = rows[0]?.name ?? '';
  const at =
    command.do === 'startAttempt'
      ? await inForce(tx, command.course)
      : await ofAttempt(tx, command.attemptId);
  if (!at) return { ...none, name };
  const training = await openTraining(tx, person, at.version.course);
  const own = command.do === 'startAttempt' && training;
  const attempts = own ? await attemptsAt(tx, own.id) : at.attempts;
  const pool = questionsOf(textIn(at.version, 'en'));
  return { person, name, training, version: at.version, pool, attempts };
}

async function inForce(db: Db, course: string) {
  const version = await newestVersion(db, course);
  return version && !version.withdrawnAt ? { version, attempts: [] } : null;
}

async function ofAttempt(db: Db, attemptId: string) {
  const { rows } = await sql<{ versionId: string; trainingId: string }>`
    select version_id as "versionId", training_id as "trainingId" from course_attempt
    where id = ${attemptId}`.execute(db);
  const [row] = rows;
  const version = row ? await versionOf(db, row.versionId) : null;
  return row && version ? { version, attempts: await attemptsAt(db, row.trainingId) } : null;
}

export async function openTraining(
  db: Db,
  person: PersonId,
  course: string,
): Promise<OpenTraining | null> {
  const { rows } = await sql<OpenTraining>`
    select id, course, due_on as "dueOn" from training
    where person_id = ${person} and course = ${course} and closed_at is null`.execute(db);
  return rows[0] ?? null;
}

/** Attempts at an occurrence, newest first. */
export async function attemptsAt(db: Db, trainingId: string): Promise<readonly Attempt[]> {
  const { rows } = await sql<Attempt>`
    select id, training_id as "trainingId", person_id as "personId", number,
      started_at as "startedAt", questions, marked_at as "markedAt"
    from course_attempt where training_id = ${trainingId} order by number desc`.execute(db);
  return rows;
}

/** What a person sees of an attempt: the questions drawn, or how it went. */
export interface AttemptRow {
  readonly id: string;
  readonly personId: PersonId;
  readonly versionId: string;
  readonly trainingId: string;
  readonly number: number;
  readonly questions: readonly Drawn[];
  readonly markedAt: Temporal.Instant | null;
  readonly score: number | null;
  readonly passed: boolean | null;
  readonly lessons: readonly number[] | null;
}

export async function attemptRow(db: Db, id: string): Promise<AttemptRow | null> {
  const { rows } = await sql<AttemptRow>`
    select id, person_id as "personId", version_id as "versionId", training_id as "trainingId", number,
      questions, marked_at as "markedAt", score, passed, lessons
    from course_attempt where id = ${id}`.execute(db);
  return rows[0] ?? null;
}

export async function projectTraining(
  tx: Tx,
  event: TrainingEvent,
  { now, actor }: Context,
): Promise<void> {
  switch (event.type) {
    case 'AttemptStarted':
      return await insertAttempt(tx, event.attempt);
    case 'AttemptMarked':
      return await markAttempt(tx, event.attemptId, event.marks, now);
    case 'TrainingCompleted': {
      const it = event.completed;
      await write(
        tx,
        sql`
        update training set closed_at = ${now}, closed_as = 'completed', version_id = ${it.versionId},
          major = ${it.major}, completed_on = ${it.on}, score = ${it.score}, asked = ${it.asked},
          certificate = ${it.certificate}
        where id = ${it.trainingId} and closed_at is null`,
      );
      const task = { kind: trainingTask, subject: `course/${it.course}`, assigneeId: it.personId };
      await completeTasks(tx, task, personOf(actor), now);
      await closeLateness(tx, [it.trainingId], now);
    }
  }
}

async function insertAttempt(tx: Tx, it: NewAttempt): Promise<void> {
  await write(
    tx,
    sql`
    insert into course_attempt (id, training_id, person_id, version_id, number, started_at, questions)
    values (${it.id}, ${it.trainingId}, ${it.personId}, ${it.versionId}, ${it.number}, ${it.startedAt},
      ${JSON.stringify(it.questions)}::jsonb)`,
  );
}

async function markAttempt(
  tx: Tx,
  id: string,
  { score, passed, lessons }: Marks,
  now: Temporal.Instant,
): Promise<void> {
  await write(
    tx,
    sql`
    update course_attempt set marked_at = ${now}, score = ${score}, passed = ${passed},
      lessons = ${[...lessons]}
    where id = ${id} and marked_at is null`,
  );
}
