import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { partBytes } from '../../registers/vault/facts.ts';
import { abandonStaleUploads, removeDiscards } from './keeping.ts';
import { codeOf, digestHeader, openVaultAtTest, type VaultAtTest } from './testing.ts';

let vault: VaultAtTest;
beforeAll(async () => {
  vault = await openVaultAtTest();
});
afterAll(() => vault[Symbol.asyncDispose]());

/** Two whole parts and a bit. */
const bytes = randomBytes(2 * partBytes + 1_000);
const parts = [0, 1, 2].map((n) => bytes.subarray(n * partBytes, (n + 1) * partBytes));
const hex = (part: Uint8Array) => createHash('sha256').update(part).digest('hex');
const digests = parts.map(hex);

async function begin(name: string, size = bytes.length): Promise<string> {
  const answer = await vault.ask('POST', vault.at('collections', 'videos', 'uploads'), {
    json: { name, size, mediaType: 'video/mp4' },
  });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { id: string }).id;
}

const send = (id: string, number: number, part: Uint8Array, digest = digestHeader(part)) =>
  vault.ask('PUT', vault.at('uploads', id, 'parts', String(number)), {
    body: part as unknown as string,
    headers: { 'content-digest': digest },
  });

const complete = (id: string, of: readonly string[] = digests) =>
  vault.ask('POST', vault.at('uploads', id, 'complete'), { json: { digests: of } });

const read = (name: string) => vault.ask('GET', vault.at('collections', 'videos', 'objects', name));

async function files(): Promise<number> {
  let count = 0;
  for await (const _ of vault.world.objects.list()) count++;
  return count;
}

test('parts in any order, sent again, asked for after a break, become the one object', async () => {
  const id = await begin('talk.mp4');
  expect((await send(id, 3, parts[2] as Uint8Array)).status).toBe(200);
  expect((await send(id, 1, parts[0] as Uint8Array)).status).toBe(200);
  const again = await send(id, 1, parts[0] as Uint8Array);
  expect([again.status, await again.json()]).toEqual([200, { number: 1, size: partBytes }]);
  const between = (await (await vault.ask('GET', vault.at('uploads', id))).json()) as object;
  expect(between).toMatchObject({
    parts: 3,
    complete: false,
    there: [
      { number: 1, size: partBytes },
      { number: 3, size: 1_000 },
    ],
  });
  expect(await codeOf(await complete(id))).toEqual([409, 'partsMissing']);
  expect((await read('talk.mp4')).status).toBe(404);
  await send(id, 2, parts[1] as Uint8Array);
  expect(await codeOf(await complete(id, [...digests].reverse()))).toEqual([409, 'partDiffers']);
  const done = await complete(id);
  expect(done.status).toBe(201);
  expect(await (await complete(id)).json()).toEqual(await done.json());
  const answer = await read('talk.mp4');
  expect(answer.headers.get('content-type')).toBe('video/mp4');
  expect(answer.headers.get('repr-digest')).toBe(digestHeader(bytes));
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  expect(await codeOf(await send(id, 1, parts[0] as Uint8Array))).toEqual([409, 'uploadComplete']);
});

test('a part has one content: others under its number, of other sizes, or damaged on the way are refused', async () => {
  const id = await begin('strict.mp4');
  const first = parts[0] as Uint8Array;
  const other = Buffer.from(first);
  other[0] = (other[0] ?? 0) ^ 1;
  expect(await codeOf(await send(id, 1, first, digestHeader(other)))).toEqual([
    422,
    'digestDiffers',
  ]);
  await send(id, 1, first);
  expect(await codeOf(await send(id, 1, other))).toEqual([409, 'partDiffers']);
  expect(await codeOf(await send(id, 2, other.subarray(1)))).toEqual([400, 'partUnfit']);
  expect(await codeOf(await send(id, 4, first))).toEqual([400, 'partUnfit']);
  const bare = await vault.ask('PUT', vault.at('uploads', id, 'parts', '2'), { body: 'x' });
  expect(await codeOf(bare)).toEqual([400, 'digestMissing']);
  expect((await vault.ask('DELETE', vault.at('uploads', id))).status).toBe(204);
  expect((await vault.ask('DELETE', vault.at('uploads', id))).status).toBe(204);
  expect(await codeOf(await send(id, 2, first))).toEqual([404, 'uploadUnknown']);
});

test('what is overwritten by an upload stays until the upload is complete', async () => {
  const path = vault.at('collections', 'videos', 'objects', 'over');
  await vault.ask('PUT', path, { body: 'before' });
  const id = await begin('over', 3);
  await send(id, 1, Buffer.from('new'));
  expect(await (await read('over')).text()).toBe('before');
  expect((await complete(id, [hex(Buffer.from('new'))])).status).toBe(200);
  expect(await (await read('over')).text()).toBe('new');
});

test('an empty upload is an empty object', async () => {
  const id = await begin('nothing', 0);
  await send(id, 1, Buffer.alloc(0));
  expect((await complete(id, [hex(Buffer.alloc(0))])).status).toBe(201);
  expect(await (await read('nothing')).text()).toBe('');
});

test('expired uploads are given up with their parts, and nothing of them remains', async () => {
  await removeDiscards(vault.world);
  const before = await files();
  const id = await begin('late', 5);
  await send(id, 1, Buffer.from('parts'));
  vault.world.advance({ hours: 7 * 24 + 1 });
  expect(await codeOf(await complete(id, [hex(Buffer.from('parts'))]))).toEqual([
    404,
    'uploadUnknown',
  ]);
  expect(await abandonStaleUploads(vault.world)).toBeGreaterThan(0);
  await removeDiscards(vault.world);
  expect(await files()).toBe(before);
  expect(await vault.world.objects.sweep(vault.world.now().add({ hours: 1 }))).toBe(0);
});
