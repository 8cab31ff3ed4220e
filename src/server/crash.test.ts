import { randomInt } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { verifyExport } from '../../verify/verify.ts';
import { type Door, Load, systemOfReads } from './crash.fixture.ts';
import {
  endKept,
  type KeptProcess,
  localCredentials,
  postgresOf,
  runKept,
  startKept,
} from './process.fixture.ts';

/** The full proof is 50; every run of the tests does a few. */
const kills = Number(process.env['KEPT_KILLS'] ?? 4);
const writers = 16;
/** On two busy cores; what is seen is told below. */
const readyWithinMs = 20_000;

const folder = await mkdtemp(join(tmpdir(), 'kept-crash-'));
const env = { KEPT_DATA: join(folder, 'kept') };
let kept: KeptProcess | undefined;

afterAll(async () => {
  await endKept(kept, env.KEPT_DATA);
  await rm(folder, { recursive: true, force: true });
});

test(`killed ${kills} times under load, Kept loses nothing that it acknowledged, and starts again by itself`, {
  timeout: 120_000 + kills * 30_000,
}, async () => {
  const door = await start();
  await setUp(door);
  const load = new Load(writers, await localCredentials(env.KEPT_DATA));
  const startsMs: number[] = [];
  for (let round = 0; round < kills; round += 1) {
    await kill(ways[round % ways.length] ?? 'kept', load);
    const begunMs = performance.now();
    load.moved(await start());
    startsMs.push(performance.now() - begunMs);
    expect(load.wrong).toEqual([]);
    await standing(load);
    if (round === 0) expect(await exported('early')).toBe(0);
    tell(
      `${round + 1} of ${kills}: ${load.acknowledged.size} acts, ready in ${Math.round(startsMs.at(-1) ?? 0)} ms`,
    );
  }
  await load.rest();
  expect(load.wrong).toEqual([]);
  // Every writer got on, and some had to ask again: the kills did hit what was under way.
  expect(load.acknowledged.size).toBeGreaterThan(writers * 2);
  expect(load.repeated).toBeGreaterThan(0);
  expect(Math.max(...startsMs)).toBeLessThan(readyWithinMs);
  await settled();
  await provenByExport(load);
  tell(
    `${load.acknowledged.size} acts, ${load.repeated} asked for again, slowest start ${Math.round(Math.max(...startsMs))} ms`,
  );
});

/** What dies: Kept, its PostgreSQL, both at once, or Kept while it is still starting. */
const ways = ['kept', 'postgres', 'starting', 'both'] as const;

async function kill(way: (typeof ways)[number], load: Load): Promise<void> {
  await pause(randomInt(100, 1_500));
  load.lost();
  const postgres = way === 'kept' || way === 'starting' ? null : await postgresOf(env.KEPT_DATA);
  if (way !== 'postgres') kept?.child.kill('SIGKILL');
  if (postgres) process.kill(postgres, 'SIGKILL');
  // Without its PostgreSQL, Kept ends by itself.
  const code = await kept?.ended();
  if (way === 'postgres') expect([code, code === 16 ? '' : kept?.said()]).toEqual([16, '']);
  if (way !== 'starting') return;
  kept = startKept(['up'], env);
  await pause(randomInt(50, 1_500));
  kept.child.kill('SIGKILL');
  await kept.ended();
}

async function start(): Promise<Door> {
  kept = startKept(['up'], env);
  await kept.ready();
  return localCredentials(env.KEPT_DATA);
}

async function setUp({ url }: Door): Promise<void> {
  const [, token = ''] = (await kept?.line(/\/setup#(\S+)/)) ?? [];
  const answer = await fetch(`${url}/api/v1/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-kept': '1' },
    body: JSON.stringify({
      token,
      organisation: {
        name: 'Example',
        zone: 'Asia/Tokyo',
        languages: ['en'],
        domain: 'example.com',
      },
      administrator: {
        name: 'Ito Ren',
        email: 'ren@example.com',
        password: 'marmot juggles nine teacups',
      },
    }),
  });
  expect([answer.status, await answer.json()]).toEqual([200, { state: 'enrol' }]);
  const { body } = await ask('/api/v1/systems', { key: systemOfReads, name: 'ERP' });
  expect(body).toHaveProperty('id');
}

async function ask(
  path: string,
  body?: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const { url, token } = await localCredentials(env.KEPT_DATA);
  const answer = await fetch(`${url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** The newest of what was acknowledged is there: the least that a kill could have taken. */
async function standing(load: Load): Promise<void> {
  const newest = [...load.acknowledged.values()]
    .filter(({ kind }) => kind === 'person')
    .slice(-writers);
  for (const { id } of newest) expect((await ask(`/api/v1/people/${id}`)).status).toBe(200);
}

/** Waits until every entry has its place in the tree: one that is written now comes after them all. */
async function settled(): Promise<void> {
  const { body } = await ask('/api/v1/people', { name: 'The last' });
  const last = `/api/v1/ledger/entries?subject=person/${String(body['id'])}`;
  while ((await ask(last)).body['total'] !== 1) await pause(100);
}

async function exported(name: string): Promise<number | null> {
  const { code, said } = await runKept(['export', join(folder, name)], env);
  if (code !== 0) throw new Error(said);
  return code;
}

interface Entry {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The proof: a stranger's verifier over the whole export, and everything acknowledged in it once. */
async function provenByExport(load: Load): Promise<void> {
  await exported('whole');
  const whole = join(folder, 'whole');
  const report = await verifyExport(whole, { with: join(folder, 'early') });
  expect(report.problems).toEqual([]);
  expect(report.ok).toBe(true);

  const lines = await linesOf<{ index: number; entry: Entry }>(join(whole, 'register'));
  expect(lines.map(({ index }) => index)).toEqual(lines.map((_, n) => n));
  expect(lines.length).toBe(report.size);
  expect(new Set(lines.map(({ entry }) => entry.id)).size).toBe(lines.length);

  const made = {
    person: idsMade(lines, 'PersonRegistered'),
    read: idsMade(lines, 'AccessObserved'),
  };
  const missing = [...load.acknowledged].filter(([, { kind, id }]) => made[kind].get(id) !== 1);
  expect(missing).toEqual([]);
  await samePeople(made.person, load);
}

/** How often the ledger says that a thing was made, by the thing's id. */
function idsMade(lines: readonly { entry: Entry }[], type: string): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { entry } of lines) {
    if (entry.type !== type) continue;
    const id =
      type === 'AccessObserved'
        ? String(entry.body['readId'])
        : entry.subject.slice('person/'.length);
    times.set(id, (times.get(id) ?? 0) + 1);
  }
  return times;
}

/** Register and ledger name the same people, and no act made two. */
async function samePeople(inLedger: ReadonlyMap<string, number>, load: Load): Promise<void> {
  const people: { id: string; name: string }[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await ask(`/api/v1/people?limit=500${cursor}`);
    people.push(...(body['items'] as typeof people));
    if (!body['next']) break;
    cursor = `&cursor=${encodeURIComponent(String(body['next']))}`;
  }
  expect(people.map(({ id }) => id).sort()).toEqual([...inLedger.keys()].sort());
  const names = people.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const known = new Set(names);
  const asked = [...load.acknowledged]
    .filter(([, { kind }]) => kind === 'person')
    .map(([key]) => key);
  expect(asked.filter((name) => !known.has(name))).toEqual([]);
}

async function linesOf<T>(path: string): Promise<T[]> {
  const files = (await readdir(path)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(path, file), 'utf8')));
  return texts.flatMap((text) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as T),
  );
}

/** Only the full proof, which takes minutes, says how far it is. */
function tell(line: string): void {
  if (process.env['KEPT_KILLS']) console.info(line);
}
