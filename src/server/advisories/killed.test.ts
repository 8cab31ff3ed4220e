import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, expect, it } from 'vitest';
import { advisoryOf, tarGzOf } from '../../advisories/archives/archives.fixture.ts';
import { testDatabase } from '../../platform/testing/database.ts';
import { folderWorld } from '../exports/killed.fixture.ts';
import { importRow, layDown } from './testing.ts';

/** Of one import: then it is let come to its end. */
const kills = 3;
const advisories = 2_000;

const folder = await mkdtemp(join(tmpdir(), 'kept-killed-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const fixture = join(import.meta.dirname, 'killed.fixture.ts');

/** Lets a process import, its clock so many minutes ahead; kills it after so long, where said. */
async function live(url: string, aheadMinutes: number, afterMs: number | null): Promise<boolean> {
  const child = spawn(process.execPath, [fixture, url, folder, String(aheadMinutes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  await once(child.stdout, 'data');
  if (afterMs !== null) await Promise.race([pause(afterMs), ended]);
  if (afterMs !== null) child.kill('SIGKILL');
  const [code, signal] = await ended;
  // It ends by itself, well, or by our hand; a fault of its own is neither.
  if (signal !== 'SIGKILL') expect(code).toBe(0);
  return signal === 'SIGKILL';
}

it(`an import that is killed ${kills} times takes every advisory once`, {
  timeout: 300_000,
}, async () => {
  const database = await testDatabase();
  const world = await folderWorld(database, folder);
  const aliases = (n: number) => [`CVE-2026-${1_000 + Math.floor(n / 2)}`];
  const files = Array.from({ length: advisories }, (_, n) =>
    advisoryOf(`OSV-${n}`, { aliases: aliases(n) }),
  );
  const id = await layDown(world, tarGzOf(files));
  let killed = 0;
  for (let lives = 1; lives <= kills; lives++) {
    if (await live(database.url, lives * 3, randomInt(50, 900))) killed += 1;
    const { read, added, position } = await importRow(world, id);
    expect([read, added]).toEqual([position, position]);
  }
  await live(database.url, (kills + 1) * 3, null);
  expect(await importRow(world, id)).toMatchObject({
    state: 'done',
    read: advisories,
    added: advisories,
    unchanged: 0,
    problem: null,
  });
  const { rows } = await sql<Record<'advisories' | 'vulnerabilities' | 'lots', number>>`
    select (select count(*)::int from advisory) as advisories,
      (select count(*)::int from vulnerability where joined_into is null) as vulnerabilities,
      (select sum((convert_from(bytes, 'UTF8')::jsonb -> 'body' ->> 'added')::int)::int
        from ledger_entry where type = 'AdvisoriesTaken') as lots`.execute(database.db);
  expect(rows[0]).toEqual({
    advisories,
    vulnerabilities: advisories / 2,
    lots: advisories,
  });
  process.stdout.write(`${killed} kills\n`);
});
