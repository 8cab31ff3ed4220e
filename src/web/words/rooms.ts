/** `../../clauses/access/words.en.json` → `clauses/access`; `../words.en.json` → `web`. */
export function byRoom(files: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(files).map(([path, words]) => {
      const folder = path.replace(/\/?words\.\w+\.json$/, '').replace(/^(\.\.\/)+/, '');
      return [folder === '..' || folder === '' ? 'web' : folder, words];
    }),
  );
}
