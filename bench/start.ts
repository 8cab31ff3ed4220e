import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endKept, type KeptProcess, runKept, startKept } from '../src/server/process.fixture.ts';
import { type Figure, type Measured, within } from './figure.ts';
import type { Ground } from './ground.ts';
import { large, pairsFile, populate } from './population.ts';
import { elapsedMs, median } from './rounds.ts';

const starts = 5;

/** How soon the real program is ready on a folder that it knows, and its memory after a large import. */
export const start: Figure = {
  name: 'start',
  async measure(ground) {
    const folder = await ground.folder('data');
    const kept = new Kept(folder);
    try {
      await kept.up();
      await kept.down();
      const times: number[] = [];
      for (let n = 0; n < starts; n++) {
        times.push(await elapsedMs(() => kept.up()));
        await kept.down();
      }
      return [
        within(2, {
          name: 'start',
          says: 'from the command to ready, on a folder used before',
          value: median(times) / 1000,
          unit: 's',
        }),
        await memoryAfterImport(ground, kept),
      ];
    } finally {
      await kept.down();
    }
  },
};

async function memoryAfterImport(ground: Ground, kept: Kept): Promise<Measured> {
  const file = join(await ground.folder('pairs'), 'pairs.txt');
  await writeFile(file, pairsFile(populate(large)));
  const pid = await kept.up();
  const { code, said } = await runKept(['import', 'grants', file, '--system', 'erp'], {
    KEPT_DATA: kept.folder,
  });
  if (code !== 0) throw new Error(`the import failed: ${said}`);
  const { now, most } = await residentBytes(pid);
  ground.say(`  at most ${Math.round(most / 1e6)} MB while it was imported`);
  return within(250, {
    name: 'memory',
    says: `resident memory of the server after the import of ${large.pairs.toLocaleString('en')} pairs`,
    value: now / 1e6,
    unit: 'MB',
  });
}

/** Kept on a folder, up or down. */
class Kept {
  readonly folder: string;
  #process: KeptProcess | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** @returns its process id, once it is ready */
  async up(): Promise<number> {
    this.#process = startKept(['up'], { KEPT_DATA: this.folder });
    await this.#process.ready();
    return this.#process.child.pid ?? 0;
  }

  async down(): Promise<void> {
    await endKept(this.#process, this.folder);
    this.#process = undefined;
  }
}

/** As Linux tells it, proc_pid_status(5): resident now, and at the peak. */
async function residentBytes(pid: number): Promise<{ now: number; most: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytesOf = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
  return { now: bytesOf('VmRSS'), most: bytesOf('VmHWM') };
}
