import type { Language } from '../../kernel/language.ts';
import english from './words.en.json' with { type: 'json' };
import japanese from './words.ja.json' with { type: 'json' };

/** The words of certificates: both languages have the same keys, which the compiler checks. */
export type CertificateWords = typeof english;

const spoken: Readonly<Record<Language, CertificateWords>> = { en: english, ja: japanese };

export function wordsOfCertificate(language: Language): CertificateWords {
  return spoken[language];
}
