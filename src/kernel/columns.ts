import { type RawBuilder, sql } from 'kysely';

/**
 * Rows to write or to look for, in thousands: each column travels as one binary array, which neither
 * side has to escape or parse as JSON. Stands behind `from` and is called `t`; every column is `text`,
 * to be cast by whoever selects it.
 *
 * @param columns by name, what a row has there
 */
export function rowsAsColumns<Row>(
  rows: readonly Row[],
  columns: Readonly<Record<string, (row: Row) => string | null>>,
): RawBuilder<unknown> {
  const arrays = Object.values(columns).map((of) => texts(rows.map(of)));
  const names = Object.keys(columns).map((name) => sql.ref(name));
  return sql`unnest(${sql.join(arrays)}) as t (${sql.join(names)})`;
}

/** Any number of texts as one value of type `text[]`. */
export function texts(values: readonly (string | null)[]): RawBuilder<readonly string[]> {
  return sql`${textArray(values)}::text[]`;
}

/** `{"a","b"}`: a list inside of a column, to be cast to `text[]` (PostgreSQL, "Array Input and Output Syntax"). */
export function arrayLiteral(values: readonly string[]): string {
  if (values.length === 0) return '{}';
  return `{${values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

/** Type `text` in PostgreSQL's catalogue (pg_type.dat). */
const typeOfText = 25;
const headBytes = 20;

/** One dimension of texts as `array_recv` of PostgreSQL takes it; pg sends a Buffer in binary form. */
function textArray(values: readonly (string | null)[]): Buffer {
  let bytes = headBytes;
  for (const value of values) bytes += 4 + (value === null ? 0 : Buffer.byteLength(value));
  const array = Buffer.allocUnsafe(bytes);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  array.writeInt32BE(typeOfText, 8);
  array.writeInt32BE(values.length, 12);
  array.writeInt32BE(1, 16);
  let at = headBytes;
  for (const value of values) {
    if (value === null) {
      at = array.writeInt32BE(-1, at);
      continue;
    }
    const written = array.write(value, at + 4);
    array.writeInt32BE(written, at);
    at += 4 + written;
  }
  return array;
}
