import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../src/platform/execute.ts';
import { savePiece } from '../src/registers/advisories/store.imports.ts';
import { importFlow } from '../src/registers/advisories/store.ts';
import { importRow } from '../src/server/advisories/testing.ts';
import { advisories as count, writeAdvisoryArchive } from './advisory-archive.ts';
import { type Figure, within } from './figure.ts';
import type { BenchWorld } from './ground.ts';
import { runNode } from './process.ts';
import { bareImport } from './scan.ts';

/** As an upload lays them down. */
const pieceBytes = 4 * 1024 * 1024;

/**
 * 214,000 advisories taken into the server's register: checked to the last byte, made one with what is
 * the same, written with their packages and names. In a process of its own, from being taken up to its
 * end, against unpacking and parsing them.
 */
export const intake: Figure = {
  name: 'intake',
  async measure(ground) {
    const folder = await ground.folder('intake');
    const archive = join(folder, 'all.tar.gz');
    ground.say(`  writing ${count} advisories`);
    await writeAdvisoryArchive(archive);
    const world = await ground.world('intake');
    const id = await laidDown(world, archive);
    const bare = await runNode(['--input-type=module', '-e', bareImport, archive]);
    await rm(archive);
    const child = join(import.meta.dirname, 'intake.child.ts');
    const ran = await runNode([child, world.databaseUrl, folder]);
    const { state, read, added, detail } = await importRow(world, id);
    if (ran.code !== 0 || state !== 'done' || read !== count)
      throw new Error(`${state} after ${read}: ${detail}`);
    ground.say(`  ${added} added`);
    const seconds = Number(ran.out);
    const says = `${count.toLocaleString('en')} advisories taken into the register of the server`;
    return [
      {
        name: 'intake',
        says: `${says}, against unpacking and parsing them`,
        value: seconds,
        baseline: bare.seconds,
        ratio: seconds / bare.seconds,
        unit: 's',
        target: { of: 'value', atMost: 20 },
      },
      within(600, {
        name: 'intake memory',
        says: `most memory of Kept's process while ${says}, without PostgreSQL's`,
        value: ran.megabytes,
        unit: 'MB',
      }),
    ];
  },
};

async function laidDown(world: BenchWorld, archive: string): Promise<string> {
  const importId = world.newId();
  let piece = 0;
  const stream = createReadStream(archive, { highWaterMark: pieceBytes });
  for await (const bytes of stream as AsyncIterable<Buffer>)
    await savePiece(world.database.db, { importId, part: '', piece: piece++, bytes }, world.now());
  const command = { do: 'importAdvisories', id: importId, kind: 'osv', origin: 'bench' } as const;
  const asked = await execute(world, importFlow, command, { kind: 'system', id: 'bench' });
  if (!asked.ok) throw new Error(asked.refusal.code);
  return importId;
}
