import type { Language } from '../../kernel/language.ts';
import english from './words.en.json' with { type: 'json' };
import japanese from './words.ja.json' with { type: 'json' };

/** The words of certificates of erasure: both languages have the same keys, which the compiler checks. */
export type ErasureWords = typeof english;

const spoken: Readonly<Record<Language, ErasureWords>> = { en: english, ja: japanese };

export function wordsOfErasure(language: Language): ErasureWords {
  return spoken[language];
}
