import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { encodeBundle, tileWidth } from '../src/ledger/tile.ts';
import { committed, privateEvery, sampleEntry, writeSampleExport } from './export.ts';
import { type Figure, within } from './figure.ts';
import { elapsedMs, takingTurns } from './rounds.ts';
import type { Verified } from './verify.child.ts';

const entries = 1_000_000;
/** Entries hashed for the baseline: enough that no cache holds them. */
const hashed = 200_000;
const rounds = 3;

/**
 * Verification of a large export by a process of its own, from its start to its end, against the
 * bare SHA-256 of all that anybody who verifies it has to hash, one call each, in one thread; and
 * the memory it takes.
 */
export const verify: Figure = {
  name: 'verify',
  async measure(ground) {
    const folder = await ground.folder('export');
    ground.say(`  writing an export of ${entries.toLocaleString('en')} entries …`);
    await writeSampleExport(folder, entries);
    let mostBytes = 0;
    const round = await takingTurns(rounds, {
      ours: async () => {
        const { ok, rssBytes, ms } = await inProcess(folder);
        if (!ok) throw new Error('the export does not verify');
        mostBytes = Math.max(mostBytes, rssBytes);
        return (entries * 1000) / ms;
      },
      baseline: bareRate,
    });
    await rm(folder, { recursive: true });
    return [
      {
        ...round,
        name: 'verify',
        says: `entries verified of an export of ${entries.toLocaleString('en')}, against bare one-shot SHA-256 of the same leaves, nodes, values and files`,
        unit: 'per second',
        target: { of: 'ratio', atLeast: 0.5 },
      },
      within(300, {
        name: 'verify-memory',
        says: 'resident memory at most while verifying them',
        value: mostBytes / 1e6,
        unit: 'MB',
      }),
    ];
  },
};

async function inProcess(folder: string): Promise<Verified & { readonly ms: number }> {
  const program = join(import.meta.dirname, 'verify.child.ts');
  const from = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, [program, folder]);
  return { ...(JSON.parse(stdout) as Verified), ms: performance.now() - from };
}

/** What has to be hashed of so many entries by whoever verifies them. */
interface Hashed {
  /** RFC 6962: a zero byte and the entry. */
  readonly leaves: readonly Uint8Array[];
  /** A byte and two hashes; a tree has one inner node for each leaf, but for one. */
  readonly node: Uint8Array;
  /** Private values with their salts, which the entries hold commitments to. */
  readonly values: readonly Uint8Array[];
  /** Bundles and their lines of the register, which the manifest lists. */
  readonly files: readonly Uint8Array[];
}

let known: Hashed | null = null;

function whatIsHashed(): Hashed {
  const entries = Array.from({ length: hashed }, (_, n) => sampleEntry(n));
  const files: Uint8Array[] = [];
  for (let from = 0; from < hashed; from += tileWidth) {
    const some = entries.slice(from, from + tileWidth);
    const lines = some.map((entry, n) => `{"entry":${Buffer.from(entry)},"index":${from + n}}\n`);
    files.push(encodeBundle(some), Buffer.from(lines.join('')));
  }
  const leaves = entries.map((entry) => Buffer.concat([Buffer.of(0), entry]));
  const values = Array.from({ length: hashed / privateEvery }, (_, n) =>
    committed(n * privateEvery),
  );
  return { leaves, node: new Uint8Array(65), values, files };
}

/** Entries per second of the hashing alone. */
async function bareRate(): Promise<number> {
  known ??= whatIsHashed();
  const { leaves, node, values, files } = known;
  const ms = await elapsedMs(async () => {
    for (const leaf of leaves) {
      hash('sha256', leaf);
      hash('sha256', node);
    }
    for (const each of [...values, ...files]) hash('sha256', each);
  });
  return (hashed * 1000) / ms;
}
