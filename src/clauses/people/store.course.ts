import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Language } from '../../kernel/language.ts';
import type { Context } from '../../policy/event.ts';
import { cancelTasks } from '../../registers/tasks/store.ts';
import {
  type CourseCommand,
  type CourseDraft,
  type CourseEvent,
  type CourseState,
  type CourseText,
  type CourseVersion,
  parseCourse,
} from './facts.course.ts';
import { closeLateness } from './store.lateness.ts';

export const trainingTask = 'people.training';

export async function loadCourse(tx: Tx, { course }: CourseCommand): Promise<CourseState> {
  await write(tx, sql`select pg_advisory_xact_lock(${courseLock})`);
  const [draft, newest] = [await draftOf(tx, course), await newestVersion(tx, course)];
  return { draft, newest };
}

const courseLock = 0x636f7572;

const columns = sql`id, course, major, minor, texts, titles, lessons, questions, draw,
  pass_percent as "passPercent", attempts, pause_hours as "pauseHours", digest,
  published_at as "publishedAt", published_by as "publishedBy", withdrawn_at as "withdrawnAt"`;

export async function draftOf(db: Db, course: string): Promise<CourseDraft | null> {
  const { rows } = await sql<CourseDraft>`
    select course, texts, revision from course_draft where course = ${course}`.execute(db);
  return rows[0] ?? null;
}

export async function newestVersion(db: Db, course: string): Promise<CourseVersion | null> {
  const { rows } = await sql<CourseVersion>`
    select ${columns} from course_version where course = ${course}
    order by major desc, minor desc limit 1`.execute(db);
  return rows[0] ?? null;
}

export async function versionOf(db: Db, id: string): Promise<CourseVersion | null> {
  const { rows } = await sql<CourseVersion>`
    select ${columns} from course_version where id = ${id}`.execute(db);
  return rows[0] ?? null;
}

/** Every version of a course, newest first. */
export async function versionsOf(db: Db, course: string): Promise<readonly CourseVersion[]> {
  const { rows } = await sql<CourseVersion>`
    select ${columns} from course_version where course = ${course}
    order by major desc, minor desc`.execute(db);
  return rows;
}

/** A version's text in a language. What was parsed once is remembered: versions never change. */
export function textIn(version: CourseVersion, language: Language): CourseText {
  const key = `${version.digest} ${language}`;
  const known = parsed.get(key);
  if (known) return known;
  const fresh = parseCourse(version.texts[language]);
  if (parsed.size >= parsedLimit) parsed.clear();
  parsed.set(key, fresh);
  return fresh;
}
const parsed = new Map<string, CourseText>();
const parsedLimit = 100;

export async function projectCourse(tx: Tx, event: CourseEvent, context: Context): Promise<void> {
  const { now, actor } = context;
  switch (event.type) {
    case 'CourseSaved': {
      const { course, texts, revision } = event.draft;
      await sql`
        insert into course_draft (course, texts, revision, edited_at, edited_by)
        values (${course}, ${JSON.stringify(texts)}::jsonb, ${revision}, ${now}, ${personOf(actor)})
        on conflict (course) do update set texts = excluded.texts, revision = excluded.revision,
          edited_at = excluded.edited_at, edited_by = excluded.edited_by`.execute(tx);
      return;
    }
    case 'CoursePublished': {
      const it = event.version;
      await sql`
        insert into course_version (id, course, major, minor, texts, titles, lessons, questions, draw,
          pass_percent, attempts, pause_hours, digest, published_at, published_by)
        values (${it.id}, ${it.course}, ${it.major}, ${it.minor}, ${JSON.stringify(it.texts)}::jsonb,
          ${JSON.stringify(it.titles)}::jsonb, ${it.lessons}, ${it.questions}, ${it.draw},
          ${it.passPercent}, ${it.attempts}, ${it.pauseHours}, ${it.digest}, ${it.publishedAt},
          ${it.publishedBy})`.execute(tx);
      return;
    }
    case 'CourseWithdrawn': {
      await sql`
        update course_version set withdrawn_at = ${now}
        where course = ${event.course} and withdrawn_at is null`.execute(tx);
      const { rows } = await sql<{ id: string }>`
        update training set closed_at = ${now}, closed_as = 'released'
        where course = ${event.course} and closed_at is null returning id`.execute(tx);
      await closeLateness(
        tx,
        rows.map(({ id }) => id),
        now,
      );
      await cancelTasks(tx, { kind: trainingTask, subject: `course/${event.course}` }, now);
    }
  }
}
