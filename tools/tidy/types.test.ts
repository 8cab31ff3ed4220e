import { describe, expect, it } from 'vitest';
import { objectionsOf } from './fixture.ts';
import { types } from './types.ts';

describe('types', () => {
  it.each([
    'const a: any = 1;',
    'const a = b as Record<string, any>;',
    '// @ts-ignore\nconst a = 1;',
    '// @ts-expect-error\nconst a = 1;',
    '// @ts-expect-error: x\nconst a = 1;',
    '// @ts-nocheck: it is a long and old file\nconst a = 1;',
    '// biome-ignore lint/style/useConst:\nlet a = 1;',
    '// biome-ignore lint/style/useConst\nlet a = 1;',
  ])('objects to %s', (text) => {
    expect(objectionsOf(types, { 'a.ts': text })).toHaveLength(1);
  });

  it('accepts a silence that says why, and the word in prose', () => {
    const text =
      '// @ts-expect-error: the package has no types of its own\n// biome-ignore lint/a/b: the list is never reordered\n// any of them\nconst any = 1;';
    expect(objectionsOf(types, { 'a.ts': text })).toEqual([]);
  });
});
