import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execute } from '../src/platform/execute.ts';
import { outgoing } from '../src/platform/http/outgoing.ts';
import { connectionFlow } from '../src/registers/connections/store.ts';
import { newSystem } from '../src/registers/systems/facts.ts';
import { systemFlow } from '../src/registers/systems/store.ts';
import { connectors } from '../src/server/connections/connectors.ts';
import { type Outside, realWait } from '../src/server/connections/link.ts';
import { createRunner } from '../src/server/connections/runner.ts';
import { sealSecret } from '../src/server/connections/secrets.ts';
import { type Figure, within } from './figure.ts';
import type { BenchWorld, Ground } from './ground.ts';
import { elapsedMs, takingTurns } from './rounds.ts';
import { credentials, groupsEach, users } from './sync.tenant.ts';

const rounds = 3;
/** Pages after which the process holds what it needs, whatever the size of the tenant. */
const settledAfter = 60;
/** Megabytes by which it may grow after that: garbage that is not collected yet. */
const memoryLimitMb = 64;

/**
 * The first sync of a tenant from the fake Graph, in a process of its own and without artificial
 * delay, against asking for the same pages by the same `fetch` and parsing them.
 */
export const sync: Figure = {
  name: 'sync',
  async measure(ground: Ground) {
    const graph = await startGraph();
    try {
      const world = await ground.world('sync');
      let grownMb = 0;
      let pages: readonly string[] = [];
      const round = await takingTurns(rounds, {
        ours: async () => {
          const asked: string[] = [];
          const run = await connect(world, graph.url, asked);
          const watch = watchMemory(() => asked.length);
          const ms = await elapsedMs(run);
          grownMb = Math.max(grownMb, watch.grownMb());
          pages = asked;
          return ms / 1000;
        },
        baseline: async () => (await elapsedMs(() => download(pages))) / 1000,
      });
      return [
        {
          ...round,
          name: 'sync',
          says: `first sync of ${users} users with ${users * groupsEach} memberships, against downloading and parsing the pages alone`,
          unit: 's',
          target: { of: 'ratio', atMost: 2 },
        },
        within(memoryLimitMb, {
          name: 'sync memory',
          says: `growth of the process over the first sync, from page ${settledAfter} to the end`,
          value: grownMb,
          unit: 'MB',
        }),
      ];
    } finally {
      graph.stop();
    }
  },
};

async function startGraph(): Promise<{ readonly url: string; stop(): void }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'sync.child.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const url of createInterface({ input: child.stdout }))
    return { url, stop: () => void child.kill() };
  throw new Error('the fake Graph did not start');
}

const ask = outgoing({ internalHosts: ['127.0.0.1'], limitBytes: 64 * 1024 * 1024 });
let systems = 0;

/** A connection of a system of its own. @returns its first run */
async function connect(world: BenchWorld, url: string, asked: string[]) {
  const key = `entra${systems++}`;
  const system = newSystem.parse({ key, name: key });
  await must(execute(world, systemFlow, { do: 'registerSystem', system }, world.officer));
  const { tenantId, clientId, clientSecret } = credentials;
  const id = world.newId();
  const set = {
    do: 'setUpConnection' as const,
    id,
    system: key,
    kind: 'entra',
    settings: { tenantId, clientId, graphUrl: url, loginUrl: url },
    secret: sealSecret(world.keys, id, 'reading', { clientSecret }),
    everyHours: 24,
  };
  await must(execute(world, connectionFlow, set, world.officer));
  const outside: Outside = {
    connectors,
    wait: realWait,
    fetch: (input, init) => {
      asked.push(String(input));
      return ask(input, init);
    },
  };
  return async () => {
    const runs = await createRunner(world, outside, 'bench').runDue();
    if (runs !== 1) throw new Error(`${runs} runs instead of one`);
    const { rows } = await world.database.pool.query<{ state: string; pairs: string }>(
      `select state, counts ->> 'pairs' as pairs from connection_run where connection_id = $1`,
      [id],
    );
    if (rows[0]?.state !== 'done' || Number(rows[0].pairs) !== users * groupsEach)
      throw new Error(`the run came out as ${JSON.stringify(rows[0])}`);
  };
}

async function must(done: Promise<{ readonly ok: boolean }>): Promise<void> {
  if (!(await done).ok) throw new Error('refused');
}

/** The same pages, asked for in the same order, parsed and forgotten. */
async function download(pages: readonly string[]): Promise<void> {
  let seen = 0;
  for (const page of pages) {
    if (page.includes('/oauth2/')) continue;
    const answer = await ask(page, {
      headers: {
        authorization: `Bearer token-of-${credentials.clientId}`,
        prefer: 'odata.maxpagesize=999',
      },
    });
    // A setting of the tenant is an answer of its own, and no page.
    const { value } = (await answer.json()) as { value?: unknown[] };
    seen += value?.length ?? 0;
  }
  if (seen < users) throw new Error(`${seen} rows in all pages together`);
}

/** By how much the most memory that the process had grows once it has settled. */
function watchMemory(asked: () => number) {
  let settled = 0;
  let most = 0;
  const look = (): void => {
    const { rss } = process.memoryUsage();
    most = Math.max(most, rss);
    if (asked() < settledAfter) settled = most;
  };
  const timer = setInterval(look, 20);
  return {
    grownMb: () => {
      clearInterval(timer);
      look();
      return (most - settled) / 1024 ** 2;
    },
  };
}
