/** What of a file was asked for. */
export type Asked =
  | { readonly kind: 'whole' }
  /** Bytes `from` up to, not including, `to`. */
  | { readonly kind: 'part'; readonly from: number; readonly to: number }
  /** 416: the file has none of these bytes. */
  | { readonly kind: 'none' };

/**
 * A `Range` of one piece (RFC 9110, section 14.2). Of several, or another unit, the whole is answered,
 * as section 14.2 allows; and where `If-Range` names another version (section 13.1.5).
 */
export function askedRange(
  header: string | undefined,
  ifRange: string | undefined,
  tag: string,
  size: number,
): Asked {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!found || (ifRange !== undefined && ifRange !== tag)) return { kind: 'whole' };
  const [, first = '', last = ''] = found;
  if (first === '' && last === '') return { kind: 'whole' };
  if (first === '') {
    const length = Math.min(size, Number(last));
    return length === 0 ? { kind: 'none' } : { kind: 'part', from: size - length, to: size };
  }
  const from = Number(first);
  if (last !== '' && Number(last) < from) return { kind: 'whole' };
  if (from >= size) return { kind: 'none' };
  return { kind: 'part', from, to: last === '' ? size : Math.min(size, Number(last) + 1) };
}
