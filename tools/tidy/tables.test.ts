import { describe, expect, it } from 'vitest';
import { objectionsOf } from './fixture.ts';
import { tables } from './tables.ts';

const schema = {
  'src/platform/migrations/0001.sql': 'create table ledger_entry (id uuid);',
  'src/registers/people/migrations/0001.sql':
    'create table person (id uuid, manager_id uuid references person);',
  'src/clauses/access/migrations/0001.sql':
    'create table if not exists campaign (id uuid, owner uuid references person (id));',
  'src/clauses/publication/migrations/0001.sql':
    'create table acknowledgement (id uuid, person_id uuid references person);',
};
const judge = (path: string, query: string) =>
  objectionsOf(tables, { ...schema, [path]: `const q = sql\`${query}\`;` });

describe('tables and their owners', () => {
  it.each([
    ['src/clauses/access/store.ts', 'insert into campaign (id) select id from person'],
    ['src/clauses/access/checks.ts', 'select 1 from campaign c join person p on p.id = c.owner'],
    ['src/clauses/access/checks.test.ts', 'insert into person (id) values ($)'],
    ['src/clauses/access/sim.ts', 'select 1 from campaign'],
    ['src/registers/people/store.ts', 'update person set name = $'],
    ['src/registers/tasks/store.ts', 'select 1 from person'],
    ['src/platform/ledger.ts', 'delete from ledger_entry'],
    ['src/server/status.ts', 'select 1 from campaign, person'],
    ['src/server/tick.ts', 'insert into ledger_entry (id) values ($)'],
    ['src/sim/invariants.ts', 'select 1 from acknowledgement'],
    [
      'src/clauses/access/store.ts',
      'with acknowledgement as (select 1) select * from acknowledgement',
    ],
    ['src/clauses/access/store.ts', 'select id from campaign for update skip locked'],
    [
      'src/clauses/access/store.ts',
      'insert into campaign (id) values ($) on conflict (id) do update set id = $',
    ],
    ['src/platform/mail/deliver.ts', 'select name from person where id = $'],
  ])('lets %s say: %s', (path, query) => {
    expect(judge(path, query)).toEqual([]);
  });

  it.each([
    ['src/clauses/access/store.ts', 'select 1 from acknowledgement'],
    ['src/clauses/access/store.ts', 'select 1 from person join acknowledgement using (id)'],
    ['src/clauses/access/store.test.ts', 'delete from acknowledgement'],
    ['src/clauses/access/store.ts', 'update person set name = $'],
    ['src/clauses/access/store.ts', 'insert into ledger_entry (id) values ($)'],
    ['src/clauses/access/flow.ts', 'select 1 from campaign'],
    ['src/registers/people/store.ts', 'select 1 from campaign'],
    ['src/registers/tasks/store.ts', 'delete from person'],
    ['src/platform/ledger.ts', 'delete from person'],
    ['src/platform/mail/deliver.ts', 'update person set name = $'],
    ['src/server/status.ts', 'delete from campaign'],
    ['src/sim/people.ts', 'insert into person (id) values ($)'],
    ['src/web/main.tsx', 'select 1 from person'],
  ])('objects to %s saying: %s', (path, query) => {
    expect(judge(path, query)).toHaveLength(1);
  });

  it('sees a statement without a tag', () => {
    const files = {
      ...schema,
      'src/clauses/access/store.ts': `client.query('select * from acknowledgement')`,
    };
    expect(objectionsOf(tables, files)).toEqual([
      'src/clauses/access/store.ts:1 table acknowledgement belongs to clauses/publication',
    ]);
  });

  it('lets the command line keep a SQLite file of its own, and nobody else', () => {
    const text = `import 'node:sqlite'; file.prepare('select 1 from campaign')`;
    const judged = (path: string, content: string) =>
      objectionsOf(tables, { ...schema, [path]: content });
    expect(judged('src/cli/store.ts', text)).toEqual([]);
    expect(judged('src/cli/store.ts', text.replace('node:sqlite', 'node:fs'))).toHaveLength(1);
    expect(judged('src/registers/tasks/store.ts', text)).toHaveLength(1);
  });

  it.each([
    'create table campaign (id uuid);',
    'alter table campaign add column x text;',
    'create table receipt (id uuid references campaign);',
  ])('objects to the migration of another clause: %s', (statement) => {
    expect(
      objectionsOf(tables, { ...schema, 'src/clauses/publication/migrations/0002.sql': statement }),
    ).toHaveLength(1);
  });
});
