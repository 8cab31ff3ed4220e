import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { closureFlow } from '../../clauses/retention/flows.closure.ts';
import { closureOf } from '../../clauses/retention/store.closure.ts';
import type { Actor } from '../../kernel/actor.ts';
import { type ExportSink, writeExport } from '../../ledger/exported.ts';
import { identityText } from '../../platform/age/identity.ts';
import { execute } from '../../platform/execute.ts';
import { sha256Hex } from '../../platform/identity/token.ts';
import { parseEntry } from '../../platform/keystore/entry.ts';
import { exportSource } from '../../platform/ledger/export.ts';
import { readSettings } from '../../platform/settings.ts';
import type { World } from '../../platform/world.ts';
import { customerFlow } from '../../registers/customers/store.ts';
import { vaultFlow } from '../../registers/vault/store.tokens.ts';
import { beginRooms } from '../begin.ts';
import { composeAt } from '../compose.ts';
import { rooms, sources } from '../composition.ts';
import { type Started, start } from '../start.ts';
import { work } from '../tick.ts';
import { tokenOf } from '../vault/testing.ts';
import { type Needle, searchBytes, searchFolder, shapesOf, windowsOf } from './needles.ts';
import { aProduct } from './testing.ts';

const mebibyte = 1024 * 1024;
const folder = await mkdtemp(join(tmpdir(), 'kept-forensics-'));
const dataFolder = join(folder, 'kept');
const fileName = `canary-${randomBytes(8).toString('hex')}-機密.bin`;
const recordKey = `canary-key-${randomBytes(8).toString('hex')}`;
const recordText = `canary-value-${randomBytes(24).toString('hex')}`;
const canary = randomBytes(mebibyte);
const windows = windowsOf(canary);
const system = { kind: 'system', id: 'test' } as const;

let now = Temporal.Instant.from('2026-01-05T03:00:00Z');
const said: Buffer[] = [];
const write = process.stderr.write.bind(process.stderr);

let kept: Started | null = null;

afterAll(async () => {
  process.stderr.write = write;
  await kept?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Kept with a data folder, PostgreSQL, storage, keystore, backups and mail queue of its own. */
async function open(): Promise<Started> {
  const env = {
    KEPT_DATA: dataFolder,
    KEPT_PORT: '0',
    // Nobody listens there: mails stay in the queue.
    KEPT_SMTP_URL: 'smtp://127.0.0.1:9',
    KEPT_MAIL_FROM: 'kept@example.com',
  };
  const read = readSettings(env, folder, 'data');
  if (!read.ok) throw new Error('settings of the test are wrong');
  return await start(read.settings, { compose: (premises) => composeAt(premises, () => now) });
}

async function found(world: World): Promise<void> {
  await sql`
    insert into organisation (id, name, zone, languages, domain, created_at)
    values (${world.newId()}, 'Example Engineering', 'Asia/Tokyo', '{en,ja}', 'example.com', ${now})`.execute(
    world.database.db,
  );
  world.forgetOrganisation();
  await beginRooms(world, rooms, sources);
}

async function live(world: World, until: Temporal.Instant): Promise<void> {
  while (Temporal.Instant.compare(now, until) < 0) {
    const { rows } = await sql<{ at: Temporal.Instant | null }>`
      select min(coalesce(retry_at, due_at)) as at from obligation where done_at is null`.execute(
      world.database.db,
    );
    const due = rows[0]?.at;
    const later = now.add({ minutes: 1 });
    const next = due && Temporal.Instant.compare(due, later) > 0 ? due : later;
    now = Temporal.Instant.compare(next, until) < 0 ? next : until;
    await work(world, rooms);
  }
}

interface Tenant {
  readonly id: string;
  readonly owner: Actor;
  readonly ask: (method: string, path: string, init?: RequestInit) => Promise<Response>;
}

/** A customer with the canary, written by a product over HTTP. */
async function tenant({ world, url }: Started): Promise<Tenant> {
  const productId = await aProduct(world);
  const token = tokenOf('scheduler');
  const issued = await execute(
    world,
    vaultFlow,
    { do: 'issueVaultToken', productId, name: 'test', days: 300, sha256: sha256Hex(token) },
    system,
  );
  expect(issued).toMatchObject({ ok: true });
  const ask = (method: string, path: string, init: RequestInit = {}) =>
    fetch(`${url}/vault/v1/customers/acme${path}`, {
      method,
      ...init,
      headers: {
        authorization: `Bearer ${token}`,
        'idempotency-key': `${method} ${path}`,
        ...init.headers,
      },
    });
  const founded = await ask('PUT', '', {
    body: JSON.stringify({ name: 'Acme Example' }),
    headers: { 'content-type': 'application/json' },
  });
  const { id } = (await founded.json()) as { id: string };
  const added = await execute(
    world,
    customerFlow,
    {
      do: 'addContact',
      customerId: id,
      contact: { name: 'Owner', email: 'owner@example.com', language: 'en', part: 'owner' },
    },
    system,
  );
  if (!added.ok || added.value[0]?.type !== 'ContactAdded') throw new Error('no contact');
  const owner: Actor = {
    kind: 'contact',
    id: added.value[0].contact.id,
    customerId: id,
    part: 'owner',
    roles: ['customer'],
    language: 'en',
  };
  return { id, owner, ask };
}

const objectPath = `/collections/files/objects/${encodeURIComponent(fileName)}`;
const recordPath = `/collections/notes/records/${encodeURIComponent(recordKey)}`;

async function writeCanary({ ask }: Tenant): Promise<void> {
  const written = await ask('PUT', objectPath, { body: canary });
  expect([written.status, await written.text()]).toEqual([201, expect.any(String)]);
  const record = await ask('PUT', recordPath, {
    body: JSON.stringify({ text: recordText }),
    headers: { 'content-type': 'application/json' },
  });
  expect([record.status, await record.text()]).toEqual([201, expect.any(String)]);
  // Overwritten and deleted: dead tuples and discards are searched as well.
  await ask('PUT', `${objectPath}-2`, { body: canary });
  await ask('DELETE', `${objectPath}-2`);
}

async function readBack({ ask }: Tenant): Promise<void> {
  const read = await ask('GET', objectPath);
  expect(read.status).toBe(200);
  expect(Buffer.from(await read.arrayBuffer()).equals(canary)).toBe(true);
  expect(await (await ask('GET', recordPath)).text()).toContain(recordText);
}

/** The key as it opens, and as it lies wrapped in the keystore. */
async function keyNeedles(world: World, id: string): Promise<readonly Needle[]> {
  const identity = await world.keystore.unwrap(id, 1);
  const wrapped = await wrappedKeyOf(id);
  return [
    { what: 'key', shapes: [...shapesOf(identity.secret), ...shapesOf(identityText(identity))] },
    { what: 'wrapped key', shapes: shapesOf(wrapped) },
  ];
}

async function wrappedKeyOf(id: string): Promise<Uint8Array> {
  const keystore = join(dataFolder, 'keystore');
  for (const entry of await readdir(keystore, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const lines = (await readFile(join(entry.parentPath, entry.name), 'utf8')).split('\n');
    const line = lines.find(
      (each) => each.includes(`"customer":"${id}"`) && each.includes('wrapped'),
    );
    if (line) return parseEntry(line).wrapped;
  }
  throw new Error('the keystore has no wrapped key of the customer');
}

const close = ({ id, owner }: Tenant, world: World) =>
  execute(
    world,
    closureFlow,
    { do: 'requestClosure', customerId: id, confirmation: 'acme', requestId: null },
    owner,
  );

test('RET-5: of a closed account nothing is found in any byte after 90 days; before day 30 all of it comes back', {
  timeout: 240_000,
}, async () => {
  process.stderr.write = ((chunk: Uint8Array | string) => {
    said.push(Buffer.from(chunk as Uint8Array));
    return true;
  }) as typeof process.stderr.write;
  kept = await open();
  const { world } = kept;
  await found(world);
  const acme = await tenant(kept);
  await writeCanary(acme);
  await readBack(acme);
  const needles: Needle[] = [
    ...(await keyNeedles(world, acme.id)),
    { what: 'file name', shapes: shapesOf(fileName) },
    { what: 'record', shapes: [...shapesOf(recordKey), ...shapesOf(recordText)] },
  ];

  expect(await close(acme, world)).toMatchObject({ ok: true });
  await live(world, now.add({ hours: 24 * 20 }));
  const reopened = await execute(
    world,
    closureFlow,
    { do: 'reopen', customerId: acme.id },
    acme.owner,
  );
  expect(reopened).toMatchObject({ ok: true, value: [{ body: { same: true } }] });
  await readBack(acme);

  // The search finds what is there: the wrapped key in keystore and backups, and what is planted.
  const before = await searchFolder(dataFolder, needles, windows);
  expect(new Set(before.found.map((each) => each.split(': ')[1]))).toEqual(
    new Set(['wrapped key']),
  );
  expect(before.found.some((each) => each.includes('keystore-backups'))).toBe(true);
  await proveSearch(needles);

  expect(await close(acme, world)).toMatchObject({ ok: true });
  await live(world, now.add({ hours: 24 * 91 }));
  expect((await closureOf(world.database.db, acme.id))?.state).toBe('certified');
  const exported = join(folder, 'exported');
  await writeExport(await exportSource(world, []), folderSink(exported));
  await sql`checkpoint`.execute(world.database.db);
  await kept.stop();

  const after = await searchFolder(dataFolder, needles, windows);
  expect(after.found).toEqual([]);
  expect(after.files).toBeGreaterThan(1000);
  expect((await searchFolder(exported, needles, windows)).found).toEqual([]);
  expect(searchBytes('log', Buffer.concat(said), needles, windows)).toEqual([]);
});

/** A search that cannot find proves nothing. */
async function proveSearch(needles: readonly Needle[]): Promise<void> {
  const planted = await mkdtemp(join(folder, 'planted-'));
  const parts = needles.map(({ shapes }) => Buffer.from(shapes.at(-1) ?? []));
  await writeFile(
    join(planted, 'leak'),
    Buffer.concat([Buffer.alloc(13), canary.subarray(777, 777 + 128), ...parts]),
  );
  const { found } = await searchFolder(planted, needles, windows);
  expect(found.map((each) => each.split(': ')[1]).sort()).toEqual(
    ['plaintext', ...needles.map(({ what }) => what)].sort(),
  );
}

function folderSink(root: string): ExportSink {
  return {
    create: async (path) => {
      const pieces: Uint8Array[] = [];
      return {
        write: async (bytes) => {
          pieces.push(bytes.slice());
        },
        close: async () => {
          await mkdir(dirname(join(root, path)), { recursive: true });
          await writeFile(join(root, path), Buffer.concat(pieces));
        },
      };
    },
  };
}
