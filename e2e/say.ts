import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fill, type Language } from '../src/kernel/language.ts';

type Tree = { readonly [key: string]: string | Tree };

const read = new Map<string, Tree>();

/** What stands on screen, from the same files as the console: a room, a key, what fills it. */
export type Say = (
  room: string,
  key: string,
  params?: Readonly<Record<string, string | number>>,
) => string;

/**
 * The words of a language for journeys that are made in both.
 *
 * @throws RangeError where a room does not have the key
 */
export function saying(language: Language): Say {
  return (room, key, params = {}) => {
    const words = wordsOf(room, language);
    const { count } = params;
    const plural =
      typeof count === 'number' ? `${key}_${new Intl.PluralRules(language).select(count)}` : key;
    const sentence = lookUp(words, key) ?? lookUp(words, plural);
    if (sentence === undefined) throw new RangeError(`${room} has no words for ${key}`);
    return fill(sentence, params);
  };
}

function wordsOf(room: string, language: Language): Tree {
  const path = join(import.meta.dirname, '..', 'src', room, `words.${language}.json`);
  const known = read.get(path) ?? (JSON.parse(readFileSync(path, 'utf8')) as Tree);
  read.set(path, known);
  return known;
}

function lookUp(words: Tree, key: string): string | undefined {
  const found = key
    .split('.')
    .reduce<string | Tree | undefined>(
      (at, part) => (typeof at === 'object' ? at[part] : undefined),
      words,
    );
  return typeof found === 'string' ? found : undefined;
}
