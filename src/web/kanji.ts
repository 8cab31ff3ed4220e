/** At the event itself the pieces are read but not yet in use. */
const SETTLED_MS = 120;

let asked: Promise<void> | undefined;

/**
 * Makes Japanese type known to the browser, which then fetches only the pieces whose characters it meets.
 *
 * Chromium does not always set text anew when a piece arrives after the text was drawn, and leaves empty boxes
 * where the system has no Japanese font. Changing the font list of the page, by `data-kanji`, makes it do so.
 */
export function loadKanji(): Promise<void> {
  asked ??= load();
  return asked;
}

async function load(): Promise<void> {
  await import('@fontsource-variable/noto-sans-jp');
  const { dataset } = document.documentElement;
  dataset['kanji'] = 'once';
  const setAnew = () => {
    dataset['kanji'] = dataset['kanji'] === 'once' ? 'again' : 'once';
  };
  document.fonts.addEventListener('loadingdone', () => setTimeout(setAnew, SETTLED_MS));
}
