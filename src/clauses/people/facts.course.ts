import { z } from 'zod';
import type { PersonId } from '../../kernel/id.ts';
import { type Language, languages } from '../../kernel/language.ts';
import { canonicalJson } from '../../ledger/canonical.ts';
import { sha256Hex } from '../../ledger/hash.ts';
import type { Event } from '../../policy/event.ts';
import { slug } from './facts.ts';

/**
 * A course is one Markdown text in each language, so that it can be written in a browser or in a
 * folder, and compared line by line:
 *
 *     # Title              and what the course is about
 *     ## Lesson            and its text
 *     ### ? Question       its options below: `- [x]` right, `- [ ]` wrong
 *     > why                the explanation, shown after the test
 */
export interface CourseText {
  readonly title: string;
  readonly intro: string;
  readonly lessons: readonly Lesson[];
}

export interface Lesson {
  readonly title: string;
  readonly markdown: string;
  readonly questions: readonly Question[];
}

export interface Question {
  /** `2.3`: the third question of the second lesson. The same in every language. */
  readonly id: string;
  readonly text: string;
  readonly options: readonly { readonly text: string; readonly right: boolean }[];
  readonly explanation: string;
}

export type CourseProblemCode =
  | 'titleMissing'
  | 'titleTwice'
  | 'lessonsMissing'
  | 'lessonEmpty'
  | 'questionOutsideLesson'
  | 'optionsTooFew'
  | 'optionsTooMany'
  | 'noRightOption'
  | 'noWrongOption'
  | 'lineNotUnderstood'
  | 'languagesDiffer';

export interface CourseProblem {
  readonly code: CourseProblemCode;
  /** From 1. */
  readonly line: number;
}

interface Reading {
  title: string;
  readonly intro: string[];
  readonly lessons: { title: string; line: number; text: string[]; questions: Draft[] }[];
  readonly problems: CourseProblem[];
}

interface Draft {
  readonly text: string;
  readonly line: number;
  readonly options: { text: string; right: boolean }[];
  readonly explanation: string[];
}

const maximumOptions = 8;

/** Reads a course's Markdown; what is wrong with it is in `problems`, each with its line. */
export function parseCourse(
  markdown: string,
): CourseText & { readonly problems: readonly CourseProblem[] } {
  const reading: Reading = { title: '', intro: [], lessons: [], problems: [] };
  let fenced = false;
  for (const [at, text] of markdown.split(/\r?\n/).entries()) {
    if (/^\s*(```|~~~)/.test(text)) fenced = !fenced;
    if (fenced) take(reading, text);
    else readLine(reading, text, at + 1);
  }
  return finished(reading);
}

function readLine(reading: Reading, text: string, line: number): void {
  const title = /^#\s+(.+)$/.exec(text)?.[1];
  if (title !== undefined) {
    if (reading.title) reading.problems.push({ code: 'titleTwice', line });
    reading.title ||= title.trim();
    return;
  }
  const lesson = /^##\s+(.+)$/.exec(text)?.[1];
  if (lesson !== undefined) {
    reading.lessons.push({ title: lesson.trim(), line, text: [], questions: [] });
    return;
  }
  const question = /^###\s+[?？]\s*(.+)$/.exec(text)?.[1];
  if (question !== undefined) {
    begin(reading, question.trim(), line);
    return;
  }
  const open = reading.lessons.at(-1)?.questions.at(-1);
  if (open) inQuestion(reading, open, text, line);
  else take(reading, text);
}

function begin(reading: Reading, text: string, line: number): void {
  const lesson = reading.lessons.at(-1);
  if (!lesson) reading.problems.push({ code: 'questionOutsideLesson', line });
  lesson?.questions.push({ text, line, options: [], explanation: [] });
}

function inQuestion(reading: Reading, question: Draft, text: string, line: number): void {
  if (text.trim() === '') return;
  const option = /^[-*]\s+\[([ xX])\]\s+(.+)$/.exec(text);
  if (option) {
    question.options.push({ text: (option[2] ?? '').trim(), right: option[1] !== ' ' });
    return;
  }
  const why = /^>\s?(.*)$/.exec(text)?.[1];
  if (why !== undefined) question.explanation.push(why);
  else reading.problems.push({ code: 'lineNotUnderstood', line });
}

function take(reading: Reading, text: string): void {
  const lesson = reading.lessons.at(-1);
  (lesson ? lesson.text : reading.intro).push(text);
}

function finished({ title, intro, lessons, problems }: Reading): CourseText & {
  readonly problems: readonly CourseProblem[];
} {
  if (!title) problems.push({ code: 'titleMissing', line: 1 });
  if (lessons.length === 0) problems.push({ code: 'lessonsMissing', line: 1 });
  for (const lesson of lessons) {
    if (lesson.text.every((text) => text.trim() === ''))
      problems.push({ code: 'lessonEmpty', line: lesson.line });
    for (const question of lesson.questions) {
      const code = problemOf(question);
      if (code) problems.push({ code, line: question.line });
    }
  }
  return {
    title,
    intro: intro.join('\n').trim(),
    lessons: lessons.map((lesson, at) => ({
      title: lesson.title,
      markdown: lesson.text.join('\n').trim(),
      questions: lesson.questions.map(({ text, options, explanation }, n) => ({
        id: `${at + 1}.${n + 1}`,
        text,
        options,
        explanation: explanation.join('\n').trim(),
      })),
    })),
    problems: problems.sort((a, b) => a.line - b.line),
  };
}

function problemOf({ options }: Draft): CourseProblemCode | null {
  if (options.length < 2) return 'optionsTooFew';
  if (options.length > maximumOptions) return 'optionsTooMany';
  if (!options.some(({ right }) => right)) return 'noRightOption';
  return options.every(({ right }) => right) ? 'noWrongOption' : null;
}

export type CourseTexts = Readonly<Record<Language, string>>;

/** What is wrong with a course in any of its languages, and where the languages do not agree. */
export function problemsOfCourse(
  texts: CourseTexts,
): readonly (CourseProblem & { readonly language: Language })[] {
  const read = languages.map((language) => ({ language, ...parseCourse(texts[language]) }));
  const found = read.flatMap(({ language, problems }) =>
    problems.map((problem) => ({ ...problem, language })),
  );
  const shapes = read.map(shapeOf);
  const [first] = shapes;
  const other = read.find((_, at) => shapes[at] !== first);
  if (found.length === 0 && other)
    return [{ code: 'languagesDiffer', line: 1, language: other.language }];
  return found;
}

/** What must be the same in every language: lessons, questions, and which options are right. */
function shapeOf({ lessons }: CourseText): string {
  return lessons
    .map(({ questions }) =>
      questions
        .map(({ options }) => options.map(({ right }) => (right ? 'x' : '-')).join(''))
        .join(','),
    )
    .join(';');
}

export function questionsOf(course: CourseText): readonly Question[] {
  return course.lessons.flatMap(({ questions }) => questions);
}

export function digestOfCourse(texts: CourseTexts): string {
  return sha256Hex(Buffer.from(canonicalJson({ ...texts })));
}

const texts = z.object({ en: z.string().max(400_000), ja: z.string().max(400_000) });

/** How a course is tested. */
export const testing = {
  /** Questions drawn from the pool. */
  draw: z.int().min(1).max(100),
  passPercent: z.int().min(1).max(100),
  /** Attempts before a pause. */
  attempts: z.int().min(1).max(20),
  pauseHours: z
    .int()
    .min(0)
    .max(24 * 30),
};

export const courseCommand = z.discriminatedUnion('do', [
  z.object({ do: z.literal('saveCourse'), course: slug, texts, revision: z.int().min(0) }),
  z.object({
    do: z.literal('publishCourse'),
    course: slug,
    revision: z.int().min(1),
    /** A major version is taken again by everyone who completed an earlier one. */
    major: z.boolean(),
    ...testing,
  }),
  z.object({ do: z.literal('withdrawCourse'), course: slug }),
]);
export type CourseCommand = z.output<typeof courseCommand>;

/** A course as it was published. */
export interface CourseVersion {
  readonly id: string;
  readonly course: string;
  readonly major: number;
  readonly minor: number;
  readonly texts: CourseTexts;
  readonly titles: CourseTexts;
  readonly lessons: number;
  readonly questions: number;
  readonly draw: number;
  readonly passPercent: number;
  readonly attempts: number;
  readonly pauseHours: number;
  readonly digest: string;
  readonly publishedAt: Temporal.Instant;
  readonly publishedBy: PersonId | null;
  readonly withdrawnAt: Temporal.Instant | null;
}

export interface CourseDraft {
  readonly course: string;
  readonly texts: CourseTexts;
  readonly revision: number;
}

export interface CourseState {
  readonly draft: CourseDraft | null;
  readonly newest: CourseVersion | null;
}

export type CourseRefusal =
  | 'courseUnknown'
  | 'courseChangedMeanwhile'
  | 'courseUnfinished'
  | 'poolTooSmall'
  | 'courseUnchanged';

export type CourseEvent =
  | (Event & { readonly type: 'CourseSaved'; readonly draft: CourseDraft })
  | (Event & {
      readonly type: 'CoursePublished';
      readonly version: Omit<CourseVersion, 'withdrawnAt'>;
    })
  | (Event & { readonly type: 'CourseWithdrawn'; readonly course: string });
