import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sampleEntry, writeSampleExport } from './export.ts';
import { type Figure, within } from './figure.ts';
import { elapsedMs, takingTurns } from './rounds.ts';
import type { Verified } from './verify.child.ts';

const entries = 1_000_000;
/** Entries hashed for the baseline: enough that no cache holds them. */
const hashed = 200_000;
const rounds = 3;

/**
 * Verification of a large export by a process of its own, from its start to its end, against the
 * bare SHA-256 of the same entries, one call each, in one thread; and the memory it takes.
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
        says: `entries verified of an export of ${entries.toLocaleString('en')}, against bare one-shot SHA-256 of the same entries`,
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

const sample: Uint8Array[] = [];

async function bareRate(): Promise<number> {
  for (let n = sample.length; n < hashed; n++) sample.push(sampleEntry(n));
  const ms = await elapsedMs(async () => {
    for (const entry of sample) hash('sha256', entry);
  });
  return (hashed * 1000) / ms;
}
