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
  const npm = { covers: ['npm'], known: 100 };
  const nothing = { covers: [], known: 0 };
  test.each([
    ['a file that is all of it', known(100), [], npm, null, ['npm']],
    ['one that shrank a little', known(50), [], npm, null, ['npm']],
    ['one that is far less than what is known', known(49), [], npm, null, []],
    ['one of which most is set aside', known(100, { refused: 51 }), [], npm, null, []],
    ['one with nothing in it', known(0), [], { covers: ['npm'], known: 0 }, null, []],
    ['one that did not come to its end', known(100), [], npm, 'interrupted', []],
    ['one of which nobody said so', known(100), [], nothing, null, []],
    ['the catalogue of what is exploited', known(100, { kind: 'kev' }), [], npm, null, []],
    ['a feed without news', known(0), ['npm', 'Go'], nothing, null, ['Go', 'npm']],
    ['a feed that could not read one of them', known(3), ['npm'], nothing, 'feedRefused', ['npm']],
  ] as const)('%s', (_, found, readWhole, said, problem, covered) => {
    expect(coveredBy({ known: found, readWhole, said }, problem)).toEqual(covered);
  });
});
