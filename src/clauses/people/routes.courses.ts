import { sql } from 'kysely';
import { z } from 'zod';
import type { Db } from '../../kernel/db.ts';
import { dateIn, instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { answerList, listInput, listOutput } from '../../registers/list.ts';
import { personId } from '../../registers/people/facts.ts';
import { parseCourse, problemsOfCourse, testing } from './facts.course.ts';
import { language, slug } from './facts.ts';
import { courseFlow } from './flows.ts';
import { rendered } from './reading.ts';
import { draftOf, versionsOf } from './store.course.ts';
import {
  type TrainingRow,
  trainingConditions,
  trainingCounts,
  trainingList,
  trainingSorts,
  trainingStates,
} from './store.lists.ts';

/** Courses as they are written, and who has taken them. */

const words = z.object({ en: z.string(), ja: z.string() });
const texts = z.object({ en: z.string().max(400_000), ja: z.string().max(400_000) });
const because = z.enum(['introduction', 'refresher', 'version']);

const courseItem = z.object({
  course: z.string(),
  titles: words,
  number: z.string().nullable(),
  lessons: z.int(),
  questions: z.int(),
  publishedAt: z.string().nullable(),
  withdrawn: z.boolean(),
  /** What is written differs from what is published. */
  draft: z.boolean(),
  people: z.int(),
  completed: z.int(),
  overdue: z.int(),
});

const trainingOutput = z.object({
  id: z.string(),
  personId: z.string(),
  name: z.string(),
  department: z.string(),
  course: z.string(),
  titles: words.nullable(),
  because,
  state: z.enum(trainingStates),
  assignedAt: z.string(),
  dueOn: z.string(),
  completedOn: z.string().nullable(),
  version: z.string().nullable(),
  score: z.int().nullable(),
  asked: z.int().nullable(),
  attempts: z.int(),
  certificate: z.string().nullable(),
});
type Training = z.output<typeof trainingOutput>;

function item(row: TrainingRow): Training {
  return {
    ...row,
    assignedAt: instantText(row.assignedAt),
    dueOn: row.dueOn.toString(),
    completedOn: row.completedOn?.toString() ?? null,
  };
}

const csv = (
  [
    'name',
    'department',
    'course',
    'because',
    'state',
    'assignedAt',
    'dueOn',
    'completedOn',
    'version',
    'score',
    'asked',
    'attempts',
    'certificate',
  ] as const
).map((header) => ({ header, cell: (row: Training) => row[header] }));

const problem = z.object({ code: z.string(), line: z.int(), language });

async function coursesOf(db: Db, today: Temporal.PlainDate) {
  const { rows } = await sql<{
    course: string;
    titles: { en: string; ja: string } | null;
    number: string | null;
    lessons: number | null;
    questions: number | null;
    publishedAt: Temporal.Instant | null;
    withdrawn: boolean;
    draft: boolean;
    people: number;
    completed: number;
    overdue: number;
  }>`
    select coalesce(v.course, d.course) as course, v.titles, v.major || '.' || v.minor as number, v.lessons,
      v.questions, v.published_at as "publishedAt", v.withdrawn_at is not null as withdrawn,
      d.texts is distinct from v.texts as draft,
      (select count(distinct t.person_id)::int from training t
       where t.course = coalesce(v.course, d.course) and t.closed_as is distinct from 'released') as people,
      (select count(*)::int from training t
       where t.course = coalesce(v.course, d.course) and t.closed_as = 'completed') as completed,
      (select count(*)::int from training t where t.course = coalesce(v.course, d.course)
         and t.closed_at is null and t.due_on < ${today}::date) as overdue
    from (select distinct on (course) * from course_version order by course, major desc, minor desc) v
    full join course_draft d on d.course = v.course
    order by 1`.execute(db);
  return rows.map((row) => ({
    ...row,
    titles: row.titles ?? { en: row.course, ja: row.course },
    lessons: row.lessons ?? 0,
    questions: row.questions ?? 0,
    publishedAt: row.publishedAt ? instantText(row.publishedAt) : null,
  }));
}

export const courseRoutes = {
  listCourses: route({
    method: 'get',
    path: '/courses',
    summary: 'Courses with their versions, and how many have completed them or are late.',
    permission: 'readTraining',
    input: z.object({}),
    output: z.object({ items: z.array(courseItem) }),
    handle: async ({ db, now, zone }) => ok({ items: await coursesOf(db, dateIn(now, zone)) }),
  }),

  readCourse: route({
    method: 'get',
    path: '/courses/{course}',
    summary: 'A course as it is being written, and the versions published of it.',
    permission: 'readTraining',
    input: z.object({ course: slug }),
    output: z.object({
      course: z.string(),
      texts,
      revision: z.int(),
      problems: z.array(problem),
      draw: z.int(),
      passPercent: z.int(),
      attempts: z.int(),
      pauseHours: z.int(),
      versions: z.array(
        z.object({
          number: z.string(),
          digest: z.string(),
          lessons: z.int(),
          questions: z.int(),
          publishedAt: z.string(),
        }),
      ),
    }),
    handle: async ({ db }, { course }) => {
      const draft = await draftOf(db, course);
      if (!draft) return refuse('notFound');
      const versions = await versionsOf(db, course);
      const test = versions[0] ?? { draw: 10, passPercent: 80, attempts: 3, pauseHours: 24 };
      const { draw, passPercent, attempts, pauseHours } = test;
      return ok({
        ...draft,
        problems: [...problemsOfCourse(draft.texts)],
        draw,
        passPercent,
        attempts,
        pauseHours,
        versions: versions.map(({ major, minor, digest, lessons, questions, publishedAt }) => ({
          number: `${major}.${minor}`,
          digest,
          lessons,
          questions,
          publishedAt: instantText(publishedAt),
        })),
      });
    },
  }),

  previewCourse: route({
    method: 'post',
    path: '/courses/preview',
    summary: 'A course’s Markdown as trainees would see it, with what is wrong in it and where.',
    permission: 'editCourses',
    limitBytes: 2 * 1024 * 1024,
    input: z.object({ markdown: z.string().max(400_000), language }),
    output: z.object({
      html: z.string(),
      lessons: z.int(),
      questions: z.int(),
      problems: z.array(problem.omit({ language: true })),
    }),
    handle: async (_request, { markdown, language: shown }) => {
      const { lessons, problems } = parseCourse(markdown);
      const questions = lessons.flatMap((each) => each.questions);
      return ok({
        html: rendered(withoutBoxes(markdown), shown),
        lessons: lessons.length,
        questions: questions.length,
        problems: [...problems],
      });
    },
  }),

  saveCourse: route({
    method: 'put',
    path: '/courses/{course}',
    summary:
      'Saves what is being written; `revision` is the one it was made from, 0 for a new course.',
    permission: 'editCourses',
    limitBytes: 2 * 1024 * 1024,
    input: z.object({ course: slug, texts, revision: z.int().min(0) }),
    output: z.object({ revision: z.int() }),
    handle: async ({ execute }, given) => {
      const done = await execute(courseFlow, { do: 'saveCourse', ...given });
      return done.ok ? ok({ revision: given.revision + 1 }) : done;
    },
  }),

  publishCourse: route({
    method: 'post',
    path: '/courses/{course}/publication',
    summary: 'Publishes what is written; a major version is taken again by everyone.',
    permission: 'editCourses',
    input: z.object({ course: slug, revision: z.int().min(1), major: z.boolean(), ...testing }),
    output: z.object({ course: z.string() }),
    handle: async ({ execute }, given) => {
      const done = await execute(courseFlow, { do: 'publishCourse', ...given });
      return done.ok ? ok({ course: given.course }) : done;
    },
  }),

  withdrawCourse: route({
    method: 'post',
    path: '/courses/{course}/withdrawal',
    summary: 'Withdraws a course: it is asked of nobody any more; completions stay.',
    permission: 'editCourses',
    input: z.object({ course: slug }),
    output: z.object({ course: z.string() }),
    handle: async ({ execute }, { course }) => {
      const done = await execute(courseFlow, { do: 'withdrawCourse', course });
      return done.ok ? ok({ course }) : done;
    },
  }),

  listTrainings: route({
    method: 'get',
    path: '/trainings',
    summary: 'Every occurrence of everyone’s trainings: open, overdue, completed, released.',
    permission: 'readTraining',
    input: listInput(
      { sorts: trainingSorts },
      {
        state: z.enum(trainingStates).optional(),
        course: slug.optional(),
        person: personId.optional(),
        department: z.string().max(200).optional(),
        because: because.optional(),
      },
    ),
    output: listOutput(trainingOutput),
    handle: ({ db, now, zone }, input) => {
      const today = dateIn(now, zone);
      return answerList(
        db,
        trainingList(item, csv, today),
        input,
        trainingConditions(input, today),
      );
    },
  }),

  countTrainings: route({
    method: 'get',
    path: '/trainings/count',
    summary: 'People on the staff, and how many of them are late or have something open.',
    permission: 'readTraining',
    input: z.object({}),
    output: z.object({ people: z.int(), overdue: z.int(), open: z.int(), done: z.int() }),
    handle: async ({ db, now, zone }) => ok({ ...(await trainingCounts(db, dateIn(now, zone))) }),
  }),
};

/** Options as they are proofread: marked as right or not, without boxes that nothing could tick. */
function withoutBoxes(markdown: string): string {
  return markdown
    .replace(/^(### )[?？]\s*/gm, '$1')
    .replace(/^([-*]\s+)\[[xX]\]\s+/gm, '$1✓ ')
    .replace(/^([-*]\s+)\[ \]\s+/gm, '$1');
}
