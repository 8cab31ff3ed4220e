import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Figure, within } from './figure.ts';
import type { Carried } from './object.child.ts';
import { takingTurns } from './rounds.ts';

const megabytes = 256;
const rounds = 5;
const baseline = 'against the same bytes through one ChaCha20-Poly1305 of Node to a file';

/**
 * An object of 256 MB as an age file into the folder of objects, durable, and out of it again, in one
 * stream and a process of its own; without HTTP and without the database.
 */
export const object: Figure = {
  name: 'object',
  async measure(ground) {
    const folder = await ground.folder('object');
    let mostBytes = 0;
    const rateOf = async (act: string): Promise<number> => {
      const { ms, rssBytes } = await carry(act, folder);
      if (!act.startsWith('bare')) mostBytes = Math.max(mostBytes, rssBytes);
      return (megabytes * 1000) / ms;
    };
    const goingIn = await takingTurns(rounds, {
      ours: () => rateOf('in'),
      baseline: () => rateOf('bareIn'),
    });
    const comingOut = await takingTurns(rounds, {
      ours: () => rateOf('out'),
      baseline: () => rateOf('bareOut'),
    });
    await rm(folder, { recursive: true });
    const target = { of: 'ratio', atLeast: 0.5 } as const;
    return [
      {
        ...goingIn,
        name: 'object-in',
        says: `MB sealed and stored of ${megabytes} in one stream, ${baseline}`,
        unit: 'per second',
        target,
      },
      {
        ...comingOut,
        name: 'object-out',
        says: `MB read and opened of ${megabytes} in one stream, ${baseline}`,
        unit: 'per second',
        target,
      },
      within(150, {
        name: 'object-memory',
        says: 'resident memory at most while carrying them',
        value: mostBytes / 1e6,
        unit: 'MB',
      }),
    ];
  },
};

async function carry(act: string, folder: string): Promise<Carried> {
  const program = join(import.meta.dirname, 'object.child.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program, act, folder]);
  return JSON.parse(stdout) as Carried;
}
