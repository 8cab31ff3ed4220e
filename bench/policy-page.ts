import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { publishFirstPolicy } from '../src/clauses/publication/first.ts';
import { executeAs } from '../src/platform/execute.ts';
import { readDictionary } from '../src/platform/words.ts';
import { beginRooms } from '../src/server/begin.ts';
import { composeApp } from '../src/server/compose.ts';
import { rooms, sources } from '../src/server/composition.ts';
import { type Answerer, type Listener, listen } from '../src/server/listener.ts';
import { closedGate } from '../src/server/setup.ts';
import { tick } from '../src/server/tick.ts';
import { type Figure, type Measured, within } from './figure.ts';
import type { BenchWorld } from './ground.ts';
import { takingTurns } from './rounds.ts';

const host = '127.0.0.1';
const roundMs = 2_000;
const rounds = 7;

/** The public page, served whole by Kept over HTTP, against a bare handler that sends the same bytes. */
export const policyPage: Figure = {
  name: 'policy-page',
  async measure(ground) {
    const world = await ground.world('policy');
    await publish(world);
    const app = await composeApp(world, await readDictionary(sources), {
      local: { actorOf: () => null },
      setup: closedGate,
    });
    const kept = await listen(host, 0, (request, bindings) =>
      app.fetch(request, bindings as object),
    );
    const bare = await listen(host, 0, await bareAnswerer(kept));
    try {
      const round = await takingTurns(rounds, {
        ours: () => answersOf(kept),
        baseline: () => answersOf(bare),
      });
      return [
        {
          ...round,
          name: 'policy-page',
          says: 'public policy page served, against a bare Hono handler with the same bytes',
          unit: 'per second',
          target: { of: 'ratio', atLeast: 0.5 },
        },
        await sizeOf(kept),
      ];
    } finally {
      await kept.finish(0);
      await bare.finish(0);
    }
  },
};

/** The policy that ships, published, with the statuses of its promises. */
async function publish(world: BenchWorld): Promise<void> {
  await beginRooms(world, rooms, sources);
  const published = await publishFirstPolicy(
    {
      asSystem: executeAs(world, { kind: 'system', id: 'setup' }),
      asApprover: executeAs(world, world.officer),
    },
    {
      languages: ['en', 'ja'],
      name: { en: 'Example Engineering', ja: '株式会社見本' },
      contactEmail: 'security@example.com',
    },
  );
  if (!published.ok) throw new Error(`the policy was not published: ${published.refusal.code}`);
  await tick(world, rooms);
}

const headers = { 'accept-encoding': 'gzip', 'accept-language': 'ja' };

/** Sends what Kept answers, body and headers alike, from memory. */
async function bareAnswerer(kept: Listener): Promise<Answerer> {
  const page = await fetch(`http://${host}:${kept.port}/`, { headers });
  // The client has unpacked it; what travels is the packed page.
  const body = new Uint8Array(gzipSync(new Uint8Array(await page.arrayBuffer())));
  const sent = Object.fromEntries([...page.headers].filter(([name]) => !travelling.has(name)));
  const app = new Hono();
  app.get('/', (c) => c.body(body, 200, { ...sent, 'content-encoding': 'gzip' }));
  return (request, bindings) => app.fetch(request, bindings as object);
}

/** Headers that the server writes itself. */
const travelling = new Set([
  'connection',
  'content-length',
  'content-encoding',
  'date',
  'keep-alive',
  'transfer-encoding',
]);

/** Answers per second to readers in a process of their own. */
async function answersOf({ port }: Listener): Promise<number> {
  const program = join(import.meta.dirname, 'readers.child.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    program,
    host,
    String(port),
    String(roundMs),
  ]);
  return Number(stdout);
}

/** Page and style sheets as they travel, the larger of both languages. */
async function sizeOf(kept: Listener): Promise<Measured> {
  const sizes: number[] = [];
  for (const language of ['en', 'ja']) {
    const page = await (await fetch(`http://${host}:${kept.port}/?lang=${language}`)).text();
    const sheets = [...page.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map(
      (match) => match[1] ?? '',
    );
    if (sheets.length === 0) throw new Error('the page names no style sheet');
    let bytes = gzipSync(page).length;
    for (const path of sheets)
      bytes += gzipSync(await (await fetch(`http://${host}:${kept.port}${path}`)).text()).length;
    sizes.push(bytes);
  }
  return within(60, {
    name: 'policy-page-size',
    says: 'its HTML and CSS gzipped, in the larger language',
    value: Math.max(...sizes) / 1000,
    unit: 'kB',
  });
}
