/**
 * Where a page ended, opaque to the reader: base64url of a JSON object. It names the sort it was
 * made for, so that a cursor of another order is refused instead of quietly skipping rows, and
 * carries the total, so that only the first page of a walk counts.
 */
export interface Cursor {
  readonly sort: string;
  /** The sort column of the last row as PostgreSQL writes it; null where it was null. */
  readonly value: string | null;
  /** The key columns of the last row: what makes the order total. */
  readonly key: readonly string[];
  readonly total: number;
}

const limitCharacters = 4096;

export function writeCursor(cursor: Cursor): string {
  const { sort, value, key, total } = cursor;
  return Buffer.from(JSON.stringify([sort, value, key, total]), 'utf8').toString('base64url');
}

/** The cursor, or null where the text is none: cut short, edited, of another list. */
export function readCursor(text: string): Cursor | null {
  if (text.length > limitCharacters || !/^[\w-]+$/.test(text)) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
  if (!Array.isArray(parsed) || parsed.length !== 4) return null;
  const [sort, value, key, total] = parsed as unknown[];
  if (typeof sort !== 'string' || (value !== null && typeof value !== 'string')) return null;
  if (!Array.isArray(key) || !key.every((each) => typeof each === 'string')) return null;
  if (typeof total !== 'number' || !Number.isSafeInteger(total) || total < 0) return null;
  return { sort, value, key, total };
}
