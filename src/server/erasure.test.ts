import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { ask, decide } from '../clauses/customer-data/acts.fixture.ts';
import { acme, as, company, who } from '../clauses/customer-data/cases.fixture.ts';
import type { Db } from '../kernel/db.ts';
import { contextFor, execute } from '../platform/execute.ts';
import { readEntry } from '../platform/ledger/reading.ts';
import { testWorld } from '../platform/testing/world.ts';
import { personFlow } from '../registers/people/store.ts';
import { erasure } from './erasure.ts';
import { tick } from './tick.ts';

test('erasing a person leaves their entries, and nothing that says who it was', async () => {
  const world = await testWorld();
  const rooms = { registers: [erasure], clauses: [] };
  const actor = { kind: 'system', id: 'test' } as const;
  const registered = await execute(
    world,
    personFlow,
    personFlow.command.parse({
      do: 'registerPerson',
      person: { name: 'Hanako Example', email: 'hanako@example.com' },
    }),
    actor,
  );
  const id = registered.ok ? (registered.value[0]?.subject.split('/')[1] ?? '') : '';
  await tick(world, rooms);
  const before = await readEntry(world.database.db, 0);
  expect(before?.opened.map(({ value }) => value)).toContain('Hanako Example');

  await execute(world, personFlow, { do: 'endEmployment', id, endsOn: '2025-12-31' }, actor);
  expect(await execute(world, personFlow, { do: 'erasePerson', id }, actor)).toMatchObject({
    ok: true,
  });
  await tick(world, rooms);
  const after = await readEntry(world.database.db, 0);
  expect(after?.bytes).toEqual(before?.bytes);
  expect(after?.opened).toEqual([]);
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from ledger_private where about = ${id}`.execute(world.database.db);
  expect(rows[0]?.n).toBe(0);
});

test('an erased person stands in no column of any table, nor what they were called outside', async () => {
  const world = await testWorld();
  const { db } = world.database;
  const actor = { kind: 'system', id: 'test' } as const;
  const said = ['Canary Featherstone', 'canary@example.com', 'c.canary@tenant.example', 'fcanary'];
  const [name, email, upn, login] = said as [string, string, string, string];
  const registered = await execute(
    world,
    personFlow,
    personFlow.command.parse({ do: 'registerPerson', person: { name, email } }),
    actor,
  );
  const id = registered.ok ? (registered.value[0]?.subject.split('/')[1] ?? '') : '';
  const [system, connection, entitlement, origin] = [1, 2, 3, 4].map(() => world.newId());
  await sql`insert into system (id, key, name) values (${system}, 'entra', 'Entra')`.execute(db);
  await sql`
    insert into connection (id, system_id, kind, settings, secret, secret_at, every_hours, created_at)
    values (${connection}, ${system}, 'entra', '{}', '', ${world.now()}, 24, ${world.now()})`.execute(
    db,
  );
  await sql`insert into entitlement (id, system_id, name) values (${entitlement}, ${system}, 'Readers')`.execute(
    db,
  );
  for (const [no, account] of [upn, login].entries()) {
    const accountId = world.newId();
    await sql`
      insert into account (id, system_id, name, source_key, person_id)
      values (${accountId}, ${system}, ${account}, ${`key of ${account}`}, ${id})`.execute(db);
    await sql`
      insert into revoke_order (origin_id, no, account_id, entitlement_id, system_id, ordered_at, due_at)
      values (${origin}, ${no}, ${accountId}, ${entitlement}, ${system}, ${world.now()}, ${world.now()})`.execute(
      db,
    );
    await sql`
      insert into connection_act
        (id, connection_id, origin_id, no, ordered_at, act, account, target, state, asked_at, detail)
      values (${world.newId()}, ${connection}, ${origin}, ${no}, ${world.now()}, 'removeHeld', ${account},
        ${`arn:aws:iam::1:user/${account}`}, 'failed', ${world.now()}, ${`refused: ${account} is not there`})`.execute(
      db,
    );
  }
  const rooms = { registers: [erasure], clauses: [] };
  await tick(world, rooms);
  expect((await tablesNaming(db, said)).toSorted()).toEqual([
    'account',
    'connection_act',
    'ledger_private',
    'person',
  ]);
  await execute(world, personFlow, { do: 'endEmployment', id, endsOn: '2025-12-31' }, actor);
  await execute(world, personFlow, { do: 'erasePerson', id }, actor);
  await tick(world, rooms);
  expect(await tablesNaming(db, said)).toEqual([]);
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from connection_act where state = 'failed'`.execute(db);
  expect(rows[0]?.n).toBe(2);
});

/** Tables of which any column of any row has one of some words, as text or as bytes. */
async function tablesNaming(db: Db, words: readonly string[]): Promise<readonly string[]> {
  const { rows: tables } = await sql<{ schema: string; name: string }>`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`.execute(
    db,
  );
  expect(tables.length).toBeGreaterThan(100);
  const shapes = words.flatMap((word) => [word, Buffer.from(word).toString('hex')]);
  const found: string[] = [];
  for (const { schema, name } of tables) {
    const { rows } = await sql`
      select from ${sql.table(`${schema}.${name}`)} row
      where row::text ilike any(${shapes.map((shape) => `%${shape}%`)}::text[]) limit 1`.execute(
      db,
    );
    if (rows.length > 0) found.push(name);
  }
  return found;
}

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('RET-6: with a case goes what was written about it, and the consent that it rested on', async () => {
  const world = await company();
  const { db } = world.database;
  const consent = Buffer.from('a scanned page').toString('base64');
  const shared = Buffer.from('one page for both').toString('base64');
  const given = { basis: 'consent', basisReference: 'p. 1' };
  const first = await ask(world, as('sami'), { ...given, consent });
  const second = await ask(world, as('sami'), { ...given, consent: shared });
  const third = await ask(world, as('sami'), { ...given, consent: shared });
  for (const { id } of [first, second]) await decide(world, as('cora'), id, 'refuse');
  const left = async () => {
    const { rows } = await sql<{ subject: string; fields: string[] }>`
      select subject, array_agg(field order by field) as fields
      from ledger_private join ledger_entry on ledger_entry.id = entry_id
      where subject like 'case/%' group by subject`.execute(db);
    return new Map(rows.map(({ subject, fields }) => [subject.slice(5), fields]));
  };
  const papers = async () => {
    const { rows } = await sql<{ sha256: Buffer }>`select sha256 from blob`.execute(db);
    const there = new Set(rows.map(({ sha256 }) => sha256.toString('hex')));
    return [consent, shared].map((text) => there.has(digestOf(Buffer.from(text, 'base64'))));
  };
  expect([...(await left()).keys()]).toHaveLength(3);
  expect(await papers()).toEqual([true, true]);
  await sql`delete from case_scope where case_id in (${first.id}, ${second.id})`.execute(db);
  await sql`delete from customer_case where id in (${first.id}, ${second.id})`.execute(db);
  const react = erasure.reactions?.['RecordsDisposed'];
  const said = { body: { kind: 'cases' } } as unknown as Parameters<NonNullable<typeof react>>[1];
  await react?.({ db } as Parameters<NonNullable<typeof react>>[0], said);
  expect([...(await left()).keys()]).toEqual([third.id]);
  expect(await papers()).toEqual([false, true]);
});

test.each([
  ['PersonErased', { subject: `person/${who.sami}`, body: {} }, 'requester'],
  ['RecordsDisposed', { subject: 'disposal/x', body: { kind: 'closedAccounts' } }, 'customer'],
] as const)(
  'after %s no task and no finding about a case bears the name',
  async (type, said, gone) => {
    const world = await company();
    const { db } = world.database;
    const { id } = await ask(world, as('sami'));
    await sql`
    insert into finding (id, check_id, promise, subject_kind, subject_id, label, detail, opened_at, due_at)
    values (${world.newId()}, 'x', 'CUS-3', 'case', ${id}, 'Sample · Person', '{"at": "x"}', ${world.now()}, ${world.now()})`.execute(
      db,
    );
    const named = async () => {
      const { rows } = await sql<{ name: string | null; label: string }>`
      select detail ->> ${gone}::text as name, (select label from finding where subject_id = ${id}) as label
      from task where subject = ${`case/${id}`} limit 1`.execute(db);
      return rows[0];
    };
    expect(await named()).toMatchObject({ name: expect.any(String), label: 'Sample · Person' });
    if (gone === 'customer')
      await sql`update customer set name = null where id = ${acme}`.execute(db);
    const react = erasure.reactions?.[type];
    const context = await contextFor(world, { kind: 'system', id: 'test' });
    await react?.(
      { db, context } as Parameters<NonNullable<typeof react>>[0],
      said as unknown as Parameters<NonNullable<typeof react>>[1],
    );
    expect(await named()).toEqual({ name: null, label: '' });
  },
);
