import { describe, expect, it } from 'vitest';
import { objectionsOf } from './fixture.ts';
import { promises } from './promises.ts';

const folder = 'src/clauses/access';
const clause = {
  [`${folder}/policy.en.md`]: ':promise[Reviewed]{#ACC-1}. :promise[Removed]{#ACC-2}.',
  [`${folder}/policy.ja.md`]: ':promise[確認する]{#ACC-1}。:promise[取り除く]{#ACC-2}。',
  [`${folder}/clause.ts`]: `export const access = {
    promises: { 'ACC-1': { iso27001: [] }, 'ACC-2': { iso27001: [] } },
    upholders: [guard({ id: 'nobodyReviewsTheirOwn', promise: 'ACC-1', states })],
  };`,
  [`${folder}/flow.test.ts`]: `it('ACC-1: nobodyReviewsTheirOwn', () => {});`,
};

describe('promises', () => {
  it('accepts a clause that says, declares and tests the same', () => {
    expect(objectionsOf(promises, clause)).toEqual([]);
  });

  it.each([
    [
      'a mark lost in Japanese',
      'policy.ja.md',
      ':promise[確認する]{#ACC-1}。',
      'ACC-2 is marked in the other language only',
    ],
    ['a mark set twice', 'policy.en.md', '{#ACC-1} {#ACC-2} {#ACC-1}', 'ACC-1 is marked twice'],
    [
      'a test that does not name the promise',
      'flow.test.ts',
      `it('nobodyReviewsTheirOwn')`,
      'no test beside it names it',
    ],
    [
      'a test that does not name the guard',
      'flow.test.ts',
      `it('ACC-1')`,
      'no test beside names the guard nobodyReviewsTheirOwn',
    ],
    [
      'a test of another id that begins alike',
      'flow.test.ts',
      `it('ACC-11 nobodyReviewsTheirOwn')`,
      'no test beside it names it',
    ],
    [
      'an undeclared promise',
      'clause.ts',
      `export const a = { promises: { 'ACC-1': {} } };`,
      'does not declare ACC-2',
    ],
    [
      'a promise declared without text',
      'clause.ts',
      `export const a = { promises: { 'ACC-1': {}, 'ACC-2': {}, 'ACC-3': {} } };`,
      'declares ACC-3',
    ],
  ])('objects to %s', (_, file, text, message) => {
    const found = objectionsOf(promises, { ...clause, [`${folder}/${file}`]: text });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  it('objects to a hole in the numbers, to a missing language and to an unknown promise', () => {
    const found = objectionsOf(promises, {
      [`${folder}/policy.en.md`]: '{#ACC-1} {#ACC-3}',
      [`${folder}/checks.ts`]: `export const a = { promise: 'ZZZ-9' };`,
    });
    expect(found.join('\n')).toContain('ACC-2 is missing between its neighbours');
    expect(found.join('\n')).toContain('no text in this language');
    expect(found.join('\n')).toContain(`ZZZ-9 stands in no clause's text`);
  });

  it('objects to one id in two clauses', () => {
    const twice = {
      ...clause,
      'src/clauses/email/policy.en.md': '{#ACC-1}',
      'src/clauses/email/policy.ja.md': '{#ACC-1}',
    };
    expect(objectionsOf(promises, twice)).toEqual([
      'src/clauses/email/policy.en.md:1 ACC-1 stands in src/clauses/access as well',
    ]);
  });
});
