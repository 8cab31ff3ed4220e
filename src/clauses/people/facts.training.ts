import { z } from 'zod';
import type { PersonId } from '../../kernel/id.ts';
import { addMonths, type Instant } from '../../kernel/instant.ts';
import { sha256Hex } from '../../ledger/hash.ts';
import type { Event } from '../../policy/event.ts';
import { personId } from '../../registers/people/facts.ts';
import type { CourseVersion, Question } from './facts.course.ts';
import { type PeopleSettings, slug } from './facts.ts';

/** Why somebody takes a course: for the first time, again after a year, again because it is new. */
export type Because = 'introduction' | 'refresher' | 'version';

/** What is known of a person and a course when it is asked what they owe it. */
export interface TrainingRecord {
  /** First day of employment; null where they were here before Kept was. */
  readonly startsOn: Temporal.PlainDate | null;
  /** The day on which the course was first published, and the one of its major version in force. */
  readonly firstPublishedOn: Temporal.PlainDate;
  readonly majorPublishedOn: Temporal.PlainDate;
  readonly major: number;
  /** The last completion. */
  readonly completedOn: Temporal.PlainDate | null;
  readonly completedMajor: number | null;
}

/**
 * The occurrence that a person owes a course by now, with its last day; null where there is none
 * yet. Days are those of the organisation's zone: completed on 29 February, again by 28 February.
 */
export function owedTraining(
  record: TrainingRecord,
  today: Temporal.PlainDate,
  settings: PeopleSettings,
): { readonly because: Because; readonly dueOn: Temporal.PlainDate } | null {
  const { startsOn, completedOn, completedMajor } = record;
  if (!completedOn) {
    const from = latest(startsOn, record.firstPublishedOn);
    return { because: 'introduction', dueOn: from.add({ days: settings.introductionDays }) };
  }
  const again = addMonths(completedOn, settings.refresherMonths);
  if ((completedMajor ?? 0) < record.major) {
    const renewed = record.majorPublishedOn.add({ days: settings.newVersionDays });
    // Whichever promise falls due first: the new version never puts a refresher off.
    const dueOn = Temporal.PlainDate.compare(renewed, again) < 0 ? renewed : again;
    return { because: 'version', dueOn };
  }
  const asked = again.subtract({ days: settings.leadDays });
  return Temporal.PlainDate.compare(asked, today) <= 0
    ? { because: 'refresher', dueOn: again }
    : null;
}

function latest(a: Temporal.PlainDate | null, b: Temporal.PlainDate): Temporal.PlainDate {
  return a && Temporal.PlainDate.compare(a, b) > 0 ? a : b;
}

/** One question of an attempt: its id, and the order in which its options are shown. */
export interface Drawn {
  readonly id: string;
  readonly options: readonly number[];
}

/**
 * Draws questions from the pool and shuffles their options. `seed` is the attempt's id: the same
 * attempt shows the same questions however often it is opened.
 */
export function drawQuestions(
  pool: readonly Question[],
  count: number,
  seed: string,
): readonly Drawn[] {
  return shuffled(pool, `${seed}/pool`)
    .slice(0, count)
    .map(({ id, options }) => ({ id, options: shuffled([...options.keys()], `${seed}/${id}`) }));
}

function shuffled<T>(items: readonly T[], seed: string): readonly T[] {
  const keyed = items.map((item, at) => ({ item, key: sha256Hex(Buffer.from(`${seed}/${at}`)) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ item }) => item);
}

/** Positions of the options that somebody chose, by question, as they are in the course's text. */
export type Answers = Readonly<Record<string, readonly number[]>>;

export interface Marks {
  readonly score: number;
  readonly asked: number;
  readonly passed: boolean;
  /** Lessons, from 1, of the questions that were answered wrongly. */
  readonly lessons: readonly number[];
}

/** Marks a test: a question counts when exactly its right options were chosen. */
export function mark(
  pool: readonly Question[],
  drawn: readonly Drawn[],
  answers: Answers,
  passPercent: number,
): Marks {
  const questions = new Map(pool.map((question) => [question.id, question]));
  const wrong = drawn.filter(({ id }) => {
    const right = questions.get(id)?.options.flatMap((option, at) => (option.right ? [at] : []));
    const chosen = [...new Set(answers[id] ?? [])].sort((a, b) => a - b);
    return right === undefined || chosen.join() !== right.join();
  });
  const asked = drawn.length;
  const score = asked - wrong.length;
  return {
    score,
    asked,
    passed: score * 100 >= passPercent * asked,
    lessons: [...new Set(wrong.map(({ id }) => Number(id.split('.')[0])))].sort((a, b) => a - b),
  };
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** What a certificate is found by: twelve letters of Crockford's base 32, from a fresh id. */
export function certificateCode(id: string): string {
  const hash = Buffer.from(sha256Hex(Buffer.from(`certificate/${id}`)), 'hex');
  const letters = [...hash.subarray(0, 12)].map((byte) => alphabet[byte % 32] ?? '0').join('');
  return `${letters.slice(0, 4)}-${letters.slice(4, 8)}-${letters.slice(8)}`;
}

export const certificatePattern = /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/;

export const trainingCommand = z.discriminatedUnion('do', [
  z.object({ do: z.literal('startAttempt'), course: slug }),
  z.object({
    do: z.literal('submitAttempt'),
    attemptId: personId,
    answers: z.record(z.string(), z.array(z.int().min(0).max(20)).max(20)),
  }),
]);
export type TrainingCommand = z.output<typeof trainingCommand>;

export interface OpenTraining {
  readonly id: string;
  readonly course: string;
  readonly dueOn: Temporal.PlainDate;
}

export interface Attempt {
  readonly id: string;
  readonly trainingId: string;
  readonly personId: PersonId;
  readonly number: number;
  readonly startedAt: Instant;
  readonly questions: readonly Drawn[];
  readonly markedAt: Instant | null;
}

export interface TrainingState {
  readonly person: PersonId | null;
  /** The person's name now, for the certificate's commitment. */
  readonly name: string;
  readonly training: OpenTraining | null;
  /** The version that is in force, or the one of the attempt that is handed in. */
  readonly version: CourseVersion | null;
  readonly pool: readonly Question[];
  /** Attempts at this occurrence, newest first. */
  readonly attempts: readonly Attempt[];
}

export type TrainingRefusal =
  | 'trainingNeedsPerson'
  | 'courseNotOwed'
  | 'attemptsExhausted'
  | 'attemptUnknown'
  | 'attemptMarked'
  | 'attemptOfOther';

export type TrainingEvent =
  | (Event & { readonly type: 'AttemptStarted'; readonly attempt: NewAttempt })
  | (Event & {
      readonly type: 'AttemptMarked';
      readonly attemptId: string;
      readonly marks: Marks;
    })
  | (Event & { readonly type: 'TrainingCompleted'; readonly completed: Completed });

export interface NewAttempt extends Omit<Attempt, 'markedAt'> {
  readonly versionId: string;
}

export interface Completed {
  readonly trainingId: string;
  readonly personId: PersonId;
  readonly course: string;
  readonly versionId: string;
  readonly major: number;
  readonly on: Temporal.PlainDate;
  readonly score: number;
  readonly asked: number;
  readonly certificate: string;
}
