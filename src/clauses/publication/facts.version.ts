import type { Language } from '../../kernel/language.ts';
import { canonicalJson } from '../../ledger/canonical.ts';
import { sha256Hex } from '../../ledger/hash.ts';
import { type Problem, readText } from '../../policy/text.ts';
import type { ClauseText } from './facts.ts';

/** A version as a whole: its canonical bytes, its promises, and what is wrong with it. */

/**
 * The bytes that a digest of the policy stands for, and the blob that a publication puts beside
 * the ledger: canonical JSON (RFC 8785) of
 * `{"clauses": [{"clause": "access", "text": {"en": "# …", "ja": "# …"}}, …], "v": 1}`,
 * clauses in their order, texts as Markdown in Unicode's form C with LF line ends and one at the
 * end. Placeholders stand as typed: their values are settings, and each change of those has an
 * entry of its own. Number and date are not in it: they belong to the publication, not to the text.
 */
export function canonicalText(texts: readonly ClauseText[]): Uint8Array {
  const clauses = clausesOf(texts).map((clause) => ({
    clause,
    text: Object.fromEntries(
      texts.filter((text) => text.clause === clause).map((text) => [text.language, text.markdown]),
    ),
  }));
  return new TextEncoder().encode(canonicalJson({ v: 1, clauses }));
}

/** SHA-256 of the canonical text, in hex. */
export function digestOf(texts: readonly ClauseText[]): string {
  return sha256Hex(canonicalText(texts));
}

/** SHA-256 of one text, in hex. */
export function digestOfText(markdown: string): string {
  return digestOfBytes(new TextEncoder().encode(markdown));
}

/** SHA-256 in hex. */
export function digestOfBytes(bytes: Uint8Array): string {
  return sha256Hex(bytes);
}

/** Lines, sorted, each ended: the form of every list that goes beside the ledger. */
export function listOf(lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(
    [...lines]
      .sort()
      .map((line) => `${line}\n`)
      .join(''),
  );
}

/** Clauses in the order in which their texts come. */
export function clausesOf(texts: readonly ClauseText[]): readonly string[] {
  return [...new Set(texts.map((text) => text.clause))];
}

/** A promise of a version, in every language it is published in. */
export interface PromiseOfVersion {
  readonly id: string;
  readonly clause: string;
  readonly words: Readonly<Partial<Record<Language, string>>>;
}

/** Every promise in the order of the text. Where a mistake marks one twice, the first counts. */
export function promisesOf(texts: readonly ClauseText[]): readonly PromiseOfVersion[] {
  const found = new Map<
    string,
    { id: string; clause: string; words: Partial<Record<Language, string>> }
  >();
  for (const text of texts) {
    for (const promise of readText(text.markdown).promises) {
      const known = found.get(promise.id);
      if (!known)
        found.set(promise.id, {
          id: promise.id,
          clause: text.clause,
          words: { [text.language]: promise.text },
        });
      else if (known.clause === text.clause) known.words[text.language] ??= promise.text;
    }
  }
  return [...found.values()];
}

export interface ProblemInVersion extends Omit<Problem, 'code'> {
  readonly code:
    | Problem['code']
    | 'textMissing'
    | 'promiseMissing'
    | 'promiseInTwoClauses'
    | 'noClauses';
  readonly clause: string | null;
  readonly language: Language | null;
}

/**
 * What stands between a version and its proposal: problems of each text, clauses without a text in
 * a language that is published, promises marked in one language and not in another, or in two clauses.
 */
export function problemsOf(
  texts: readonly ClauseText[],
  languages: readonly Language[],
): readonly ProblemInVersion[] {
  const clauses = clausesOf(texts);
  if (clauses.length === 0) return [wholeProblem('noClauses', null, null, {})];
  const read = texts
    .filter((text) => languages.includes(text.language))
    .map((text) => ({ ...text, read: readText(text.markdown) }));
  return [
    ...read.flatMap(({ clause, language, read: { problems } }) =>
      problems.map((problem) => ({ ...problem, clause, language })),
    ),
    ...clauses.flatMap((clause) => acrossLanguages(clause, languages, read)),
    ...inTwoClauses(read),
  ];
}

/** Whether a version with these problems may be proposed. */
export function hasErrors(problems: readonly { readonly severity: string }[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}

type ReadClause = ClauseText & { readonly read: ReturnType<typeof readText> };

function acrossLanguages(
  clause: string,
  languages: readonly Language[],
  read: readonly ReadClause[],
): readonly ProblemInVersion[] {
  const here = read.filter((text) => text.clause === clause);
  const promises = new Set(here.flatMap((text) => text.read.promises.map((promise) => promise.id)));
  return languages.flatMap((language) => {
    const text = here.find((each) => each.language === language);
    if (!text || text.markdown.trim() === '')
      return [wholeProblem('textMissing', clause, language, {})];
    const marked = new Set(text.read.promises.map((promise) => promise.id));
    return [...promises]
      .filter((id) => !marked.has(id))
      .map((id) => wholeProblem('promiseMissing', clause, language, { id }));
  });
}

function inTwoClauses(read: readonly ReadClause[]): readonly ProblemInVersion[] {
  const homes = new Map<string, string>();
  const problems: ProblemInVersion[] = [];
  for (const { clause, language, read: text } of read) {
    for (const { id } of text.promises) {
      const home = homes.get(id) ?? clause;
      homes.set(id, home);
      if (home !== clause)
        problems.push(wholeProblem('promiseInTwoClauses', clause, language, { id, other: home }));
    }
  }
  return problems;
}

function wholeProblem(
  code: ProblemInVersion['code'],
  clause: string | null,
  language: Language | null,
  params: Readonly<Record<string, string>>,
): ProblemInVersion {
  return { severity: 'error', code, clause, language, line: 1, column: 1, params };
}
