let asked: Promise<void> | undefined;

/**
 * Makes Japanese type known to the browser, which then fetches only the pieces whose characters it meets.
 * `data-kanji` puts it into the fonts of an English page, behind the system's own.
 */
export function loadKanji(): Promise<void> {
  asked ??= import('@fontsource-variable/noto-sans-jp').then(() => {
    document.documentElement.dataset['kanji'] = '';
  });
  return asked;
}
