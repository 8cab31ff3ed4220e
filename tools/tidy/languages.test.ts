import { describe, expect, it } from 'vitest';
import { objectionsOf } from './fixture.ts';
import { languages } from './languages.ts';

const judge = (en: unknown, ja: unknown) =>
  objectionsOf(languages, {
    'src/ui/words.en.json': JSON.stringify(en, null, 2),
    'src/ui/words.ja.json': JSON.stringify(ja, null, 2),
  });

describe('languages', () => {
  it('accepts two that say the same, plural forms apart', () => {
    const en = {
      open: { items_one: '{{count}} item', items_other: '{{count}} items' },
      by: 'By {{name}}',
    };
    expect(judge(en, { open: { items_other: '{{count}}件' }, by: '{{name}}による' })).toEqual([]);
  });

  it.each([
    [{ a: 'A', b: 'B' }, { a: 'あ' }, 'src/ui/words.en.json:3 b is missing in the other language'],
    [
      { a: 'A' },
      { a: 'あ', b: { c: 'い' } },
      'src/ui/words.ja.json:4 b.c is missing in the other language',
    ],
    [{ a: 'A' }, { a: ' ' }, 'src/ui/words.ja.json:2 a is empty'],
    [
      { a: 'By {{name}}' },
      { a: '担当者' },
      'src/ui/words.ja.json:2 a lacks {name} of the other language',
    ],
    [
      { a: 'By {name}' },
      { a: '担当者' },
      'src/ui/words.ja.json:2 a lacks {name} of the other language',
    ],
    [{ a: 'A' }, { a: 3 }, 'src/ui/words.ja.json:1 a is neither words nor a group of words'],
  ])('objects to %j beside %j', (en, ja, message) => {
    expect(judge(en, ja)).toContain(message);
  });

  it('objects to a language that is not there and to a file that is not JSON', () => {
    expect(objectionsOf(languages, { 'src/web/words.en.json': '{"a":"A"}' })).toEqual([
      'src/web/words.en.json:1 there is no src/web/words.ja.json',
    ]);
    expect(
      objectionsOf(languages, { 'src/web/words.en.json': '{', 'src/web/words.ja.json': '{}' })[0],
    ).toContain('not JSON');
  });
});
