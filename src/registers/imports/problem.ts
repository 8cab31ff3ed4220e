import { z } from 'zod';
import { fill, type Language } from '../../kernel/language.ts';
import { refuse } from '../../kernel/result.ts';
import en from './words.en.json' with { type: 'json' };
import ja from './words.ja.json' with { type: 'json' };

/** What is wrong with a file, and exactly where. `code` is a key of `problem` in this room's words. */
export interface RowProblem {
  /** Line of the file, from 1. */
  readonly line: number;
  /** Column as the file names it; empty where the whole line is meant. */
  readonly column: string;
  readonly code: ProblemCode;
  readonly params: Readonly<Record<string, string | number>>;
}

export type ProblemCode = keyof typeof en.problem;

const sentences: Readonly<Record<Language, Readonly<Record<ProblemCode, string>>>> = {
  en: en.problem,
  ja: ja.problem,
};

/** A problem as the API gives it. */
export const rowProblem = z.object({
  line: z.int(),
  column: z.string(),
  code: z.string(),
  why: z.string(),
});
export type RowProblemAnswer = z.infer<typeof rowProblem>;

/** Problems listed in an answer; a file that is wrong on every line need not say so 185,294 times. */
const listed = 200;

export function explained(problems: readonly RowProblem[], language: Language): RowProblemAnswer[] {
  return problems.slice(0, listed).map(({ line, column, code, params }) => ({
    line,
    column,
    code,
    why: fill(sentences[language][code], params),
  }));
}

/**
 * What was found wrong by fields, told by the headers of the file that was read: whoever corrects
 * it sees their file, and not what its columns are called here. A field without a column keeps its
 * own name.
 *
 * @param mapping field → header of the column that holds it
 */
export function inHeaders(
  problems: readonly RowProblem[],
  mapping: Readonly<Record<string, string>>,
): RowProblem[] {
  const headerOf = (field: string): string => mapping[field] ?? field;
  return problems.map((problem) => {
    const { column, params } = problem;
    const { field } = params;
    if (typeof field !== 'string') return { ...problem, column: headerOf(column) };
    const named = field.split(', ').map(headerOf).join(', ');
    return { ...problem, column: headerOf(column), params: { ...params, field: named } };
  });
}

/** Refuses a file as a whole, naming the first thing that is wrong with it. */
export function refuseRows(problems: readonly RowProblem[], language: Language) {
  const [first] = explained(problems, language);
  return refuse('rowsUnfit', {
    count: problems.length,
    line: first?.line ?? 0,
    column: first?.column ?? '',
    why: first?.why ?? '',
  });
}
