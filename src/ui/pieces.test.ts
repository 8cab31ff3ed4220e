import { expect, test } from 'vitest';
import { parseSearch, stringifySearch } from './address.ts';
import { type DiffLine, foldSame } from './DiffView.tsx';
import { segmentsOf } from './StatusStrip.tsx';

test('the address keeps plain strings and drops what is empty', () => {
  const held = { q: '山田 & co', sort: '-name', open: '', page: undefined };
  expect(stringifySearch(held)).toBe('?q=%E5%B1%B1%E7%94%B0+%26+co&sort=-name');
  expect(parseSearch(stringifySearch(held))).toEqual({ q: '山田 & co', sort: '-name' });
  expect(stringifySearch({})).toBe('');
});

test('a strip begins unknown and ends where it is cut', () => {
  const day = (text: string) => Date.parse(text);
  const changes = [
    { at: '2026-02-01', status: 'kept' as const },
    { at: '2026-03-01', status: 'broken' as const },
    { at: '2027-01-01', status: 'kept' as const },
  ];
  expect(segmentsOf(changes, day('2026-01-01'), day('2026-04-01'))).toEqual([
    { status: 'unknown', start: day('2026-01-01'), end: day('2026-02-01') },
    { status: 'kept', start: day('2026-02-01'), end: day('2026-03-01') },
    { status: 'broken', start: day('2026-03-01'), end: day('2026-04-01') },
  ]);
  // What held before the strip begins still holds in it.
  expect(
    segmentsOf([{ at: '2020-01-01', status: 'kept' }], day('2026-01-01'), day('2026-04-01')),
  ).toEqual([{ status: 'kept', start: day('2026-01-01'), end: day('2026-04-01') }]);
});

test('unchanged lines are folded but for two around a change, and none is lost', () => {
  const line = (text: string, kind: DiffLine['kind'] = 'same'): DiffLine => ({
    kind,
    segments: [{ text }],
  });
  const lines = [...'abcdef']
    .map((text) => line(text))
    .concat(line('g', 'added'), line('h'), line('i'), line('j'));
  const parts = foldSame(lines);
  expect(
    parts.map((part) => ('line' in part ? part.line.segments[0]?.text : part.folded.length)),
  ).toEqual([4, 'e', 'f', 'g', 'h', 'i', 1]);
  expect(parts.flatMap((part) => ('line' in part ? [part.line] : part.folded))).toEqual(lines);
});
