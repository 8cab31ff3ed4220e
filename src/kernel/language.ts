export const languages = ['en', 'ja'] as const;
export type Language = (typeof languages)[number];

/** The same words in each language that Kept speaks. */
export type Words = Readonly<Record<Language, string>>;

export function isLanguage(text: unknown): text is Language {
  return text === 'en' || text === 'ja';
}

/**
 * The reader's language from an `Accept-Language` header (RFC 9110, section 12.5.4): the first
 * that we speak, by quality; `fallback` where none is.
 */
export function languageFrom(header: string | undefined, fallback: Language): Language {
  const wanted = (header ?? '')
    .split(',')
    .map((part, position) => {
      const [tag = '', ...params] = part.trim().split(';');
      const q = params.map((p) => /^\s*q=([\d.]+)/.exec(p)?.[1]).find(Boolean);
      return { language: tag.toLowerCase().split('-')[0], quality: q ? Number(q) : 1, position };
    })
    .filter((each) => each.quality > 0)
    .sort((a, b) => b.quality - a.quality || a.position - b.position);
  return wanted.map((each) => each.language).find(isLanguage) ?? fallback;
}

/** Fills `{name}` in a sentence. A value that is missing stays visible as `{name}`: never silently blank. */
export function fill(sentence: string, params: Readonly<Record<string, string | number>>): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}
