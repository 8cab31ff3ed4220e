/**
 * Words of a screen. A room's words live beside it in `words.en.json` and `words.ja.json`;
 * the shell merges them, one namespace per folder: `ui`, `web`, `clauses/access`, `registers/people`.
 *
 * @example
 * const t = useWords('registers/people');
 * t('title');                      // "People"
 * t('leavers', { count: 12 });     // plural by i18next: leavers_one, leavers_other
 */
import { useTranslation } from 'react-i18next';

export type Words = (key: string, values?: Record<string, string | number>) => string;

export type Language = 'en' | 'ja';

/** The words of one room in the reader's language. A missing key shows as itself and is reported by tidy. */
export function useWords(room: string): Words {
  const { t } = useTranslation(room);
  return t as unknown as Words;
}

/** The language on screen now. */
export function useLanguage(): Language {
  const { i18n } = useTranslation('ui');
  return i18n.language === 'ja' ? 'ja' : 'en';
}
