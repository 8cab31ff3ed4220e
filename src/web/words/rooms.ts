/** `../../clauses/access/words.en.json` → `clauses/access`; `../words.en.json` → `web`. */
export function byRoom(files: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(files).map(([path, words]) => {
      const folder = path.replace(/\/?words\.\w+\.json$/, '').replace(/^(\.\.\/)+/, '');
      return [folder === '..' || folder === '' ? 'web' : folder, words];
    }),
  );
}

/**
 * What is on screen on every page: the words of kit and shell, and of every other room what lists of
 * all rooms say (`everywhere`): names in the rail, sentences of tasks and of entries of the ledger.
 */
export function shellWords(
  whole: Record<string, unknown>,
  everywhere: Record<string, unknown>,
): Record<string, unknown> {
  return { ...whole, everywhere };
}
