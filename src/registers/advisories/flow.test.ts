import { describe, expect, test } from 'vitest';
import { coveredBy, type KnownImport } from './flow.ts';

const counts = { added: 0, changed: 0, unchanged: 0, withdrawn: 0 };
const known = (read: number, more: Partial<KnownImport> = {}): KnownImport => ({
  id: 'i',
  kind: 'osv',
  state: 'running',
  holder: null,
  digest: '',
  read,
  refused: 0,
  ...counts,
  ...more,
});

describe('what an import brings up to date', () => {
  const npm = (taken: number, whole = 100) => [{ ecosystem: 'npm', taken, known: whole }];
  const both = [...npm(100), { ecosystem: 'Go', taken: 49, known: 100 }];
  test.each([
    ['a file that is all of it', known(100), [], npm(100), null, ['npm']],
    ['one that shrank a little', known(50), [], npm(50), null, ['npm']],
    ['one that is far less than what is known', known(49), [], npm(49), null, []],
    ['one that has much, of something else', known(100), [], npm(0), null, []],
    ['one of something else, where nothing is known', known(100), [], npm(0, 0), null, []],
    ['one that is all of one, and far less of another', known(149), [], both, null, ['npm']],
    ['one with nothing in it', known(0), [], npm(0, 0), null, []],
    ['one that did not come to its end', known(100), [], npm(100), 'interrupted', []],
    ['one of which nobody said so', known(100), [], [], null, []],
    ['the catalogue of what is exploited', known(100, { kind: 'kev' }), [], npm(100), null, []],
    ['a feed without news', known(0), ['npm', 'Go'], [], null, ['Go', 'npm']],
    ['a feed that could not read one of them', known(3), ['npm'], [], 'feedRefused', ['npm']],
  ] as const)('%s', (_, found, readWhole, said, problem, covered) => {
    expect(coveredBy({ known: found, readWhole, said }, problem)).toEqual(covered);
  });
});
