import { describe, expect, it } from 'vitest';
import { cycles } from './cycles.ts';
import { objectionsOf } from './fixture.ts';

describe('import cycles', () => {
  it('finds one over three files, through a re-export', () => {
    const files = {
      'src/a.ts': `import { b } from './b.ts';`,
      'src/b.ts': `export { c } from './deep/c.ts';`,
      'src/deep/c.ts': `\nimport '../a.ts';`,
    };
    expect(objectionsOf(cycles, files)).toEqual([
      'src/deep/c.ts:2 import cycle src/a.ts → src/b.ts → src/deep/c.ts → src/a.ts',
    ]);
  });

  it('counts an import whose names alone are types: it still loads the module', () => {
    const files = { 'a.ts': `import { type B } from './b.ts';`, 'b.ts': `import './a.ts';` };
    expect(objectionsOf(cycles, files)).toHaveLength(1);
  });

  it('does not count what is erased or comes later', () => {
    const files = {
      'a.ts': `import type { B } from './b.ts'; import { c } from './c.ts';`,
      'b.ts': `import { a } from './a.ts'; export type { C } from './c.ts';`,
      'c.ts': `const a = () => import('./a.ts');`,
    };
    expect(objectionsOf(cycles, files)).toEqual([]);
  });

  it('does not take a diamond for a cycle', () => {
    const files = {
      'a.ts': `import './b.ts'; import './c.ts';`,
      'b.ts': `import './d.ts';`,
      'c.ts': `import './d.ts';`,
      'd.ts': '',
    };
    expect(objectionsOf(cycles, files)).toEqual([]);
  });
});
