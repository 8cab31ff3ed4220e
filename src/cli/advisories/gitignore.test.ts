import { describe, expect, it } from 'vitest';
import { isIgnored, readIgnoring } from './gitignore.ts';

describe('.gitignore', () => {
  it.each([
    ['build', 'a/build', true, true],
    ['build/', 'a/build', true, true],
    ['build/', 'a/build', false, false],
    ['/build', 'a/build', true, false],
    ['/build', 'build', true, true],
    ['a/*.lock', 'a/yarn.lock', false, true],
    ['a/*.lock', 'b/a/yarn.lock', false, false],
    ['a/**/yarn.lock', 'a/b/c/yarn.lock', false, true],
    ['**/fixtures', 'a/b/fixtures', true, true],
    ['a/**', 'a/b/c', false, true],
    ['*.lock\n!yarn.lock', 'a/yarn.lock', false, false],
    ['!yarn.lock\n*.lock', 'a/yarn.lock', false, true],
    ['go.[sm]um', 'go.sum', false, true],
    ['go.[!a]um', 'go.sum', false, true],
    ['go.?um', 'go.sum', false, true],
    ['# go.sum', 'go.sum', false, false],
    ['\\#a', '#a', false, true],
    ['(a|b)+$', 'a', false, false],
    ['[', '[', false, true],
  ])('%j passes %s over: folder %s, %s', (text, path, isFolder, expected) => {
    expect(isIgnored(path, isFolder, [readIgnoring('', text)])).toBe(expected);
  });

  it('counts for its own folder, and one below takes back what one above says', () => {
    const ignoring = [readIgnoring('', '*.lock'), readIgnoring('web/', '!yarn.lock')];
    expect(isIgnored('web/yarn.lock', false, ignoring)).toBe(false);
    expect(isIgnored('api/yarn.lock', false, ignoring)).toBe(true);
  });
});
