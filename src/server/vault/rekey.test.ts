import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { removeDiscards } from './keeping.ts';
import { beginRekey, continueRekey, continueRekeys } from './rekey.ts';
import { codeOf, digestHeader, openVaultAtTest, type VaultAtTest } from './testing.ts';

let vault: VaultAtTest;
beforeAll(async () => {
  vault = await openVaultAtTest();
});
afterAll(() => vault[Symbol.asyncDispose]());

const object = (name: string) => vault.at('collections', 'docs', 'objects', name);
const record = (key: string) => vault.at('collections', 'docs', 'records', key);
const put = (name: string, body: Uint8Array | string) =>
  vault.ask('PUT', object(name), { body: body as string });

const versions = () => vault.world.keystore.versions(vault.customerId);

test('a customer gets a new key while they work; the old one goes when nothing refers to it', async () => {
  const { world, customerId } = vault;
  const big = randomBytes(300_000);
  await put('big', big);
  for (let n = 0; n < 12; n++) await put(`o${n}`, `object ${n}`);
  const records = Array.from({ length: 250 }, (_, n) => ({ key: `r${n}`, value: { n } }));
  await vault.ask('POST', vault.at('collections', 'docs', 'records-put'), { json: { records } });
  const tag = (await vault.ask('HEAD', object('big'))).headers.get('etag');
  // An upload that began under the old key, and one write that streams while the key is replaced.
  const begun = await vault.ask('POST', vault.at('collections', 'docs', 'uploads'), {
    json: { name: 'up', size: 2 },
  });
  const { id } = (await begun.json()) as { id: string };

  expect(await beginRekey(world, customerId)).toEqual({ ok: true, value: { version: 2 } });
  expect(await beginRekey(world, customerId)).toEqual({ ok: true, value: { version: 2 } });
  // Known under the old key, written under the new one: still one object, one record.
  expect((await put('o1', 'overwritten')).status).toBe(200);
  expect((await vault.ask('PUT', record('r1'), { json: { n: -1 } })).status).toBe(200);
  const [first] = await Promise.all([
    continueRekey(world, customerId),
    put('o2', 'at the same time'),
  ]);
  expect(first.records).toBe(249);
  // The upload under way keeps the old key in use.
  expect([first.retired, await versions()]).toEqual([0, [1, 2]]);
  const two = Buffer.from('bb');
  const part = await vault.ask('PUT', vault.at('uploads', id, 'parts', '1'), {
    body: two as unknown as string,
    headers: { 'content-digest': digestHeader(two) },
  });
  expect(part.status).toBe(200);
  const done = await vault.ask('POST', vault.at('uploads', id, 'complete'), {
    json: { digests: [digestHeader(two)] },
  });
  expect(done.status).toBe(201);
  expect(await continueRekeys(world)).toBe(1);
  expect(await versions()).toEqual([2]);
  await removeDiscards(world);

  const read = await vault.ask('GET', object('big'));
  expect(read.headers.get('etag')).toBe(tag);
  expect(Buffer.from(await read.arrayBuffer()).equals(big)).toBe(true);
  expect(await (await vault.ask('GET', object('up'))).text()).toBe('bb');
  expect(await (await vault.ask('GET', object('o1'))).text()).toBe('overwritten');
  expect(await (await vault.ask('GET', object('o2'))).text()).toBe('at the same time');
  expect(await (await vault.ask('GET', record('r1'))).json()).toEqual({ n: -1 });
  expect(await (await vault.ask('GET', record('r249'))).json()).toEqual({ n: 249 });
  const { rows } = await sql<{ objects: number; records: number; keys: number }>`
    select (select count(*) from vault_object) as objects, (select count(*) from vault_record) as records,
      (select count(distinct key_id) from (select key_id from vault_object union all select key_id from vault_record) as it) as keys`.execute(
    world.database.db,
  );
  expect(rows).toEqual([{ objects: 14, records: 250, keys: 1 }]);
  let files = 0;
  for await (const _ of world.objects.list()) files++;
  expect(files).toBe(14);
});

test('an old key that a product needs for keys of its own stays until the product says otherwise', async () => {
  const { world, customerId } = vault;
  const issued = await vault.ask('POST', vault.at('keys'), { json: { purpose: 'mail' } });
  const { wrapped } = (await issued.json()) as { wrapped: string };
  await beginRekey(world, customerId);
  expect((await continueRekey(world, customerId)).retired).toBe(0);
  const json = { purpose: 'mail', wrapped };
  expect((await vault.ask('POST', vault.at('keys', 'unwrap'), { json })).status).toBe(200);
  const anew = (await (await vault.ask('POST', vault.at('keys', 'rewrap'), { json })).json()) as {
    wrapped: string;
  };
  expect((await vault.ask('POST', vault.at('keys', 'rewrapped'))).status).toBe(204);
  expect((await continueRekey(world, customerId)).retired).toBe(1);
  const again = { json: { purpose: 'mail', wrapped: anew.wrapped } };
  expect((await vault.ask('POST', vault.at('keys', 'unwrap'), again)).status).toBe(200);
  const old = await vault.ask('POST', vault.at('keys', 'unwrap'), { json });
  expect(await codeOf(old)).toEqual([422, 'wrappedKeyUnfit']);
});

test('what is wrapped while the key is replaced is noted on the key that wrapped it, or not answered', async () => {
  const { world, customerId } = vault;
  const ask = () => vault.ask('POST', vault.at('keys'), { json: { purpose: 'mail' } });
  const { version } = await world.keystore.current(customerId);
  // The keystore has the new key already, the register does not: nothing may be told of.
  await world.keystore.rekey(customerId, version);
  expect((await ask()).status).toBe(503);
  expect(await beginRekey(world, customerId)).toEqual({
    ok: true,
    value: { version: version + 1 },
  });
  const issued = await ask();
  expect(issued.status).toBe(201);
  const json = { purpose: 'mail', wrapped: ((await issued.json()) as { wrapped: string }).wrapped };
  await beginRekey(world, customerId);
  // The one before wraps nothing of the product's; the one that did stays.
  await continueRekey(world, customerId);
  expect(await versions()).toContain(version + 1);
  expect((await vault.ask('POST', vault.at('keys', 'unwrap'), { json })).status).toBe(200);
});
