import { CsvError, parse } from 'csv-parse/sync';
import { withoutFormulaGuard } from '../csv-writer.ts';
import type { RowProblem } from './problem.ts';

/** A record of a table, and the line of the file on which it begins, from 1. */
export interface Rec {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Cuts CSV text (RFC 4180, with comma, semicolon or tab) into records; blank ones are left out.
 *
 * @param isKnown whether a header is one that is looked for: the separator is told by these
 */
export function cutRecords(
  text: string,
  isKnown: (header: string) => boolean,
): { records: Rec[] } | { problem: RowProblem } {
  const delimiter = delimiterOf(text, isKnown);
  if (delimiter === null) {
    const line = nextWritten(text, 0);
    return { problem: { line, column: '', code: 'separator', params: {} } };
  }
  const records: Rec[] = [];
  const lines = lineCounter();
  try {
    parse(text, {
      bom: true,
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      trim: true,
      on_record: (cells: string[], { lines: counted }) => {
        records.push({ line: lines.begins(counted, cells), cells: cells.map(withoutFormulaGuard) });
        return null;
      },
    });
    return { records };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = nextWritten(text, lines.ended());
    return { problem: { line, column: '', code: 'quotes', params: {} } };
  }
}

/**
 * The reader of CSV says on which line a record ends, and counts a line break inside a value twice
 * where it is CR LF. A row is found again by the line on which it begins.
 */
function lineCounter() {
  let countedTwice = 0;
  let last = 0;
  return {
    begins(counted: number, cells: readonly string[]): number {
      const within = cells.reduce((sum, cell) => sum + breaksIn(cell, /\r\n|\r|\n/g), 0);
      countedTwice += cells.reduce((sum, cell) => sum + breaksIn(cell, /\r\n/g), 0);
      last = counted - countedTwice;
      return last - within;
    },
    /** The last line of the last record. */
    ended: () => last,
  };
}

function breaksIn(cell: string, kind: RegExp): number {
  return /[\r\n]/.test(cell) ? (cell.match(kind)?.length ?? 0) : 0;
}

/** The first line after `line` with anything on it: where the record begins that could not be read. */
function nextWritten(text: string, line: number): number {
  const lines = text.split(/\r\n|\r|\n/);
  const at = lines.findIndex((each, place) => place >= line && each.trim() !== '');
  return at < 0 ? line + 1 : at + 1;
}

const separators = [',', '\t', ';'] as const;

/**
 * The separator by which the first record has most headers that are known; where none is, the one
 * that it has most of outside quotation marks; a comma where it has none. Null where two are as
 * good as each other.
 */
export function delimiterOf(text: string, isKnown: (header: string) => boolean): string | null {
  const first = firstRecordOf(text);
  const found = separators.flatMap((separator) => {
    const cells = cellsOf(first, separator);
    const known = cells.filter((cell) => isKnown(cell)).length;
    return cells.length > 1 ? [{ separator, known, cells: cells.length }] : [];
  });
  const [best, second] = found.sort((a, b) => b.known - a.known || b.cells - a.cells);
  if (!best) return ',';
  const asGood = second && second.known === best.known && second.cells === best.cells;
  return asGood ? null : best.separator;
}

/** Up to the first line break outside quotation marks, leaving out blank lines before it. */
function firstRecordOf(text: string): string {
  const written = text.replace(/^[\uFEFF\s]+/, '');
  let quoted = false;
  for (let at = 0; at < written.length; at += 1) {
    if (written[at] === '"') quoted = !quoted;
    else if (!quoted && (written[at] === '\n' || written[at] === '\r')) return written.slice(0, at);
  }
  return written;
}

function cellsOf(record: string, separator: string): string[] {
  const cells = [''];
  let quoted = false;
  for (const sign of record) {
    if (sign === '"') quoted = !quoted;
    else if (sign === separator && !quoted) cells.push('');
    else cells[cells.length - 1] += sign;
  }
  return cells.map((cell) => cell.trim());
}
