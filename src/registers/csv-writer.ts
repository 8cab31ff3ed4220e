/** CSV as RFC 4180 describes it, safe to open in a spreadsheet. */

/** A cell before it is written. Instants and dates are written as they spell themselves. */
export type Cell = string | number | boolean | null | { toString(): string };

/** One column of a download: its header and how a row fills it. */
export interface CsvColumn<Row> {
  readonly header: string;
  readonly cell: (row: Row) => Cell;
}

/** The mark by which spreadsheets recognise UTF-8. */
export const byteOrderMark = '\uFEFF';

/**
 * Text that a spreadsheet would take for a formula (OWASP, "CSV Injection"). The apostrophe in
 * front makes it text again; the reader of our imports takes it off.
 */
const looksLikeFormula = /^'*[=+\-@\t\r]/;

/** One line with its CRLF. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = String(cell);
  const safe = looksLikeFormula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The text that `csvLine` was given, from what stands in the file. */
export function withoutFormulaGuard(cell: string): string {
  return cell.startsWith("'") && looksLikeFormula.test(cell) ? cell.slice(1) : cell;
}
