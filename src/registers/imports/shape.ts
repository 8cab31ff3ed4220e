/** What a file of access looks like: lines of `user permission`, or a table with a header. */
export type Shape = 'pairs' | 'table' | 'unclear';

/**
 * Tells by the first line that says anything. Commas, semicolons and quotation marks are a table's.
 * Tabs are, where a header is recognised or there are not just two cells. Two words with blanks
 * between are a pair; where both are names of columns, nobody can tell.
 *
 * @param isHeader whether a column may be called so
 */
export function shapeOf(text: string, isHeader: (name: string) => boolean): Shape {
  const first = firstLineOf(text).text;
  if (/[,;"]/.test(first)) return 'table';
  const cells = first.split(first.includes('\t') ? betweenTabs : /\s+/);
  if (first.includes('\t')) return cells.length === 2 && !cells.some(isHeader) ? 'pairs' : 'table';
  if (cells.length !== 2) return 'table';
  return cells.every(isHeader) ? 'unclear' : 'pairs';
}

/** Runs of tabs separate, with whatever blanks around them. */
export const betweenTabs = /\s*\t\s*/;

/** The first line that is neither blank nor a comment, trimmed, and its number from 1. */
export function firstLineOf(text: string): { readonly line: number; readonly text: string } {
  let line = 0;
  for (let from = text.startsWith('\uFEFF') ? 1 : 0; from < text.length; ) {
    const end = text.indexOf('\n', from);
    const trimmed = text.slice(from, end < 0 ? undefined : end).trim();
    line += 1;
    if (trimmed !== '' && !trimmed.startsWith('#')) return { line, text: trimmed };
    if (end < 0) break;
    from = end + 1;
  }
  return { line: 1, text: '' };
}

/** Headers are compared by their letters and digits alone: `E-Mail` is `email`. */
export function plainHeader(header: string): string {
  return header
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}
