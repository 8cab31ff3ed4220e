import type { z } from 'zod';
import type { CellSchema } from './cells.ts';
import type { ProblemCode, RowProblem } from './problem.ts';
import { cutRecords, type Rec } from './records.ts';
import { plainHeader } from './shape.ts';

/** What a column of an import may be, and the headers by which it is recognised unasked. */
export interface Field<Cell extends CellSchema = CellSchema> {
  readonly cell: Cell;
  /** Headers, compared without case, blanks and punctuation; the field's own name is one of them. */
  readonly headers: readonly string[];
  readonly required?: boolean;
}

export type Fields = Readonly<Record<string, Field>>;

/** Which column of the file holds which field: field → header. */
export type Mapping = Readonly<Record<string, string>>;

/**
 * A row's values: undefined where the file has no such column (nothing is said), null where the
 * cell is empty (nothing is there).
 */
export type Values<Of extends Fields> = {
  readonly [Name in keyof Of]?: z.output<Of[Name]['cell']> | null;
};

export interface Table<Of extends Fields> {
  readonly header: readonly string[];
  readonly mapping: Mapping;
  /** As read, for the eye; the first few rows. */
  readonly sample: readonly (readonly string[])[];
  readonly rows: readonly { readonly line: number; readonly values: Values<Of> }[];
  readonly problems: readonly RowProblem[];
}

/**
 * Reads a table from CSV text (RFC 4180, with comma, semicolon or tab). All or nothing: rows count
 * only where `problems` is empty.
 *
 * The first record is the header, unless no field recognises any of it and no mapping speaks of it;
 * the columns are then called 1, 2, 3, ….
 */
export function readTable<Of extends Fields>(
  text: string,
  fields: Of,
  wanted: Mapping = {},
): Table<Of> {
  const isKnown = headersKnownTo(fields, wanted);
  const cut = cutRecords(text, isKnown);
  if ('problem' in cut) return { ...nothing, problems: [cut.problem] };
  const [first] = cut.records;
  if (!first) return { ...nothing, problems: [{ line: 1, column: '', code: 'empty', params: {} }] };
  const hasHeader = first.cells.some(isKnown);
  const header = hasHeader ? first.cells : first.cells.map((_, at) => String(at + 1));
  const records = hasHeader ? cut.records.slice(1) : cut.records;
  const mapping = mappingOf(header, fields, wanted);
  const problems = mappingProblems(header, mapping, fields, first.line);
  const rows = problems.length
    ? []
    : records.map((record) => readRow(record, header, mapping, fields, problems));
  return { header, mapping, sample: records.slice(0, 5).map(({ cells }) => cells), rows, problems };
}

const nothing = { header: [], mapping: {}, sample: [], rows: [] };

function headersOf(name: string, field: Field): Set<string> {
  return new Set([name, ...field.headers].map(plainHeader));
}

/** Whether a column called so is one that a field recognises, or that the reader spoke of. */
export function headersKnownTo(fields: Fields, wanted: Mapping = {}): (cell: string) => boolean {
  const spokenOf = new Set(Object.values(wanted));
  const known = Object.entries(fields).map(([name, field]) => headersOf(name, field));
  return (cell) => spokenOf.has(cell) || known.some((headers) => headers.has(plainHeader(cell)));
}

/** What the reader chose wins; for the rest the first column that a field recognises. */
function mappingOf(header: readonly string[], fields: Fields, wanted: Mapping): Mapping {
  const mapping: Record<string, string> = {};
  const taken = new Set(Object.values(wanted));
  for (const [name, field] of Object.entries(fields)) {
    const chosen = wanted[name];
    // An empty choice says: this field is not in the file.
    if (chosen !== undefined) {
      if (chosen !== '') mapping[name] = chosen;
      continue;
    }
    const headers = headersOf(name, field);
    const found = header.find((column) => headers.has(plainHeader(column)) && !taken.has(column));
    if (found === undefined) continue;
    mapping[name] = found;
    taken.add(found);
  }
  return mapping;
}

function mappingProblems(
  header: readonly string[],
  mapping: Mapping,
  fields: Fields,
  line: number,
): RowProblem[] {
  const problems: RowProblem[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const column = mapping[name];
    if (column === undefined && field.required) {
      problems.push({ line, column: '', code: 'noColumn', params: { field: name } });
    }
    if (column !== undefined && !header.includes(column)) {
      problems.push({ line, column, code: 'unknownColumn', params: {} });
    }
  }
  return problems;
}

function readRow<Of extends Fields>(
  record: Rec,
  header: readonly string[],
  mapping: Mapping,
  fields: Of,
  problems: RowProblem[],
): { line: number; values: Values<Of> } {
  const { line, cells } = record;
  if (cells.length !== header.length) {
    const params = { found: cells.length, expected: header.length };
    problems.push({ line, column: '', code: 'columns', params });
    return { line, values: {} };
  }
  const values: Record<string, unknown> = {};
  for (const [name, column] of Object.entries(mapping)) {
    const field = fields[name];
    const cell = cells[header.indexOf(column)] ?? '';
    if (!field) continue;
    if (cell === '') {
      values[name] = null;
      if (field.required) problems.push({ line, column, code: 'missing', params: {} });
      continue;
    }
    const parsed = field.cell.safeParse(cell);
    if (parsed.success) values[name] = parsed.data;
    else problems.push({ line, column, ...problemOf(parsed.error) });
  }
  return { line, values: values as Values<Of> };
}

function problemOf(error: z.ZodError): Pick<RowProblem, 'code' | 'params'> {
  const [issue] = error.issues;
  const said = (issue as { params?: { code: ProblemCode; with: RowProblem['params'] } }).params;
  return said ? { code: said.code, params: said.with } : { code: 'missing', params: {} };
}
