import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeZip } from 'client-zip';
import type { AgeIdentity } from '../src/platform/age/identity.ts';
import { decryptStream, encryptStream } from '../src/platform/age/stream.ts';
import { execute } from '../src/platform/execute.ts';
import { objectName } from '../src/platform/objects/storage.ts';
import { exportBy } from '../src/registers/portal/store.exports.ts';
import { portalFlow } from '../src/registers/portal/store.ts';
import { insertObject, type ObjectRow } from '../src/registers/vault/store.objects.ts';
import {
  bytesOf,
  must,
  opened,
  type SampleAccount,
  sampleAccount,
} from '../src/server/exports/testing.ts';
import { makeNext } from '../src/server/exports/worker.ts';
import { indexText } from '../src/server/vault/keyring.ts';
import type { Door } from '../src/server/vault/reading.ts';
import { sealerOf } from '../src/server/vault/writing.ts';
import type { Figure } from './figure.ts';
import type { BenchWorld } from './ground.ts';
import { takingTurns } from './rounds.ts';

const count = Number(process.env['KEPT_BENCH_OBJECTS'] ?? 100_000);
const objectBytes = 2_048;
const abreast = 32;

/**
 * An export of 100,000 small objects from asking to ready: listed, names opened, unwraps counted,
 * read, decrypted, laid into ZIP, sealed under the customer's key, durable, and read back against the
 * vault's digests. Against a loop that only reads each file, decrypts it and hands it to client-zip,
 * whose archive goes to a file.
 */
export const archive: Figure = {
  name: 'export',
  async measure(ground) {
    const world = await ground.world('archive');
    const folder = await ground.folder('archive');
    const account = await sampleAccount(world, 'archive');
    const { door } = await opened(world, account.customerId);
    const stored = await fill(world, door);
    const { identity } = await door.keyring.current();
    const round = await takingTurns(1, {
      ours: () => rate(() => exported(world, account)),
      baseline: () => rate(() => zipped(world, identity, stored, join(folder, 'bare.zip'))),
    });
    await rm(folder, { recursive: true });
    return [
      {
        ...round,
        name: 'export',
        says: `objects of ${objectBytes} bytes exported, of ${count}, sealed, stored and read back, against reading, decrypting and zipping them in a bare loop`,
        unit: 'per second',
        target: { of: 'ratio', atLeast: 0.5 },
      },
    ];
  },
};

async function rate(act: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await act();
  return (count * 1000) / (performance.now() - from);
}

async function exported(world: BenchWorld, { customerId, owner }: SampleAccount): Promise<void> {
  const [asked] = must(
    await execute(world, portalFlow, { do: 'askExport', customerId, form: 'plain' }, owner),
  );
  await makeNext(world, world.newId(), new AbortController().signal);
  const row = await exportBy(world.database.db, customerId, String(asked?.body['export']));
  if (row?.objects !== count) throw new Error(`the export is ${row?.state}: ${row?.failure}`);
}

async function zipped(
  world: BenchWorld,
  identity: AgeIdentity,
  stored: readonly string[],
  path: string,
): Promise<void> {
  const files = (async function* () {
    for (const name of stored) {
      yield { name, size: objectBytes, input: decryptStream([identity], world.objects.get(name)) };
    }
  })();
  const file = await open(path, 'w');
  const archived = makeZip(files as never) as unknown as AsyncIterable<Uint8Array>;
  for await (const piece of archived) await file.writeFile(piece);
  await file.sync();
  await file.close();
}

/** Objects as the vault would have written them one by one, some beside each other. */
async function fill(world: BenchWorld, door: Door): Promise<readonly string[]> {
  const names: string[] = [];
  const key = await door.keyring.current();
  for (let from = 0; from < count; from += 1_000) {
    const rows: ObjectRow[] = [];
    for (let n = from; n < Math.min(count, from + 1_000); n += abreast) {
      const some = Array.from(
        { length: Math.min(abreast, from + 1_000 - n, count - n) },
        (_, at) => n + at,
      );
      rows.push(...(await Promise.all(some.map((at) => stored(world, door, key, at)))));
    }
    await world.database.db.transaction().execute(async (tx) => {
      for (const row of rows) await insertObject(tx, row);
    });
    names.push(...rows.map(({ storedAs }) => storedAs));
  }
  return names;
}

type Key = Awaited<ReturnType<Door['keyring']['current']>>;

async function stored(world: BenchWorld, door: Door, key: Key, n: number): Promise<ObjectRow> {
  const { customerId } = door;
  const [id, collection, name] = [world.newId(), 'bench', `folder ${n % 100}/file ${n}.txt`];
  const content = Buffer.alloc(objectBytes, `content ${n} `);
  const storedAs = objectName(customerId, world.newId());
  const { size } = await world.objects.put(
    storedAs,
    encryptStream([key.identity.recipient], bytesOf(content)),
  );
  const seal = sealerOf(door, key, collection, id);
  const now = world.now();
  return {
    id,
    customerId,
    collection,
    nameIndex: indexText(key, customerId, 'objectName', collection, name),
    sealedName: seal('objectName', name),
    storedAs,
    keyId: key.row.id,
    keyVersion: key.row.version,
    size: content.length,
    storedSize: size,
    // Only what is compared at reopening and in sealed exports: not read here.
    storedSha256: Buffer.alloc(32),
    sealedDigest: seal('digest', createHash('sha256').update(content).digest()),
    sealedMetadata: null,
    revision: 1,
    madeAt: now,
    changedAt: now,
  };
}
