import type { Language } from '../../kernel/language.ts';
import english from './words.en.json' with { type: 'json' };
import japanese from './words.ja.json' with { type: 'json' };

/** The words of the portal: both languages have the same keys, which the compiler checks. */
export type PortalWords = typeof english;

const spoken: Readonly<Record<Language, PortalWords>> = { en: english, ja: japanese };

export function wordsIn(language: Language): PortalWords {
  return spoken[language];
}
