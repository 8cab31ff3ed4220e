import { describe, expect, it } from 'vitest';
import { objectionsOf } from './fixture.ts';
import { names } from './names.ts';

describe('names', () => {
  it.each([
    'src/utils/a.ts',
    'src/kernel/date-helpers.ts',
    'src/platform/KeyManager.ts',
    'docs/info.md',
    'tools/common.mjs',
  ])('objects to the path %s', (path) => {
    expect(objectionsOf(names, { [path]: '' })).toHaveLength(1);
  });

  it.each([
    'export const userData = 1;',
    'export function stringUtils() {}',
    'export class MailService {}',
    'export type HTTPInfo = 1;',
    'const data = 1; export { data };',
  ])('objects to %s', (text) => {
    expect(objectionsOf(names, { 'a.ts': text })).toHaveLength(1);
  });

  it('leaves other words, names inside and names of others alone', () => {
    const text = `export const metadata = 1; export const database = 2; const data = 3; export { data as answer } from 'pkg';`;
    expect(objectionsOf(names, { 'src/clauses/customer-data/a.ts': text })).toEqual([]);
  });
});
