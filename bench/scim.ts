import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import express from 'express';
import SCIMMYRouters, { SCIMMY } from 'scimmy-routers';
import { executeAs } from '../src/platform/execute.ts';
import { sha256Hex } from '../src/platform/identity/token.ts';
import { readDictionary } from '../src/platform/words.ts';
import { provisioningFlow } from '../src/registers/provisioning/store.tokens.ts';
import { composeApp } from '../src/server/compose.ts';
import { rooms, sources } from '../src/server/composition.ts';
import { startHeart } from '../src/server/heart.ts';
import { listen } from '../src/server/listener.ts';
import { bearersOf } from '../src/server/scim/bearer.ts';
import { closedGate } from '../src/server/setup.ts';
import { tick } from '../src/server/tick.ts';
import type { Figure, Measured } from './figure.ts';
import type { BenchWorld } from './ground.ts';
import { quantile } from './rounds.ts';

const host = '127.0.0.1';
const roundMs = 2_000;
const rounds = 5;
const token = `kept_scim_${'bench'.padEnd(43, '0')}`;
/** Requests of each kind a second that one node has to bear, whatever others can. */
const atLeast = 500;

/**
 * Users created and changed over HTTP by SCIM, 32 clients at a time: every one durable, in the
 * register of people and in the ledger, with the tick following as it does in production. Against
 * the same calls to scimmy-routers on Express with a store in memory.
 */
export const scim: Figure = {
  name: 'scim',
  async measure(ground) {
    const world = await ground.world('scim');
    const kept = await openKept(world);
    const bare = await openBare();
    try {
      const each: { readonly ours: Rates; readonly baseline: Rates }[] = [];
      for (let n = 0; n <= rounds; n++) {
        const ours = await ratesOf(kept.port, '/scim/v2', `ours${n}`);
        const baseline = await ratesOf(bare.port, '', `baseline${n}`);
        // The first round warms up.
        if (n > 0) each.push({ ours, baseline });
      }
      return (['creates', 'patches'] as const).flatMap((kind) =>
        figuresOf(
          kind,
          each.map(({ ours, baseline }) => ({ value: ours[kind], baseline: baseline[kind] })),
        ),
      );
    } finally {
      await kept.close();
      await bare.close();
    }
  },
};

interface Rates {
  readonly creates: number;
  readonly patches: number;
}

interface Opened {
  readonly port: number;
  close(): Promise<void>;
}

/** The round whose ratio is the median, as a ratio and as a number of its own. */
function figuresOf(
  kind: keyof Rates,
  pairs: readonly { readonly value: number; readonly baseline: number }[],
): readonly Measured[] {
  const ratio = quantile(
    pairs.map(({ value, baseline }) => value / baseline),
    0.5,
  );
  const chosen = pairs.find(({ value, baseline }) => value / baseline === ratio) ?? pairs[0];
  const { value = 0, baseline = 1 } = chosen ?? {};
  const says = kind === 'creates' ? 'users created by SCIM' : 'users changed by SCIM PATCH';
  return [
    {
      name: `scim-${kind}`,
      says: `${says}, against scimmy-routers on Express with a store in memory`,
      value,
      unit: 'per second',
      baseline,
      ratio,
      target: { of: 'ratio', atLeast: 0.5 },
    },
    {
      name: `scim-${kind}-rate`,
      says: `${says}, one node`,
      value,
      unit: 'per second',
      baseline: atLeast,
      ratio: value / atLeast,
      target: { of: 'value', atLeast },
    },
  ];
}

async function ratesOf(port: number, base: string, round: string): Promise<Rates> {
  const child = join(import.meta.dirname, 'scim.child.ts');
  const words = [child, host, String(port), base, token, String(roundMs), round];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  return JSON.parse(stdout) as Rates;
}

async function openKept(world: BenchWorld): Promise<Opened> {
  const made = await executeAs(world, world.officer)(provisioningFlow, {
    do: 'issueToken',
    name: 'bench',
    days: 1,
    sha256: sha256Hex(token),
  });
  if (!made.ok) throw new Error(made.refusal.code);
  const app = await composeApp(world, await readDictionary(sources), {
    local: { actorOf: () => null },
    setup: closedGate,
  });
  const heart = startHeart(() => tick(world, rooms), 2_000);
  world.onPoke(() => heart.hurry());
  const listener = await listen(host, 0, (request, bindings) =>
    app.fetch(request, bindings as object),
  );
  return {
    port: listener.port,
    close: async () => {
      await listener.finish(0);
      await heart.stop();
      await bearersOf(world).settle();
    },
  };
}

type Stored = Record<string, unknown> & { id: string };
type Asked = { readonly id?: string };

/** What others would start with: the routers of SCIMMY, and a map that forgets everything. */
async function openBare(): Promise<Opened> {
  const users = new Map<string, Stored>();
  const names = new Map<string, string>();
  let next = 0;
  const type = SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);
  SCIMMY.Resources.declare(type)
    .ingress(((resource: Asked, given: object) => {
      const stored = JSON.parse(JSON.stringify(given)) as Stored;
      stored.id = resource.id ?? String(++next);
      const name = String(stored['userName']).toLowerCase();
      if ((names.get(name) ?? stored.id) !== stored.id)
        throw new SCIMMY.Types.Error(409, 'uniqueness', 'the name is taken');
      names.set(name, stored.id);
      const now = new Date().toISOString();
      stored['meta'] = { created: now, lastModified: now };
      users.set(stored.id, stored);
      return stored;
    }) as never)
    .egress(((resource: Asked) => {
      if (!resource.id) return [...users.values()];
      const found = users.get(resource.id);
      if (!found) throw new SCIMMY.Types.Error(404, '', 'there is no such user');
      return found;
    }) as never);
  const app = express();
  app.use(
    '/',
    new SCIMMYRouters({
      type: 'bearer',
      handler: (request: express.Request) => {
        if (request.header('authorization') !== `Bearer ${token}`) throw new Error('no token');
        return 'bench';
      },
    }) as unknown as express.Router,
  );
  const server: Server = createServer(app).listen(0, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
