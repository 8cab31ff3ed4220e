import { personOf } from '../../kernel/actor.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import {
  type CourseCommand,
  type CourseEvent,
  type CourseRefusal,
  type CourseState,
  digestOfCourse,
  parseCourse,
  problemsOfCourse,
  questionsOf,
} from './facts.course.ts';

type Decision = Result<readonly CourseEvent[], Refusal<CourseRefusal>>;
type Of<Do extends CourseCommand['do']> = Extract<CourseCommand, { do: Do }>;

/** Writing and publishing courses. */
export function decideCourse(
  state: CourseState,
  command: CourseCommand,
  context: Context,
): Decision {
  switch (command.do) {
    case 'saveCourse':
      return save(state, command);
    case 'publishCourse':
      return publish(state, command, context);
    case 'withdrawCourse':
      return withdraw(state, command.course);
  }
}

function save({ draft }: CourseState, { course, texts, revision }: Of<'saveCourse'>): Decision {
  if ((draft?.revision ?? 0) !== revision) return refuse('courseChangedMeanwhile');
  return ok([
    {
      type: 'CourseSaved',
      subject: `course/${course}`,
      body: { revision: revision + 1, digest: digestOfCourse(texts) },
      draft: { course, texts, revision: revision + 1 },
    },
  ]);
}

function publish(
  { draft, newest }: CourseState,
  command: Of<'publishCourse'>,
  { actor, now, newId }: Context,
): Decision {
  if (!draft) return refuse('courseUnknown');
  if (draft.revision !== command.revision) return refuse('courseChangedMeanwhile');
  const [problem] = problemsOfCourse(draft.texts);
  if (problem)
    return refuse('courseUnfinished', { line: problem.line, language: problem.language });
  const digest = digestOfCourse(draft.texts);
  const { course, draw, passPercent, attempts, pauseHours } = command;
  if (newest && !newest.withdrawnAt && newest.digest === digest && !command.major)
    return refuse('courseUnchanged');
  const [en, ja] = [parseCourse(draft.texts.en), parseCourse(draft.texts.ja)];
  const pool = questionsOf(en).length;
  if (pool < draw) return refuse('poolTooSmall', { pool, draw });
  const asMajor = command.major || !newest;
  const major = (newest?.major ?? 0) + (asMajor ? 1 : 0);
  const minor = asMajor || !newest ? 0 : newest.minor + 1;
  const id = newId();
  const test = { draw, passPercent, attempts, pauseHours };
  return ok([
    {
      type: 'CoursePublished',
      subject: `course/${course}`,
      body: {
        version: id,
        major,
        minor,
        digest,
        lessons: en.lessons.length,
        questions: pool,
        ...test,
      },
      version: {
        id,
        course,
        major,
        minor,
        texts: draft.texts,
        titles: { en: en.title, ja: ja.title },
        lessons: en.lessons.length,
        questions: pool,
        ...test,
        digest,
        publishedAt: now,
        publishedBy: personOf(actor),
      },
    },
  ]);
}

function withdraw({ newest }: CourseState, course: string): Decision {
  if (!newest || newest.withdrawnAt) return refuse('courseUnknown');
  return ok([
    {
      type: 'CourseWithdrawn',
      subject: `course/${course}`,
      body: { major: newest.major, minor: newest.minor },
      course,
    },
  ]);
}
