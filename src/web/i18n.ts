/**
 * Words of every room in the reader's language: one namespace per folder (`ui`, `web`, `clauses/access`).
 * Those of kit and shell are one chunk per language; each other room's come with the first page that
 * says something of it. `everywhere` holds, by room, what lists of all rooms say.
 * Placeholders are `{name}` as on the server; numbers are grouped by themselves, so give an identifier as text.
 */
import i18next, { type BackendModule, type FormatterModule, type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from '../ui/words.ts';
import { loadKanji } from './kanji.ts';

const chunks: Record<Language, () => Promise<{ default: Record<string, unknown> }>> = {
  en: () => import('./words/en.ts'),
  ja: () => import('./words/ja.ts'),
};

const rooms = import.meta.glob<Record<string, unknown>>(
  ['../clauses/*/words.*.json', '../registers/*/words.*.json'],
  { import: 'default' },
);

/** Fetches the words of a room when something of it is first said; what says it waits (Suspense). */
const roomWords: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read: (language, room, done) => {
    const load = rooms[`../${room}/words.${language}.json`];
    if (!load) done(new Error(`no room is called ${room}`), false);
    // A chunk that did not arrive is asked for again.
    else
      load().then(
        (words) => done(null, words),
        (problem: unknown) => done(problem as Error, true),
      );
  },
};

const REMEMBERED = 'kept.language';

const isLanguage = (value: unknown): value is Language => value === 'en' || value === 'ja';

/** The language last chosen here, else the first of the browser's that we speak. */
export function firstLanguage(): Language {
  const chosen = chosenLanguage();
  if (chosen) return chosen;
  const spoken = navigator.languages.map((tag) => tag.slice(0, 2));
  return spoken.find(isLanguage) ?? 'en';
}

/** What the reader chose in this browser, if ever. */
export function chosenLanguage(): Language | undefined {
  const remembered = localStorage.getItem(REMEMBERED);
  return isLanguage(remembered) ? remembered : undefined;
}

/** 185294 → 185,294 wherever a number stands in a sentence. */
const groupedNumbers: FormatterModule = {
  type: 'formatter',
  init: () => undefined,
  add: () => undefined,
  addCached: () => undefined,
  format: (value, _style, language) =>
    typeof value === 'number' ? new Intl.NumberFormat(language ?? 'en').format(value) : value,
};

/** Loads the words of the first language and readies `useWords`. */
export async function startWords(): Promise<i18n> {
  await i18next
    .use(groupedNumbers)
    .use(roomWords)
    .use(initReactI18next)
    .init({
      fallbackLng: false,
      // Added as they come, below: nothing is fetched before the first language is known.
      ns: [],
      defaultNS: 'ui',
      resources: {},
      partialBundledLanguages: true,
      interpolation: {
        prefix: '{',
        suffix: '}',
        escapeValue: false,
        alwaysFormat: true,
      },
      // A value that is missing stays visible: never silently blank.
      missingInterpolationHandler: (_sentence, match) => String(match[0]),
      react: { useSuspense: true },
    });
  await speak(firstLanguage());
  return i18next;
}

/** Changes the language on screen. */
export async function speak(language: Language): Promise<void> {
  const { default: rooms } = await chunks[language]();
  for (const [room, words] of Object.entries(rooms))
    i18next.addResourceBundle(language, room, words);
  // In English too a name may be written in kanji; nothing waits for it, but it is there before the first names are.
  const kanji = loadKanji();
  if (language === 'ja') await kanji;
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}

/** The same, remembered in this browser: the reader asked for it. */
export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(REMEMBERED, language);
  await speak(language);
}
