import { randomBytes } from 'node:crypto';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openVault, sourceOf, VaultProblem } from '../clients/vault/index.ts';
import { keepFiles } from '../docs/examples/vault/files.ts';
import { sealElsewhere } from '../docs/examples/vault/keys.ts';
import { keepOrders } from '../docs/examples/vault/orders.ts';
import { openVaultAtTest, tokenOf, type VaultAtTest } from '../src/server/vault/testing.ts';

let vault: VaultAtTest;
beforeAll(async () => {
  vault = await openVaultAtTest();
});
afterAll(() => vault[Symbol.asyncDispose]());

const settings = () => ({ url: vault.url, token: tokenOf('scheduler') });

describe('examples of docs/vault.md', () => {
  test('files are kept whole and in parts, read by range, listed and removed', async () => {
    expect(await keepFiles(settings())).toEqual([
      'plans/見積書 2026.txt',
      'Twelve rooms, three floors.',
      '4 bytes',
      'string',
    ]);
  });

  test('orders are kept as records, and a late change is refused', async () => {
    const [late, ...all] = await keepOrders(settings());
    expect(late).toBe('preconditionFailed');
    // The clock of the test stands still: what was made at one instant comes in any order.
    expect(all.sort()).toEqual([
      ['2026-001', 3],
      ['2026-002', 1],
      ['2026-003', 8],
    ]);
  });

  test('a product that stores elsewhere keeps only keys here', async () => {
    expect(await sealElsewhere(settings(), 'on the roof')).toBe('on the roof');
  });
});

/** A way to the vault that is cut again and again: each connection after so many bytes of answer. */
async function shaky(
  cutAfter: number,
): Promise<{ url: string; cuts: () => number; close(): void }> {
  let cuts = 0;
  const target = new URL(vault.url);
  const server = createServer((asked, answer) => {
    const onward = request(
      {
        host: target.hostname,
        port: target.port,
        path: asked.url,
        method: asked.method,
        headers: asked.headers,
      },
      (given) => {
        answer.writeHead(given.statusCode ?? 500, given.headers);
        let sent = 0;
        given.on('data', (piece: Buffer) => {
          sent += piece.length;
          answer.write(piece);
          if (sent >= cutAfter) {
            cuts += 1;
            // What was written is let out before the line goes dead.
            setImmediate(() => answer.destroy());
            given.destroy();
          }
        });
        given.on('end', () => answer.end());
        given.on('error', () => answer.destroy());
      },
    );
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, cuts: () => cuts, close };
}

describe('the client', () => {
  test('reads on where the connection is cut', async () => {
    const bytes = randomBytes(3_000_000);
    const objects = openVault(settings()).customer('acme').collection('shaky').objects;
    await objects.put('long', bytes);
    const way = await shaky(700_000);
    const over = openVault({ ...settings(), url: way.url })
      .customer('acme')
      .collection('shaky');
    const read = await over.objects.get('long');
    expect(Buffer.from((await read?.all()) ?? []).equals(bytes)).toBe(true);
    expect(way.cuts()).toBeGreaterThan(2);
    way.close();
  });

  test('resumes an upload that was given up, and sends only what is missing', async () => {
    const bytes = randomBytes(20_000_000);
    const objects = openVault(settings()).customer('acme').collection('resumed').objects;
    const stop = new AbortController();
    let id = '';
    const first = objects.upload('film', sourceOf(bytes), {
      atOnce: 1,
      signal: stop.signal,
      onBegun: (begun) => {
        id = begun;
      },
      onProgress: () => stop.abort(),
    });
    await expect(first).rejects.toThrow();
    expect(await objects.get('film')).toBeNull();
    const sent: number[] = [];
    await objects.upload('film', sourceOf(bytes), {
      resume: id,
      onProgress: (done) => sent.push(done),
    });
    expect(sent.length).toBe(2);
    expect(Buffer.from((await (await objects.get('film'))?.all()) ?? []).equals(bytes)).toBe(true);
    const again = await objects.upload('film', sourceOf(bytes), { resume: id });
    expect(again.revision).toBe(1);
    await expect(objects.upload('x', sourceOf(new Uint8Array(1)), { resume: id })).rejects.toThrow(
      RangeError,
    );
  });

  test('says why in words, by code', async () => {
    const stranger = openVault(settings()).customer('stranger');
    const why = await stranger.state().catch((thrown: unknown) => thrown);
    expect(why).toBeInstanceOf(VaultProblem);
    expect(why).toMatchObject({
      status: 404,
      code: 'customerUnknown',
      message: 'The product has no such customer.',
    });
  });

  test('names that every URL tidies away are names like others', async () => {
    const objects = openVault(settings()).customer('acme').collection('dots').objects;
    for (const name of ['.', '..', '../..', 'a/b']) await objects.put(name, name);
    for (const name of ['.', '..', '../..', 'a/b'])
      expect(await (await objects.get(name))?.text()).toBe(name);
    await objects.setMetadata('..', { mediaType: null, fields: { up: 'yes' } });
    expect((await objects.metadata('..'))?.fields).toEqual({ up: 'yes' });
    await objects.verify('..');
    expect((await objects.head('..'))?.size).toBe(2);
    expect(await objects.head('...')).toBeNull();
  });
});
