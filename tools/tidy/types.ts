import type { House } from './house.ts';
import type { Finding, Rule } from './rule.ts';
import type { Comment, Source } from './source.ts';

const SHORTEST_REASON = 12;

/** No `any`, and nobody silences a checker without saying why. */
export const types: Rule = {
  name: 'types',
  judge(house: House) {
    return {
      findings: house.sources.flatMap((source) => [...anys(source), ...silenced(source)]),
      covered: {},
    };
  },
};

function anys(source: Source): Finding[] {
  return source.nodes('TSAnyKeyword').map((node) => ({
    path: source.path,
    line: source.lineAt(node.start),
    message: '`any` switches the types off; say what it is, or `unknown`',
  }));
}

function silenced(source: Source): Finding[] {
  return source.comments.flatMap((comment) => {
    const message = objection(comment);
    return message === undefined ? [] : [{ path: source.path, line: comment.line, message }];
  });
}

function objection({ text }: Comment): string | undefined {
  const [, word, rest] =
    /^[\s*]*(@ts-nocheck|@ts-ignore|@ts-expect-error|biome-ignore(?:-all|-start)?)\b([\s\S]*)/.exec(
      text,
    ) ?? [];
  if (word === undefined || rest === undefined) return undefined;
  if (word === '@ts-nocheck') return '@ts-nocheck is never needed';
  // Biome puts the rule before a colon: `biome-ignore lint/a/b: reason`.
  const reason = word.startsWith('biome') ? rest.replace(/^[^:]*/, '') : rest;
  if (reason.replace(/^[\s:–-]+/, '').trim().length >= SHORTEST_REASON) return undefined;
  return `${word} without a reason`;
}
