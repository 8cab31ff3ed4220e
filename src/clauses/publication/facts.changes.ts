import { type Language, languages } from '../../kernel/language.ts';
import { type Change, diffText } from '../../policy/diff.ts';
import { readableText, readText } from '../../policy/text.ts';
import type { ClauseText } from './facts.ts';
import { clausesOf, type PromiseOfVersion, promisesOf } from './facts.version.ts';

/** What a version changes in the promises; `reworded` in at least one language that both have. */
export interface PromiseChanges {
  readonly added: readonly PromiseOfVersion[];
  readonly removed: readonly PromiseOfVersion[];
  readonly reworded: readonly {
    readonly before: PromiseOfVersion;
    readonly after: PromiseOfVersion;
  }[];
}

export function promiseChanges(
  before: readonly ClauseText[],
  after: readonly ClauseText[],
): PromiseChanges {
  const old = new Map(promisesOf(before).map((promise) => [promise.id, promise]));
  const now = new Map(promisesOf(after).map((promise) => [promise.id, promise]));
  return {
    added: [...now.values()].filter((promise) => !old.has(promise.id)),
    removed: [...old.values()].filter((promise) => !now.has(promise.id)),
    reworded: [...now.values()].flatMap((promise) => {
      const was = old.get(promise.id);
      return was && wordsDiffer(was, promise) ? [{ before: was, after: promise }] : [];
    }),
  };
}

function wordsDiffer(a: PromiseOfVersion, b: PromiseOfVersion): boolean {
  return languages.some((language) => {
    const [before, after] = [a.words[language], b.words[language]];
    return before !== undefined && after !== undefined && before !== after;
  });
}

export type ClauseChangeKind = 'added' | 'removed' | 'changed' | 'moved' | 'same';

export interface ClauseChange {
  readonly clause: string;
  readonly kind: ClauseChangeKind;
  /** By language, of the newer text where there is one. */
  readonly titles: Readonly<Partial<Record<Language, string>>>;
  /** Runs of text by language; only of clauses whose text differs. */
  readonly changes: Readonly<Partial<Record<Language, readonly Change[]>>>;
}

/** Clause by clause, in the newer order; clauses that are gone stand where they stood. */
export function clauseChanges(
  before: readonly ClauseText[],
  after: readonly ClauseText[],
): readonly ClauseChange[] {
  const old = clausesOf(before);
  const now = clausesOf(after);
  const moved = movedClauses(old, now);
  return mergedOrder(old, now).map((clause) => {
    const was = textsOf(before, clause);
    const is = textsOf(after, clause);
    const kind = kindOf(was, is, moved.has(clause));
    return {
      clause,
      kind,
      titles: titlesOf(is.size > 0 ? is : was),
      changes: kind === 'same' || kind === 'moved' ? {} : changesOf(was, is),
    };
  });
}

/** Clauses whose text an approver must judge: whose duties do they touch? */
export function changedClauses(
  before: readonly ClauseText[],
  after: readonly ClauseText[],
): readonly string[] {
  return mergedOrder(clausesOf(before), clausesOf(after)).filter(
    (clause) => !sameTexts(textsOf(before, clause), textsOf(after, clause)),
  );
}

type Texts = ReadonlyMap<Language, string>;

function textsOf(texts: readonly ClauseText[], clause: string): Texts {
  return new Map(
    texts.filter((text) => text.clause === clause).map((text) => [text.language, text.markdown]),
  );
}

function sameTexts(a: Texts, b: Texts): boolean {
  return languages.every((language) => a.get(language) === b.get(language));
}

function kindOf(was: Texts, is: Texts, moved: boolean): ClauseChangeKind {
  if (was.size === 0) return 'added';
  if (is.size === 0) return 'removed';
  if (!sameTexts(was, is)) return 'changed';
  return moved ? 'moved' : 'same';
}

function changesOf(was: Texts, is: Texts): ClauseChange['changes'] {
  const present = languages.filter((language) => was.has(language) || is.has(language));
  return Object.fromEntries(
    present.map((language) => [
      language,
      diffText(
        readableText(was.get(language) ?? ''),
        readableText(is.get(language) ?? ''),
        language,
      ),
    ]),
  );
}

function titlesOf(texts: Texts): ClauseChange['titles'] {
  return Object.fromEntries(
    [...texts].map(([language, markdown]) => [language, readText(markdown).title]),
  );
}

/** Those that are not in their old order among the clauses both versions have. */
function movedClauses(old: readonly string[], now: readonly string[]): ReadonlySet<string> {
  const kept = now.filter((clause) => old.includes(clause));
  const before = old.filter((clause) => now.includes(clause));
  return new Set(kept.filter((clause, at) => before[at] !== clause));
}

function mergedOrder(old: readonly string[], now: readonly string[]): readonly string[] {
  const merged = [...now];
  old.forEach((clause, at) => {
    if (merged.includes(clause)) return;
    const previous = old.slice(0, at).findLast((each) => merged.includes(each));
    merged.splice(previous === undefined ? 0 : merged.indexOf(previous) + 1, 0, clause);
  });
  return merged;
}
