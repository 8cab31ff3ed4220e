import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identityOf } from '../../platform/age/identity.ts';
import { encryptStream } from '../../platform/age/stream.ts';
import { codeOf, openVaultAtTest, type VaultAtTest } from './testing.ts';

let vault: VaultAtTest;
beforeAll(async () => {
  vault = await openVaultAtTest();
});
afterAll(() => vault[Symbol.asyncDispose]());

const object = (name: string, collection = 'reports') =>
  vault.at('collections', collection, 'objects', name);

const put = (name: string, body: Uint8Array | string) =>
  vault.ask('PUT', object(name), { body: body as string });

async function stored(): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of vault.world.objects.list()) names.push(name);
  return names;
}

describe('names', () => {
  test('are any text: none is a path, none is in the database or the storage', async () => {
    const names = [
      '../../etc/passwd',
      '..',
      '.',
      '%2e%2e',
      'a//b',
      '/',
      ' ',
      '見積書 2026年.pdf',
      '👩‍💻',
      'e\u0301',
      '\u00e9',
      'zero\u0000byte',
      'line\r\nbreak: x',
      '?query#fragment',
      'a\\b',
      'con',
      'x'.repeat(1024),
      '\u202egpj.exe',
    ];
    const by = (name: string) =>
      `${vault.at('collections', 'names', 'objects')}?name=${encodeURIComponent(name)}`;
    for (const name of names) {
      expect((await vault.ask('PUT', by(name), { body: `of ${name.length}` })).status).toBe(201);
    }
    const listed = await vault.ask('GET', vault.at('collections', 'names', 'objects'));
    const { items } = (await listed.json()) as { items: { name: string }[] };
    expect(items.map(({ name }) => name).sort()).toEqual([...names].sort());
    for (const name of names) {
      const answer = await vault.ask('GET', by(name));
      expect([name, await answer.text()]).toEqual([name, `of ${name.length}`]);
    }
    const { rows } = await sql<{ text: string }>`
      select encode(sealed_name, 'escape') || stored_as as text from vault_object`.execute(
      vault.world.database.db,
    );
    expect(rows.some(({ text }) => /passwd|2026|gpj/.test(text))).toBe(false);
    for (const name of await stored()) expect(name).toMatch(/^[0-9a-f-]{36}\/[0-9a-f-]{36}$/);
  });

  test('travel in the path, whatever they are', async () => {
    const text = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 60 })
      .filter(
        (name) => name.isWellFormed() && !/^\.\.?$/.test(name) && Buffer.byteLength(name) <= 1024,
      );
    await fc.assert(
      fc.asyncProperty(text, async (name) => {
        const path = object(name, 'any');
        expect((await vault.ask('PUT', path, { body: name })).status).toBeLessThan(300);
        expect(await (await vault.ask('GET', path)).text()).toBe(name);
        expect((await vault.ask('DELETE', path)).status).toBe(204);
        expect((await vault.ask('GET', path)).status).toBe(404);
      }),
      { numRuns: 30 },
    );
  });

  test('that are none, too long, or would be tidied up on the way are refused', async () => {
    expect(await codeOf(await put('x'.repeat(1025), ''))).toEqual([400, 'nameUnfit']);
    const list = `${vault.at('collections', 'names', 'objects')}/`;
    expect(await codeOf(await vault.ask('GET', `${list}a/b`))).toEqual([400, 'nameInPath']);
    expect(await codeOf(await vault.ask('GET', `${list}%ff`))).toEqual([400, 'nameNotText']);
    const where = '/vault/v1/customers/acme/collections/names/objects/';
    expect(await raw(`PUT ${where}../../secret`)).toMatch(/^HTTP\/1\.1 400 .*nameInPath/s);
    expect(await raw(`GET ${where}%2e%2e`)).toMatch(/^HTTP\/1\.1 400 .*nameInPath/s);
    expect(
      await codeOf(await vault.ask('GET', vault.at('collections', '../x', 'objects'))),
    ).toEqual([400, 'collectionUnfit']);
  });
});

/** A request as no client would write it. */
function raw(line: string): Promise<string> {
  const { hostname, port } = new URL(vault.url);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(Number(port), hostname, () => {
    socket.write(
      `${line} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer kept_vault_${'scheduler'.padEnd(43, '0')}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
    );
  });
  let answer = '';
  socket.on('data', (piece) => {
    answer += piece.toString('latin1');
  });
  socket.on('end', () => resolve(answer));
  socket.on('error', reject);
  return promise;
}

describe('what is stored', () => {
  async function fileOf(name: string): Promise<{ storedAs: string; bytes: Buffer; id: string }> {
    const head = await vault.ask('HEAD', object(name));
    const id = head.headers.get('etag')?.slice(1, 37) ?? '';
    const { rows } = await sql<{ storedAs: string }>`
      select stored_as as "storedAs" from vault_object where id = ${id}`.execute(
      vault.world.database.db,
    );
    const storedAs = rows[0]?.storedAs ?? '';
    const pieces: Uint8Array[] = [];
    for await (const piece of vault.world.objects.get(storedAs)) pieces.push(piece);
    return { storedAs, bytes: Buffer.concat(pieces), id };
  }

  async function replaced(storedAs: string, bytes: Uint8Array): Promise<void> {
    async function* once() {
      yield bytes;
    }
    await vault.world.objects.put(storedAs, once());
  }

  test.each([
    ['its first chunk changed', 300, 0],
    ['a later chunk changed', 150_000, 65_536],
  ])('and has %s is refused: which object, and where', async (_, at, atLeast) => {
    await put('flipped', randomBytes(200_000));
    const { storedAs, bytes, id } = await fileOf('flipped');
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await replaced(storedAs, bytes);
    const proof = await vault.ask(
      'GET',
      vault.at('collections', 'reports', 'verification', 'flipped'),
    );
    const problem = (await proof.json()) as {
      code: string;
      params: { object: string; byte: number };
    };
    expect([proof.status, problem.code, problem.params.object]).toEqual([
      500,
      'storedObjectDamaged',
      id,
    ]);
    expect(problem.params.byte).toBeGreaterThanOrEqual(atLeast);
    expect(problem.params.byte).toBeLessThanOrEqual(at);
    const read = vault.ask('GET', object('flipped')).then(async (answer) => {
      if (answer.status !== 200) throw new Error(`refused with ${answer.status}`);
      return answer.arrayBuffer();
    });
    await expect(read).rejects.toThrow();
  });

  test('and cut short, or gone, or of another customer, is refused', async () => {
    await put('short', randomBytes(200_000));
    const { storedAs, bytes } = await fileOf('short');
    await replaced(storedAs, bytes.subarray(0, 150_000));
    const check = vault.at('collections', 'reports', 'verification', 'short');
    const cut = (await (await vault.ask('GET', check)).json()) as { code: string; detail: string };
    expect([cut.code, cut.detail]).toEqual([
      'storedObjectDamaged',
      expect.stringMatching(/truncated|payload/),
    ]);
    await vault.world.objects.remove(storedAs);
    expect(await codeOf(await vault.ask('GET', object('short')))).toEqual([
      500,
      'storedObjectDamaged',
    ]);
    // Sealed for somebody else: opens with no key of this customer.
    const stranger = identityOf(randomBytes(32)).recipient;
    async function* secret() {
      yield Buffer.from('another');
    }
    await vault.world.objects.put(storedAs, encryptStream([stranger], secret()));
    const foreign = (await (await vault.ask('GET', check)).json()) as { params: { why: string } };
    expect(foreign.params.why).toBe('noMatch');
  });

  test('is read to its end when it is whole', async () => {
    await put('whole', randomBytes(100_000));
    const proof = await vault.ask(
      'GET',
      vault.at('collections', 'reports', 'verification', 'whole'),
    );
    expect(await proof.json()).toMatchObject({ whole: true, size: 100_000 });
  });
});
