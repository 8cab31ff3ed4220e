import { describe, expect, it } from 'vitest';
import { objectionsOf } from './fixture.ts';
import { tests } from './tests.ts';

describe('tests', () => {
  it.each([
    `vi.mock('./store.ts'); expect(1);`,
    `vi.useFakeTimers(); expect(1);`,
    `it.only('x', () => expect(1));`,
    `describe.skip('x', () => expect(1));`,
    `it.todo('x'); expect(1);`,
    `it('x', () => run());`,
  ])('objects to %s', (text) => {
    expect(objectionsOf(tests, { 'a.test.ts': text })).toHaveLength(1);
    expect(objectionsOf(tests, { 'a.ts': text })).toEqual([]);
  });

  it('accepts a test that asserts', () => {
    expect(
      objectionsOf(tests, { 'a.test.ts': `it.each([1])('x', (n) => { expect(n).toBe(1); });` }),
    ).toEqual([]);
  });
});
