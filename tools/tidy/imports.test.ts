import { describe, expect, it } from 'vitest';
import { objectionsOf } from './fixture.ts';
import { imports } from './imports.ts';

const judge = (path: string, text: string) => objectionsOf(imports, { [path]: text });

describe('the import table', () => {
  it.each([
    ['src/kernel/id.ts', `import { invariant } from './invariant.ts';`],
    [
      'src/policy/check.ts',
      `import type { RawBuilder } from 'kysely'; import { now } from '../kernel/instant.ts';`,
    ],
    [
      'src/registers/people/store.ts',
      `import { sql } from 'kysely'; import { openTasks } from '../tasks/store.ts';`,
    ],
    [
      'src/clauses/access/flow.ts',
      `import { ok } from '../../kernel/result.ts'; import type { Event } from '../../policy/event.ts'; import { open } from './facts.ts';`,
    ],
    [
      'src/clauses/access/store.ts',
      `import { sql } from 'kysely'; import { find } from '../../registers/people/store.ts';`,
    ],
    [
      'src/clauses/access/page.review.tsx',
      `import { List } from '../../ui/List.tsx'; import type { routes } from './routes.ts';`,
    ],
    [
      'src/clauses/access/checks.test.ts',
      `import { testWorld } from '../../platform/testing/world.ts'; import { it } from 'vitest';`,
    ],
    [
      'src/connectors/entra/read.ts',
      `import type { Seen } from '../../registers/accounts/facts.ts';`,
    ],
    [
      'src/server/app.ts',
      `import { access } from '../clauses/access/clause.ts'; import { keys } from '../platform/keys.ts';`,
    ],
    [
      'src/web/main.tsx',
      `const page = () => import('../clauses/access/page.tsx'); import type { Api } from '../server/api.ts';`,
    ],
    [
      'src/cli/main.ts',
      `import { verify } from '../../verify/verify.ts'; import type { Ready } from '../server/start.ts';`,
    ],
    [
      'verify/main.ts',
      `import { createHash } from 'node:crypto'; import { leaf } from './merkle.ts';`,
    ],
    ['verify/main.test.ts', `import { it } from 'vitest';`],
    ['src/platform/export.test.ts', `import { verify } from '../../verify/verify.ts';`],
    ['tools/x.ts', `import { anything } from '../src/server/app.ts';`],
  ])('lets %s look where it may', (path, text) => {
    expect(judge(path, text)).toEqual([]);
  });

  it.each([
    ['src/kernel/id.ts', `import { leaf } from '../ledger/hash.ts';`],
    ['src/ledger/entry.ts', `import { sql } from '../platform/postgres.ts';`],
    ['src/ui/List.tsx', `import type { Person } from '../registers/people/facts.ts';`],
    ['src/registers/people/store.ts', `import { review } from '../../clauses/access/store.ts';`],
    ['src/clauses/access/store.ts', `import type { Version } from '../publication/facts.ts';`],
    ['src/clauses/access/store.ts', `import { execute } from '../../platform/execute.ts';`],
    ['src/clauses/access/flow.ts', `import { sql } from 'kysely';`],
    ['src/clauses/access/flow.ts', `import { load } from './store.ts';`],
    ['src/clauses/access/flow.ts', `import { find } from '../../registers/people/store.ts';`],
    ['src/clauses/access/clause.ts', `import { sql } from 'kysely';`],
    ['src/clauses/access/routes.ts', `import { List } from '../../ui/List.tsx';`],
    ['src/clauses/access/page.tsx', `import { routes } from './routes.ts';`],
    ['src/clauses/access/page.tsx', `import { load } from './store.ts';`],
    ['src/connectors/entra/read.ts', `import { write } from '../../registers/accounts/store.ts';`],
    ['src/connectors/entra/read.ts', `import { get } from '../github/read.ts';`],
    ['src/platform/execute.ts', `import { people } from '../registers/people/store.ts';`],
    ['src/platform/export.ts', `import { verify } from '../../verify/verify.ts';`],
    ['src/ledger/tile.test.ts', `import { verify } from '../../verify/verify.ts';`],
    ['src/server/app.ts', `import { render } from '../web/render.tsx';`],
    ['src/sim/main.ts', `export * from '../cli/main.ts';`],
    ['src/web/main.tsx', `import { start } from '../server/start.ts';`],
    ['src/web/main.tsx', `import { load } from '../clauses/access/store.ts';`],
    ['src/cli/main.ts', `const start = await import('../server/start.ts');`],
    ['verify/main.ts', `import { z } from 'zod';`],
    ['verify/main.ts', `import { leaf } from '../src/ledger/hash.ts';`],
    ['verify/main.test.ts', `import { leaf } from '../src/ledger/hash.ts';`],
  ])('objects to %s with %s', (path, text) => {
    expect(judge(path, text)).toHaveLength(1);
  });

  it('objects to a file in no room, and counts what it saw', () => {
    const files = { 'src/elsewhere/a.ts': `import { a } from './b.ts';` };
    expect(objectionsOf(imports, files)).toEqual([
      'src/elsewhere/a.ts:1 lies in no room of the house',
    ]);
  });

  it('names the line', () => {
    expect(judge('src/kernel/id.ts', `\n\nimport { a } from '../policy/a.ts';`)).toEqual([
      'src/kernel/id.ts:3 kernel may not import policy (src/policy/a.ts)',
    ]);
  });
});
