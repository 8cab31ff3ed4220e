import { CsvError, parse } from 'csv-parse/sync';
import { withoutFormulaGuard } from '../csv-writer.ts';
import type { RowProblem } from './problem.ts';

/** A record of a table, and the line of the file on which it begins, from 1. */
export interface Rec {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Cuts CSV text (RFC 4180, with comma, semicolon or tab) into records; blank ones are left out. */
export function cutRecords(text: string): { records: Rec[] } | { problem: RowProblem } {
  const records: Rec[] = [];
  const lines = lineCounter();
  try {
    parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
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

/** The separator that the first record has most of, outside quotation marks; a comma where it has none. */
export function delimiterOf(text: string): string {
  const counts = new Map([
    [',', 0],
    ['\t', 0],
    [';', 0],
  ]);
  let quoted = false;
  for (const sign of text) {
    if (sign === '"') quoted = !quoted;
    if (quoted) continue;
    if (sign === '\n') break;
    const count = counts.get(sign);
    if (count !== undefined) counts.set(sign, count + 1);
  }
  return [...counts].reduce((most, each) => (each[1] > most[1] ? each : most))[0];
}
