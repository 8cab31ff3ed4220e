import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeDiscards } from './keeping.ts';
import {
  codeOf,
  digestHeader,
  foundProduct,
  openVaultAtTest,
  type VaultAtTest,
} from './testing.ts';

let vault: VaultAtTest;
beforeAll(async () => {
  vault = await openVaultAtTest();
});
afterAll(() => vault[Symbol.asyncDispose]());

const object = (name: string, collection = 'reports') =>
  vault.at('collections', collection, 'objects', name);

async function put(name: string, body: Uint8Array | string, headers: Record<string, string> = {}) {
  return vault.ask('PUT', object(name), { body: body as string, headers });
}

async function stored(): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of vault.world.objects.list()) names.push(name);
  return names;
}

describe('an object', () => {
  test('comes back as it went in, with its type, size, tag and digest', async () => {
    const bytes = randomBytes(200_000);
    const made = await put('plan.pdf', bytes, {
      'content-type': 'application/pdf',
      'repr-digest': digestHeader(bytes),
    });
    expect(made.status).toBe(201);
    const answer = await vault.ask('GET', object('plan.pdf'));
    expect([
      answer.status,
      answer.headers.get('content-type'),
      answer.headers.get('content-length'),
    ]).toEqual([200, 'application/pdf', '200000']);
    expect(answer.headers.get('etag')).toBe(made.headers.get('etag'));
    expect(answer.headers.get('repr-digest')).toBe(digestHeader(bytes));
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    const head = await vault.ask('HEAD', object('plan.pdf'));
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      '200000',
      '',
    ]);
  });

  test('of many pieces comes in and out as it is, however slowly it is read', async () => {
    const bytes = randomBytes(9_000_000);
    expect((await put('large', bytes, { 'repr-digest': digestHeader(bytes) })).status).toBe(201);
    const slowly = async (headers: Record<string, string>) => {
      const hash = createHash('sha256');
      const answer = await vault.ask('GET', object('large'), { headers });
      let pieces = 0;
      for await (const piece of answer.body ?? []) {
        hash.update(piece);
        if (pieces++ % 8 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return hash.digest('base64');
    };
    const digests = [slowly({}), slowly({ range: 'bytes=70000-8000000' }), slowly({})];
    const digest = (part: Uint8Array) => createHash('sha256').update(part).digest('base64');
    expect(await Promise.all(digests)).toEqual(
      [bytes, bytes.subarray(70_000, 8_000_001), bytes].map(digest),
    );
  });

  test('may be empty, and may come in without a length', async () => {
    expect((await put('empty', '')).status).toBe(201);
    const empty = await vault.ask('GET', object('empty'));
    expect([empty.status, empty.headers.get('content-length'), await empty.text()]).toEqual([
      200,
      '0',
      '',
    ]);
    async function* pieces() {
      yield Buffer.from('in ');
      yield Buffer.from('pieces');
    }
    const body = pieces() as unknown as RequestInit['body'];
    expect((await vault.ask('PUT', object('chunked'), { body })).status).toBe(201);
    expect(await (await vault.ask('GET', object('chunked'))).text()).toBe('in pieces');
  });

  test('is overwritten whole, under another tag, and its old file goes', async () => {
    await put('again', 'first');
    const before = await stored();
    const second = await put('again', 'second');
    expect([second.status, await (await vault.ask('GET', object('again'))).text()]).toEqual([
      200,
      'second',
    ]);
    expect(await removeDiscards(vault.world)).toBeGreaterThan(0);
    expect((await stored()).length).toBe(before.length);
  });

  test('is deleted, and deleted again', async () => {
    await put('gone', 'x');
    expect((await vault.ask('DELETE', object('gone'))).status).toBe(204);
    expect((await vault.ask('DELETE', object('gone'))).status).toBe(204);
    expect(await codeOf(await vault.ask('GET', object('gone')))).toEqual([404, 'objectUnknown']);
  });

  test('is not written where its bytes are not those announced, and nothing is left of them', async () => {
    await removeDiscards(vault.world);
    const before = await stored();
    const answer = await put('wrong', 'these', {
      'content-digest': digestHeader(Buffer.from('those')),
    });
    expect(await codeOf(answer)).toEqual([422, 'digestDiffers']);
    expect((await vault.ask('GET', object('wrong'))).status).toBe(404);
    await removeDiscards(vault.world);
    expect(await stored()).toEqual(before);
  });
});

describe('conditions', () => {
  test('If-None-Match: * makes and never overwrites; If-Match overwrites what was seen alone', async () => {
    const first = await put('cond', 'a', { 'if-none-match': '*' });
    const tag = first.headers.get('etag') ?? '';
    expect(await codeOf(await put('cond', 'b', { 'if-none-match': '*' }))).toEqual([
      412,
      'preconditionFailed',
    ]);
    const second = await put('cond', 'c', { 'if-match': tag });
    expect(second.status).toBe(200);
    expect((await put('cond', 'd', { 'if-match': tag })).status).toBe(412);
    expect((await put('other', 'd', { 'if-match': '*' })).status).toBe(412);
    const now = second.headers.get('etag') ?? '';
    expect(
      (await vault.ask('GET', object('cond'), { headers: { 'if-none-match': now } })).status,
    ).toBe(304);
    expect((await vault.ask('GET', object('cond'), { headers: { 'if-match': tag } })).status).toBe(
      412,
    );
    expect(
      (await vault.ask('DELETE', object('cond'), { headers: { 'if-match': tag } })).status,
    ).toBe(412);
    expect(
      (await vault.ask('DELETE', object('cond'), { headers: { 'if-match': now } })).status,
    ).toBe(204);
  });

  test('of an object that was made anew, an old tag does not hold', async () => {
    const tag = (await put('anew', 'a')).headers.get('etag') ?? '';
    await vault.ask('DELETE', object('anew'));
    await put('anew', 'b');
    expect((await put('anew', 'c', { 'if-match': tag })).status).toBe(412);
  });

  test('a write with an idempotency key happens once, and its key is good for it alone', async () => {
    const once = { 'idempotency-key': 'write-1' };
    const first = await put('once', 'a', once);
    await put('once', 'later');
    const replay = await put('once', 'a', once);
    expect(await replay.json()).toEqual(await first.json());
    expect(await (await vault.ask('GET', object('once'))).text()).toBe('later');
    expect(await codeOf(await put('once', 'b', once))).toEqual([422, 'idempotencyKeyReused']);
    const { rows } = await sql<{ answer: string }>`select answer::text from vault_answer`.execute(
      vault.world.database.db,
    );
    expect(rows.map(({ answer }) => answer).join()).not.toContain('once');
  });
});

describe('ranges', () => {
  const bytes = randomBytes(200_000);
  let tag = '';
  beforeAll(async () => {
    tag = (await put('long', bytes)).headers.get('etag') ?? '';
  });
  const get = (range: string, more: Record<string, string> = {}) =>
    vault.ask('GET', object('long'), { headers: { range, ...more } });

  test.each([
    ['bytes=0-0', 0, 1],
    ['bytes=65535-65536', 65_535, 65_537],
    ['bytes=131072-', 131_072, 200_000],
    ['bytes=-5', 199_995, 200_000],
    ['bytes=199999-999999', 199_999, 200_000],
  ])('%s is answered by these bytes alone', async (range, from, to) => {
    const answer = await get(range);
    expect([answer.status, answer.headers.get('content-range')]).toEqual([
      206,
      `bytes ${from}-${to - 1}/200000`,
    ]);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes.subarray(from, to))).toBe(true);
  });

  test('outside, or several at once, are refused; malformed ones and other tags get the whole', async () => {
    for (const range of ['bytes=200000-', 'bytes=-0', 'bytes=0-1,5-6']) {
      const answer = await get(range);
      expect(answer.headers.get('content-range')).toBe('bytes */200000');
      expect(await codeOf(answer)).toEqual([416, 'rangeUnfit']);
    }
    for (const range of ['lines=1-2', 'bytes=5-2', 'bytes=x']) {
      const answer = await get(range);
      expect([answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([200, 200_000]);
    }
    expect((await get('bytes=0-9', { 'if-range': tag })).status).toBe(206);
    expect((await get('bytes=0-9', { 'if-range': '"old"' })).status).toBe(200);
  });
});

describe('who may', () => {
  test('is a product with a token that holds, for its own customers alone', async () => {
    const other = await foundProduct(vault.world, 'other');
    const anybody = [
      '',
      'kept_vault_made-up',
      `kept_vault_${'x'.repeat(43)}`,
      `kept_${'x'.repeat(43)}`,
    ];
    for (const token of anybody) {
      const answer = await vault.ask('GET', object('plan.pdf'), { token });
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
      expect(await codeOf(answer)).toEqual([401, 'tokenUnknown']);
    }
    const foreign = { token: other.token };
    expect(await codeOf(await vault.ask('GET', object('plan.pdf'), foreign))).toEqual([
      404,
      'customerUnknown',
    ]);
    expect(await codeOf(await vault.ask('GET', '/customers/acme', foreign))).toEqual([
      404,
      'customerUnknown',
    ]);
    const taken = await vault.ask('PUT', '/customers/acme', { ...foreign, json: { name: 'Mine' } });
    expect(await codeOf(taken)).toEqual([409, 'customerKeyTaken']);
    await sql`update vault_service set revoked_at = ${vault.world.now()} where token_id = ${other.tokenId}`.execute(
      vault.world.database.db,
    );
    expect((await vault.ask('GET', '', foreign)).status).toBe(401);
  });

  test('and a product whose customers’ data lies elsewhere keeps only keys here', async () => {
    const keys = await foundProduct(vault.world, 'elsewhere', 'keys');
    await vault.ask('PUT', '/customers/keyed', {
      token: keys.token,
      json: { name: 'Keyed Example' },
    });
    const path = '/customers/keyed/collections/a/objects/b';
    expect(await codeOf(await vault.ask('PUT', path, { token: keys.token, body: 'x' }))).toEqual([
      422,
      'keysOnly',
    ]);
  });
});

test('frozen accounts are read and not written, erased ones are gone', async () => {
  await vault.ask('PUT', '/customers/leaving', { json: { name: 'Leaving Example' } });
  const path = '/customers/leaving/collections/a/objects/b';
  await vault.ask('PUT', path, { body: 'kept' });
  const state = (to: string) =>
    sql`update customer set state = ${to} where key = 'leaving'`.execute(vault.world.database.db);
  await state('closing');
  expect(await codeOf(await vault.ask('PUT', path, { body: 'new' }))).toEqual([
    409,
    'accountFrozen',
  ]);
  expect(await codeOf(await vault.ask('DELETE', path))).toEqual([409, 'accountFrozen']);
  expect(await (await vault.ask('GET', path)).text()).toBe('kept');
  await state('erasing');
  expect(await codeOf(await vault.ask('GET', path))).toEqual([410, 'accountErased']);
  await state('open');
  const { rows } = await sql<{ id: string }>`select id from customer where key = 'leaving'`.execute(
    vault.world.database.db,
  );
  await vault.world.keystore.destroy(rows[0]?.id ?? '');
  expect(await codeOf(await vault.ask('GET', path))).toEqual([410, 'accountErased']);
});

test('quotas refuse what would pass them, and what is gone makes room', async () => {
  await vault.ask('PUT', '/customers/small', { json: { name: 'Small Example' } });
  const { rows } = await sql<{ id: string }>`select id from customer where key = 'small'`.execute(
    vault.world.database.db,
  );
  await sql`
    insert into vault_quota (owner_id, objects, bytes, records) values (${rows[0]?.id}, 2, 1000, 1)`.execute(
    vault.world.database.db,
  );
  const path = (name: string) => `/customers/small/collections/a/objects/${name}`;
  expect(await codeOf(await vault.ask('PUT', path('a'), { body: 'x'.repeat(1001) }))).toEqual([
    422,
    'quotaExceeded',
  ]);
  expect((await vault.ask('PUT', path('a'), { body: 'x'.repeat(600) })).status).toBe(201);
  expect(await codeOf(await vault.ask('PUT', path('b'), { body: 'x'.repeat(600) }))).toEqual([
    422,
    'quotaExceeded',
  ]);
  expect((await vault.ask('PUT', path('a'), { body: 'x'.repeat(900) })).status).toBe(200);
  await vault.ask('DELETE', path('a'));
  expect((await vault.ask('PUT', path('b'), { body: 'x'.repeat(600) })).status).toBe(201);
  expect((await vault.ask('PUT', path('c'), { body: '' })).status).toBe(201);
  expect(await codeOf(await vault.ask('PUT', path('d'), { body: '' }))).toEqual([
    422,
    'quotaExceeded',
  ]);
  const { usage } = (await (await vault.ask('GET', '/customers/small')).json()) as {
    usage: object;
  };
  expect(usage).toEqual({ objects: 2, objectBytes: 600, records: 0, recordBytes: 0 });
});

test('metadata is sealed beside the object', async () => {
  await put('noted', 'x', { 'content-type': 'text/plain' });
  const path = vault.at('collections', 'reports', 'metadata', 'noted');
  const metadata = { mediaType: 'text/plain', fields: { 部署: '経理' } };
  expect((await vault.ask('PUT', path, { json: metadata })).status).toBe(200);
  expect(await (await vault.ask('GET', path)).json()).toEqual(metadata);
  const digest = createHash('sha256').update('x').digest('base64');
  expect((await vault.ask('GET', object('noted'))).headers.get('repr-digest')).toContain(digest);
});
