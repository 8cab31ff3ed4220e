import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeDiscards, tellUnwraps } from './keeping.ts';
import { codeOf, foundProduct, openVaultAtTest, type VaultAtTest } from './testing.ts';

let vault: VaultAtTest;
beforeAll(async () => {
  vault = await openVaultAtTest();
});
afterAll(() => vault[Symbol.asyncDispose]());

const record = (key: string) => vault.at('collections', 'orders', 'records', key);

describe('a record', () => {
  test('is put, read, merged, conditioned and deleted by its key', async () => {
    const made = await vault.ask('PUT', record('見積 1'), { json: { a: 1, b: { c: [1, 2] } } });
    expect(made.status).toBe(201);
    const tag = made.headers.get('etag') ?? '';
    const merge = { json: { b: { c: null, d: 'x' } }, headers: { 'if-match': tag } };
    expect((await vault.ask('PATCH', record('見積 1'), merge)).status).toBe(200);
    expect(await (await vault.ask('GET', record('見積 1'))).json()).toEqual({
      a: 1,
      b: { d: 'x' },
    });
    expect((await vault.ask('PATCH', record('見積 1'), merge)).status).toBe(412);
    expect(
      (await vault.ask('PUT', record('見積 1'), { json: {}, headers: { 'if-none-match': '*' } }))
        .status,
    ).toBe(412);
    expect((await vault.ask('DELETE', record('見積 1'))).status).toBe(204);
    expect(await codeOf(await vault.ask('GET', record('見積 1')))).toEqual([404, 'recordUnknown']);
    expect(await codeOf(await vault.ask('PATCH', record('見積 1'), { json: {} }))).toEqual([
      404,
      'recordUnknown',
    ]);
  });

  test('merges from everywhere at once lose nothing', async () => {
    await vault.ask('PUT', record('shared'), { json: {} });
    const names = [...'abcdef'];
    await Promise.all(
      names.map((name) => vault.ask('PATCH', record('shared'), { json: { [name]: 1 } })),
    );
    const value = (await (await vault.ask('GET', record('shared'))).json()) as object;
    expect(Object.keys(value).sort()).toEqual(names);
  });

  test('writes that come at once are each answered for themselves', async () => {
    await vault.ask('PUT', record('there'), { json: {} });
    const asked = Array.from({ length: 24 }, (_, n) =>
      n % 3 === 0
        ? vault.ask('PUT', record('there'), { json: { n }, headers: { 'if-none-match': '*' } })
        : vault.ask('PUT', record(`at-once-${n % 12}`), { json: { n } }),
    );
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 412).length).toBe(8);
    expect(statuses.filter((status) => status === 201).length).toBe(8);
    expect(statuses.filter((status) => status === 200).length).toBe(8);
    expect(await (await vault.ask('GET', record('there'))).json()).toEqual({});
  });

  test('is a JSON object of bounded size, and its text is nowhere in the clear', async () => {
    const put = (body: string) =>
      vault.ask('PUT', record('odd'), { body, headers: { 'content-type': 'application/json' } });
    expect(await codeOf(await put('[1]'))).toEqual([400, 'inputUnfit']);
    expect(await codeOf(await put('{'))).toEqual([400, 'notJson']);
    expect(await codeOf(await put(JSON.stringify({ a: 'x'.repeat(300_000) })))).toEqual([
      413,
      'bodyTooLarge',
    ]);
    expect(await codeOf(await put('{"a": 1e999}'))).toEqual([400, 'inputUnfit']);
    expect(await codeOf(await put('{"a": "\\ud800"}'))).toEqual([400, 'inputUnfit']);
    const proto = await put('{"__proto__": {"a": 1}, "secret-word": true}');
    expect(proto.status).toBe(201);
    await vault.ask('PATCH', record('odd'), { json: JSON.parse('{"__proto__": {"b": 2}}') });
    expect(await (await vault.ask('GET', record('odd'))).text()).toContain(
      '"__proto__":{"a":1,"b":2}',
    );
    const { rows } = await sql<{ text: string }>`
      select encode(sealed_value, 'escape') || encode(sealed_key, 'escape') as text from vault_record`.execute(
      vault.world.database.db,
    );
    expect(rows.some(({ text }) => /secret-word|odd/.test(text))).toBe(false);
  });

  test('moved to another row or collection does not open', async () => {
    const { db } = vault.world.database;
    await vault.ask('PUT', record('one'), { json: { n: 1 } });
    await vault.ask('PUT', record('two'), { json: { n: 2 } });
    const ids = await Promise.all(
      ['one', 'two'].map(async (key) =>
        (await vault.ask('GET', record(key))).headers.get('etag')?.slice(1, 37),
      ),
    );
    await sql`
      update vault_record set sealed_value = (select sealed_value from vault_record where id = ${ids[0]})
      where id = ${ids[1]}`.execute(db);
    expect((await vault.ask('GET', record('two'))).status).toBe(500);
    expect((await vault.ask('GET', record('one'))).status).toBe(200);
  });
});

describe('many records', () => {
  const many = (kind: 'records-put' | 'records-get', json: unknown, headers = {}) =>
    vault.ask('POST', vault.at('collections', 'batch', kind), { json, headers });

  test('are written all or none, read together, and listed by cursor', async () => {
    const records = Array.from({ length: 500 }, (_, n) => ({ key: `k${n}`, value: { n } }));
    const written = (await (await many('records-put', { records })).json()) as { items: object[] };
    expect(written.items.length).toBe(500);
    const read = await many('records-get', { keys: ['k1', 'k499', 'absent'] });
    const { items } = (await read.json()) as { items: { key: string; value: object }[] };
    expect(items.map(({ key, value }) => [key, value]).sort()).toEqual([
      ['k1', { n: 1 }],
      ['k499', { n: 499 }],
    ]);
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await vault.ask(
        'GET',
        `${vault.at('collections', 'batch', 'records')}?limit=200&values=true${cursor}`,
      );
      const body = (await page.json()) as { items: { key: string }[]; next: string | null };
      seen.push(...body.items.map(({ key }) => key));
      if (!body.next) break;
      cursor = `&cursor=${body.next}`;
    }
    expect(seen.sort()).toEqual(records.map(({ key }) => key).sort());
    const twice = {
      records: [
        { key: 'a', value: {} },
        { key: 'a', value: {} },
      ],
    };
    expect(await codeOf(await many('records-put', twice))).toEqual([400, 'keyTwice']);
    expect(await codeOf(await many('records-put', { records: [{ key: '', value: {} }] }))).toEqual([
      400,
      'nameUnfit',
    ]);
  });

  test('are written once under one idempotency key, also when asked at the same time', async () => {
    const asked = { records: [{ key: 'once', value: { a: 1 } }] };
    const key = { 'idempotency-key': 'batch-1' };
    const answers = await Promise.all([1, 2, 3].map(() => many('records-put', asked, key)));
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(texts).size).toBe(1);
    expect(JSON.parse(texts[0] ?? '')).toMatchObject({ items: [{ revision: 1, made: true }] });
    const other = { records: [{ key: 'once', value: { a: 2 } }] };
    expect(await codeOf(await many('records-put', other, key))).toEqual([
      422,
      'idempotencyKeyReused',
    ]);
  });

  test('count in numbers by collection', async () => {
    const { items } = (await (await vault.ask('GET', vault.at('collections'))).json()) as {
      items: { collection: string; records: number }[];
    };
    expect(items.find(({ collection }) => collection === 'batch')?.records).toBe(501);
  });
});

describe('keys only', () => {
  test('are issued, wrapped and unwrapped for one customer and one purpose', async () => {
    const keys = await foundProduct(vault.world, 'elsewhere', 'keys');
    const other = await foundProduct(vault.world, 'third', 'keys');
    const ask = (path: string, json: unknown, token = keys.token) =>
      vault.ask('POST', path, { json, token });
    for (const key of ['first', 'second'])
      await vault.ask('PUT', `/customers/${key}`, { token: keys.token, json: { name: key } });
    const purpose = 'attachments of tickets';
    const issued = await ask('/customers/first/keys', { purpose });
    expect(issued.status).toBe(201);
    const { plaintext, wrapped } = (await issued.json()) as Record<string, string>;
    expect(Buffer.from(plaintext ?? '', 'base64').length).toBe(32);
    const unwrap = (body: object, customer = 'first') =>
      ask(`/customers/${customer}/keys/unwrap`, body);
    expect(await (await unwrap({ purpose, wrapped })).json()).toEqual({ plaintext });
    expect(await codeOf(await unwrap({ purpose: 'another', wrapped }))).toEqual([
      422,
      'wrappedKeyUnfit',
    ]);
    expect(await codeOf(await unwrap({ purpose, wrapped }, 'second'))).toEqual([
      422,
      'wrappedKeyUnfit',
    ]);
    expect(
      await codeOf(await ask('/customers/first/keys/unwrap', { purpose, wrapped }, other.token)),
    ).toEqual([404, 'customerUnknown']);
    expect(await codeOf(await unwrap({ wrapped }))).toEqual([400, 'inputUnfit']);
    const own = Buffer.from('a key of the product').toString('base64');
    const mine = (await (
      await ask('/customers/first/keys/wrap', { purpose, plaintext: own })
    ).json()) as Record<string, string>;
    expect(await (await unwrap({ purpose, wrapped: mine['wrapped'] })).json()).toEqual({
      plaintext: own,
    });
    const anew = (await (
      await ask('/customers/first/keys/rewrap', { purpose, wrapped })
    ).json()) as Record<string, string>;
    expect(await (await unwrap({ purpose, wrapped: anew['wrapped'] })).json()).toEqual({
      plaintext,
    });
  });
});

test('every unwrapping is counted by minute, and the ledger is told once, by digest', async () => {
  const { world, customerId } = vault;
  const { db } = world.database;
  world.advance({ minutes: 1 });
  const from = world.now();
  for (let n = 0; n < 5; n++)
    await vault.ask('GET', record('shared'), { headers: { 'kept-purpose': 'counting' } });
  const counted = await sql<{ operations: number; rows: number }>`
    select sum(operations) as operations, count(*) as rows from vault_unwrap
    where customer_id = ${customerId} and purpose = 'counting' and from_at >= ${from.subtract({ minutes: 1 })}`.execute(
    db,
  );
  expect(counted.rows).toEqual([{ operations: 5, rows: 1 }]);
  await tellUnwraps(world);
  world.advance({ minutes: 5 });
  await tellUnwraps(world);
  await tellUnwraps(world);
  const { rows } = await sql<{ bytes: Buffer }>`
    select bytes from ledger_entry where type = 'UnwrapsCounted'`.execute(db);
  expect(rows.length).toBe(1);
  const bodies = rows.map(
    ({ bytes }) => (JSON.parse(bytes.toString()) as { body: { operations: number } }).body,
  );
  const all = await sql<{ n: number; untold: number }>`
    select sum(operations) as n, count(*) filter (where entry_id is null) as untold from vault_unwrap`.execute(
    db,
  );
  expect(bodies.reduce((sum, { operations }) => sum + operations, 0)).toBe(all.rows[0]?.n);
  expect(all.rows[0]?.untold).toBe(0);
  expect(JSON.stringify(bodies)).not.toContain('counting');
  await removeDiscards(world);
});
