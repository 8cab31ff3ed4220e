import { execFile } from 'node:child_process';
import { createCipheriv, randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openVault } from '../clients/vault/index.ts';
import { readDictionary } from '../src/platform/words.ts';
import { composeFace } from '../src/server/compose.ts';
import { sources } from '../src/server/composition.ts';
import { type Answerer, listen } from '../src/server/listener.ts';
import { closedGate } from '../src/server/setup.ts';
import { productBearersOf } from '../src/server/vault/bearer.ts';
import { foundProduct } from '../src/server/vault/testing.ts';
import { type Figure, type Measured, within } from './figure.ts';
import type { BenchWorld, Ground } from './ground.ts';
import { median, quantile } from './rounds.ts';
import { objectBytes, objectPieceBytes, objectSpeed } from './vault.object.ts';

const host = '127.0.0.1';
const roundMs = 3_000;
const rounds = 3;

/**
 * The vault as a product uses it, over HTTP on one node: small records put and read by 32
 * connections against bare rows of the same size, keys unwrapped at a steady 500 a second, and one
 * object of 256 MB in and out against the same bytes through Node's own cipher into a file.
 */
export const vault: Figure = {
  name: 'vault',
  async measure(ground) {
    const world = await ground.world('vault');
    const kept = await openKept(world);
    try {
      // First, so that what it waits for is its own and not what the records left to be written out.
      const unwraps: number[] = [];
      for (let n = 0; n < rounds; n++) {
        unwraps.push((await child<{ p99: number }>('unwraps', kept, 4_000)).p99);
      }
      const records = await recordFigures(world, kept);
      return [
        ...records,
        within(10, {
          name: 'vault-unwrap',
          says: 'a key unwrapped for a product, 500 a second, 99th percentile; the median of three runs',
          value: median(unwraps),
          unit: 'ms',
        }),
        ...(await objectFigures(ground, kept)),
      ];
    } finally {
      await kept.close();
    }
  },
};

interface Opened {
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

async function openKept(world: BenchWorld): Promise<Opened> {
  const { token } = await foundProduct(world, 'bench');
  const { app, swift } = await composeFace(world, await readDictionary(sources), {
    local: { actorOf: () => null },
    setup: closedGate,
  });
  const answer: Answerer = (request, bindings) => app.fetch(request, bindings as object);
  const listener = await listen(host, 0, answer);
  listener.answerBy(answer, swift);
  const url = `http://${host}:${listener.port}`;
  await openVault({ url, token }).customer('bench').register({ name: 'Bench Example' });
  return {
    port: listener.port,
    token,
    close: async () => {
      await listener.finish(0);
      await productBearersOf(world).settle();
    },
  };
}

async function child<T>(kind: string, kept: Opened, ms: number, databaseUrl = ''): Promise<T> {
  const program = join(import.meta.dirname, 'vault.child.ts');
  const words = [program, kind, String(kept.port), kept.token, String(ms), databaseUrl];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  return JSON.parse(stdout) as T;
}

interface Rates {
  readonly put: number;
  readonly get: number;
}

async function recordFigures(world: BenchWorld, kept: Opened): Promise<readonly Measured[]> {
  const pairs: { readonly ours: Rates; readonly baseline: Rates }[] = [];
  for (let n = 0; n <= rounds; n++) {
    const ours = await child<Rates>('records', kept, roundMs);
    const baseline = await child<Rates>('rows', kept, roundMs, world.databaseUrl);
    // The first round warms up.
    if (n > 0) pairs.push({ ours, baseline });
  }
  return (['put', 'get'] as const).map((kind) => {
    const each = pairs.map(({ ours, baseline }) => ({
      value: ours[kind],
      baseline: baseline[kind],
    }));
    return ratioOf(each, {
      name: `vault-records-${kind}`,
      says: `records ${kind === 'put' ? 'written' : 'read'} over HTTP by 32 connections, against bare rows of the same size`,
      unit: 'per second',
      target: { of: 'ratio', atLeast: 0.4 },
    });
  });
}

/** The round whose ratio is the median. */
function ratioOf(
  each: readonly { readonly value: number; readonly baseline: number }[],
  named: Pick<Measured, 'name' | 'says' | 'unit' | 'target'>,
): Measured {
  const ratio = quantile(
    each.map(({ value, baseline }) => value / baseline),
    0.5,
  );
  const { value = 0, baseline = 1 } =
    each.find((pair) => pair.value / pair.baseline === ratio) ?? each[0] ?? {};
  return { ...named, value, baseline, ratio };
}

async function objectFigures(ground: Ground, kept: Opened): Promise<readonly Measured[]> {
  const folder = await ground.folder('vault-plain');
  const each: (Rates & { readonly plain: number })[] = [];
  for (let n = 0; n <= rounds; n++) {
    const plain = await objectSpeed(() => throughCipher(join(folder, `plain-${n}`)));
    const ours = await child<Rates>('object', kept, roundMs);
    if (n > 0) each.push({ ...ours, plain });
  }
  return (['put', 'get'] as const).map((kind) =>
    ratioOf(
      each.map((pair) => ({ value: pair[kind], baseline: pair.plain })),
      {
        name: `vault-object-${kind}`,
        says: `MB a second of an object ${kind === 'put' ? 'in' : 'out'} over HTTP, 256 MB, client and server on one machine, against the cipher alone into a file`,
        unit: 'per second',
        target: { of: 'ratio', atLeast: 0.5 },
      },
    ),
  );
}

const piece = randomBytes(objectPieceBytes);

/** The same bytes through Node's ChaCha20-Poly1305 into a file, durable. */
async function throughCipher(path: string): Promise<void> {
  const cipher = createCipheriv('chacha20-poly1305', randomBytes(32), randomBytes(12), {
    authTagLength: 16,
  });
  const file = await open(path, 'w');
  for (let n = 0; n < objectBytes / objectPieceBytes; n++) await file.write(cipher.update(piece));
  cipher.final();
  await file.write(cipher.getAuthTag());
  await file.sync();
  await file.close();
}
