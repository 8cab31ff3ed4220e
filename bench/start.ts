import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Figure, type Measured, within } from './figure.ts';
import type { Ground } from './ground.ts';
import { Kept } from './kept.ts';
import { large, pairsFile, populate } from './population.ts';
import { elapsedMs, median } from './rounds.ts';

const starts = 5;

/** How soon the real command is ready on a folder that it knows, and its memory after a large import. */
export const start: Figure = {
  name: 'start',
  async measure(ground) {
    const kept = new Kept(await ground.folder('data'));
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
  await kept.up();
  await kept.run(['import', 'grants', file, '--system', 'erp']);
  const { now, most } = await residentBytes(await kept.pid());
  ground.say(`  at most ${Math.round(most / 1e6)} MB while it was imported`);
  return within(250, {
    name: 'memory',
    says: `resident memory of the server after the import of ${large.pairs.toLocaleString('en')} pairs`,
    value: now / 1e6,
    unit: 'MB',
  });
}

/** As Linux tells it, proc_pid_status(5): resident now, and at the peak. */
async function residentBytes(pid: number): Promise<{ now: number; most: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytesOf = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
  return { now: bytesOf('VmRSS'), most: bytesOf('VmHWM') };
}
