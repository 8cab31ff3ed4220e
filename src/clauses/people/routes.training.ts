import { sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import type { Db } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import { dateIn, instantText } from '../../kernel/instant.ts';
import type { Language } from '../../kernel/language.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { personId } from '../../registers/people/facts.ts';
import { type CourseVersion, questionsOf } from './facts.course.ts';
import { language, slug } from './facts.ts';
import { trainingFlow } from './flows.ts';
import { rendered } from './reading.ts';
import { newestVersion, textIn, versionOf } from './store.course.ts';
import { type AttemptRow, attemptRow, attemptsAt, openTraining } from './store.training.ts';

/** The caller's own training: lessons, test, result. */

const words = z.object({ en: z.string(), ja: z.string() });
const because = z.enum(['introduction', 'refresher', 'version']);

const occurrence = z.object({
  id: z.string(),
  course: z.string(),
  titles: words,
  because,
  assignedAt: z.string(),
  dueOn: z.string(),
  overdue: z.boolean(),
  completedOn: z.string().nullable(),
  version: z.string().nullable(),
  score: z.int().nullable(),
  asked: z.int().nullable(),
  certificate: z.string().nullable(),
});
type Occurrence = z.output<typeof occurrence>;

async function occurrencesOf(
  db: Db,
  person: PersonId,
  today: Temporal.PlainDate,
): Promise<Occurrence[]> {
  const { rows } = await sql<
    Omit<Occurrence, 'assignedAt' | 'dueOn' | 'completedOn' | 'overdue'> & {
      assignedAt: Temporal.Instant;
      dueOn: Temporal.PlainDate;
      completedOn: Temporal.PlainDate | null;
    }
  >`
    select t.id, t.course, v.titles, t.because, t.assigned_at as "assignedAt", t.due_on as "dueOn",
      t.completed_on as "completedOn", done.major || '.' || done.minor as version, t.score, t.asked,
      t.certificate
    from training t
    left join course_version done on done.id = t.version_id
    join lateral (select titles from course_version v where v.course = t.course
      order by major desc, minor desc limit 1) v on true
    where t.person_id = ${person} and t.closed_as is distinct from 'released'
    order by t.closed_at nulls first, t.due_on, t.id`.execute(db);
  return rows.map((row) => ({
    ...row,
    assignedAt: instantText(row.assignedAt),
    dueOn: row.dueOn.toString(),
    completedOn: row.completedOn?.toString() ?? null,
    overdue: !row.completedOn && Temporal.PlainDate.compare(row.dueOn, today) < 0,
  }));
}

const lesson = z.object({ title: z.string(), html: z.string() });

const questionOutput = z.object({
  id: z.string(),
  lesson: z.int(),
  text: z.string(),
  /** Whether several options are right. */
  several: z.boolean(),
  /** As shown; `at` is what an answer names. */
  options: z.array(z.object({ at: z.int(), text: z.string() })),
});

const resultOutput = z.object({
  score: z.int(),
  asked: z.int(),
  passed: z.boolean(),
  /** Lessons to read again, from 1. */
  lessons: z.array(z.int()),
});

export const trainingRoutes = {
  listMyTraining: route({
    method: 'get',
    path: '/training',
    summary: 'What the caller has to learn, and what they have learnt.',
    permission: 'takeTraining',
    input: z.object({}),
    output: z.object({ items: z.array(occurrence) }),
    handle: async ({ db, actor, now, zone }) => {
      const person = actor && personOf(actor);
      const today = dateIn(now, zone);
      return ok({ items: person ? await occurrencesOf(db, person, today) : [] });
    },
  }),

  readMyCourse: route({
    method: 'get',
    path: '/training/{course}',
    summary: 'A course’s lessons, how it is tested, and where the caller stands.',
    permission: 'takeTraining',
    input: z.object({ course: slug, language: language.optional() }),
    output: z.object({
      course: z.string(),
      number: z.string(),
      title: z.string(),
      intro: z.string(),
      language,
      lessons: z.array(lesson),
      draw: z.int(),
      passPercent: z.int(),
      attempts: z.int(),
      pauseHours: z.int(),
      open: occurrence.nullable(),
      /** The newest completion. */
      done: occurrence.nullable(),
      /** An attempt begun and not handed in. */
      attempt: z.string().nullable(),
      attemptsMade: z.int(),
    }),
    handle: async ({ db, actor, now, zone, language: theirs }, input) => {
      const version = await newestVersion(db, input.course);
      if (!version || version.withdrawnAt) return refuse('notFound');
      const shown = input.language ?? theirs;
      const person = actor && personOf(actor);
      const all = person ? await occurrencesOf(db, person, dateIn(now, zone)) : [];
      const own = all.filter(({ course }) => course === input.course);
      const open = own.find(({ completedOn }) => completedOn === null) ?? null;
      const done = own
        .filter(({ completedOn }) => completedOn !== null)
        .toSorted((a, b) => (b.completedOn ?? '').localeCompare(a.completedOn ?? ''))[0];
      const attempts = open ? await attemptsAt(db, open.id) : [];
      const { course, draw, passPercent, attempts: allowed, pauseHours } = version;
      return ok({
        ...courseText(version, shown),
        course,
        number: `${version.major}.${version.minor}`,
        language: shown,
        draw,
        passPercent,
        attempts: allowed,
        pauseHours,
        open,
        done: done ?? null,
        attempt: attempts[0] && !attempts[0].markedAt ? attempts[0].id : null,
        attemptsMade: attempts.filter(({ markedAt }) => markedAt).length,
      });
    },
  }),

  startAttempt: route({
    method: 'post',
    path: '/training/{course}/attempts',
    summary:
      'Begins the test of a course that the caller owes; one begun before is taken up again.',
    permission: 'takeTraining',
    input: z.object({ course: slug }),
    output: z.object({ attempt: z.string() }),
    handle: async ({ db, execute, actor }, { course }) => {
      const done = await execute(trainingFlow, { do: 'startAttempt', course });
      if (!done.ok) return done;
      const person = actor && personOf(actor);
      const training = person ? await openTraining(db, person, course) : null;
      const [attempt] = training ? await attemptsAt(db, training.id) : [];
      return attempt ? ok({ attempt: attempt.id }) : refuse('notFound');
    },
  }),

  readAttempt: route({
    method: 'get',
    path: '/attempts/{id}',
    summary: 'The caller’s test: its questions, and once handed in, how it went.',
    permission: 'takeTraining',
    input: z.object({ id: personId, language: language.optional() }),
    output: z.object({
      id: z.string(),
      course: z.string(),
      title: z.string(),
      number: z.int(),
      passPercent: z.int(),
      questions: z.array(questionOutput),
      result: resultOutput.nullable(),
      lessons: z.array(z.string()),
      /** Of a passed test: why the right options are right. */
      explanations: z.array(
        z.object({ id: z.string(), right: z.array(z.string()), why: z.string() }),
      ),
      certificate: z.string().nullable(),
    }),
    handle: async ({ db, actor, language: theirs }, input) => {
      const attempt = await attemptRow(db, input.id);
      const version = attempt && (await versionOf(db, attempt.versionId));
      // Another's test is not there for the caller.
      if (!attempt || !version || !actor || personOf(actor) !== attempt.personId)
        return refuse('notFound');
      const shown = input.language ?? theirs;
      const { lessons, title } = textIn(version, shown);
      const result = resultOf(attempt);
      return ok({
        id: attempt.id,
        course: version.course,
        title,
        number: attempt.number,
        passPercent: version.passPercent,
        questions: questionsShown(version, attempt, shown),
        result,
        lessons: lessons.map((each) => each.title),
        explanations: result?.passed ? explained(version, attempt, shown) : [],
        certificate: result?.passed ? await certificateOf(db, attempt.trainingId) : null,
      });
    },
  }),

  submitAttempt: route({
    method: 'post',
    path: '/attempts/{id}',
    summary: 'Hands in a test: answers by question, as positions of the options chosen.',
    permission: 'takeTraining',
    input: z.object({
      id: personId,
      answers: z.record(z.string().max(20), z.array(z.int().min(0).max(20)).max(20)),
    }),
    output: resultOutput,
    handle: async ({ db, execute }, { id, answers }) => {
      const done = await execute(trainingFlow, { do: 'submitAttempt', attemptId: id, answers });
      if (!done.ok) return done;
      const attempt = await attemptRow(db, id);
      const result = attempt && resultOf(attempt);
      return result ? ok(result) : refuse('notFound');
    },
  }),
};

function courseText(version: CourseVersion, shown: Language) {
  const { title, intro, lessons } = textIn(version, shown);
  return {
    title,
    intro: rendered(intro, shown),
    lessons: lessons.map((each) => ({ title: each.title, html: rendered(each.markdown, shown) })),
  };
}

function questionsShown(version: CourseVersion, { questions }: AttemptRow, shown: Language) {
  const pool = new Map(questionsOf(textIn(version, shown)).map((each) => [each.id, each]));
  return questions.flatMap(({ id, options }) => {
    const question = pool.get(id);
    if (!question) return [];
    return [
      {
        id,
        lesson: Number(id.split('.')[0]),
        text: question.text,
        several: question.options.filter(({ right }) => right).length > 1,
        options: options.map((at) => ({ at, text: question.options[at]?.text ?? '' })),
      },
    ];
  });
}

function explained(version: CourseVersion, { questions }: AttemptRow, shown: Language) {
  const pool = new Map(questionsOf(textIn(version, shown)).map((each) => [each.id, each]));
  return questions.flatMap(({ id }) => {
    const question = pool.get(id);
    if (!question) return [];
    const right = question.options.filter((option) => option.right).map((option) => option.text);
    return [{ id, right, why: question.explanation }];
  });
}

function resultOf({ markedAt, score, questions, passed, lessons }: AttemptRow) {
  if (!markedAt) return null;
  return {
    score: score ?? 0,
    asked: questions.length,
    passed: passed ?? false,
    lessons: [...(lessons ?? [])],
  };
}

async function certificateOf(db: Db, trainingId: string): Promise<string | null> {
  const { rows } = await sql<{ certificate: string | null }>`
    select certificate from training where id = ${trainingId}`.execute(db);
  return rows[0]?.certificate ?? null;
}
