import { describe, expect, it } from 'vitest';
import { objectionsOf } from './fixture.ts';
import { lockfile } from './lockfile.ts';

const judge = (packages: unknown) =>
  objectionsOf(lockfile, { 'package-lock.json': JSON.stringify({ packages }, null, 2) });

describe('the lock file', () => {
  it('may nest what two packages want in two versions', () => {
    expect(
      judge({
        '': { dependencies: { a: '1.0.0', b: '2.0.0' } },
        'node_modules/a': { version: '1.0.0', dependencies: { '@x/b': '^1.0.0' } },
        'node_modules/b': { version: '2.0.0', optionalDependencies: { '@x/b': '9.0.0' } },
        'node_modules/@x/b': { version: '1.4.0' },
        'node_modules/b/node_modules/@x/b': { version: '9.0.0' },
      }),
    ).toEqual([]);
  });

  it.each([
    [{ '': { devDependencies: { a: '1.0.0' } } }, 'leaves out a, which this project asks for'],
    [
      {
        '': { dependencies: { a: '1.0.0' } },
        'node_modules/a': { version: '1.0.0', optionalDependencies: { 'a-darwin': '1.0.0' } },
      },
      'leaves out a-darwin, which node_modules/a asks for',
    ],
    [
      { '': { dependencies: { a: '1.0.0' } }, 'node_modules/a': { version: '1.1.0' } },
      'has a 1.1.0 where this project asks for 1.0.0',
    ],
    [
      {
        '': { dependencies: { a: '1.0.0' } },
        'node_modules/a': { version: '1.0.0', resolved: 'https://mirror.example.com/a.tgz' },
      },
      'says where node_modules/a came from',
    ],
  ])('objects to %j', (packages, message) => {
    const found = judge(packages);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });
});
