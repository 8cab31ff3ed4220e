import { expect, test } from 'vitest';
import { describeDevice } from './identity/describeDevice.ts';
import { safeNext } from './safeNext.ts';
import { byRoom } from './words/rooms.ts';

test.each([
  ['/console/people?q=a', '/console/people?q=a'],
  ['//evil.example/x', '/console'],
  ['/\\evil.example', '/console'],
  ['https://evil.example', '/console'],
  ['javascript:alert(1)', '/console'],
  [undefined, '/console'],
])('after signing in, %s leads to %s', (next, path) => {
  expect(safeNext(next)).toBe(path);
});

test('words are named by their folder', () => {
  const files = {
    '../../ui/words.en.json': 1,
    '../words.en.json': 2,
    '../../clauses/access/words.en.json': 3,
    '../../registers/people/words.ja.json': 4,
  };
  expect(byRoom(files)).toEqual({ ui: 1, web: 2, 'clauses/access': 3, 'registers/people': 4 });
});

test('a device is told by system and browser', () => {
  expect(
    describeDevice(
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/19.0 Safari/605.1.15',
    ),
  ).toBe('Mac, Safari');
  expect(
    describeDevice(
      'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0',
    ),
  ).toBe('Windows, Edge');
  expect(describeDevice('')).toBe('');
});
