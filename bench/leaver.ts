import { setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import { executeAs } from '../src/platform/execute.ts';
import { createLogin } from '../src/platform/identity/login.ts';
import { openSession } from '../src/platform/identity/session.ts';
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
import { type Figure, within } from './figure.ts';
import type { BenchWorld } from './ground.ts';
import { quantile } from './rounds.ts';

const host = '127.0.0.1';
const token = `kept_scim_${'leaver'.padEnd(43, '0')}`;
const leavers = 200;
const sessionsOfLeaver = 3;
const othersPerSecond = 50;
const limitMs = 250;
/** A session asks again so soon. */
const betweenMs = 5;

/**
 * From a directory's PATCH `active: false` to the last session of the leaver being answered 401:
 * the sessions ask all the while, and others make 50 requests a second of their own.
 */
export const leaver: Figure = {
  name: 'leaver',
  async measure(ground) {
    const world = await ground.world('leaver');
    const kept = await openKept(world);
    try {
      const people = await leaversWithSessions(world);
      const others = askAsOthers(kept.url, people.at(-1)?.cookies[0] ?? '');
      const tookMs: number[] = [];
      // The first few warm up; the last one stays, for the others to ask with.
      for (const [n, { id, cookies }] of people.slice(0, -1).entries()) {
        const ms = await leave(kept.url, id, cookies);
        if (n >= 10) tookMs.push(ms);
      }
      await others.stop();
      return [
        within(limitMs, {
          name: 'leaver-p99',
          says: `SCIM PATCH to the last of ${sessionsOfLeaver} sessions answering 401, p99 of ${tookMs.length} leavers, beside ${othersPerSecond} other requests a second`,
          value: quantile(tookMs, 0.99),
          unit: 'ms',
        }),
      ];
    } finally {
      await kept.close();
    }
  },
};

interface Signed {
  readonly id: string;
  readonly cookies: readonly string[];
}

/** People who are signed in on several devices with a second factor. */
async function leaversWithSessions(world: BenchWorld): Promise<readonly Signed[]> {
  const people: Signed[] = [];
  for (let n = 0; n <= leavers + 10; n++) {
    const personId = world.newId();
    const [name, email] = [`Leaver ${n}`, `leaver.${n}@example.com`];
    const cookies = await world.database.db.transaction().execute(async (tx) => {
      await sql`
        insert into person (id, name, email) values (${personId}, ${name}, ${email})`.execute(tx);
      const { userId } = await createLogin(world, tx, {
        personId,
        name,
        email,
        passwordHash: null,
        enrolBy: world.now(),
      });
      const opened = [];
      for (let each = 0; each < sessionsOfLeaver; each++) {
        const device = { address: host, userAgent: `device ${each}` };
        const { setCookie } = await openSession(world, tx, userId, ['passkey'], device);
        opened.push(setCookie.split(';')[0] ?? '');
      }
      return opened;
    });
    people.push({ id: personId, cookies });
  }
  return people;
}

async function statusOf(url: string, cookie: string): Promise<number> {
  const answer = await fetch(`${url}/api/v1/me`, { headers: { cookie } });
  await answer.arrayBuffer();
  return answer.status;
}

/** Milliseconds from the sending of the PATCH until every session has heard that it is over. */
async function leave(url: string, id: string, cookies: readonly string[]): Promise<number> {
  for (const cookie of cookies) {
    if ((await statusOf(url, cookie)) !== 200) throw new Error('a session was none to begin with');
  }
  const from = performance.now();
  const patched = fetch(`${url}/scim/v2/Users/${id}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    body: JSON.stringify({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'Replace', path: 'active', value: 'False' }],
    }),
  });
  const over = cookies.map(async (cookie) => {
    for (;;) {
      const status = await statusOf(url, cookie);
      if (status === 401) return performance.now() - from;
      if (status !== 200) throw new Error(`a session was answered ${status}`);
      await setTimeout(betweenMs);
    }
  });
  const answer = await patched;
  if (answer.status !== 200) throw new Error(`the PATCH was answered ${answer.status}`);
  await answer.arrayBuffer();
  return Math.max(...(await Promise.all(over)));
}

/** Half of the other requests read, half create users, at a steady pace. */
function askAsOthers(url: string, cookie: string): { stop(): Promise<void> } {
  const under = new Set<Promise<unknown>>();
  let n = 0;
  const timer = setInterval(() => {
    n += 1;
    const asked = (n % 2 === 0 ? statusOf(url, cookie) : createUser(url, n)).finally(() =>
      under.delete(asked),
    );
    under.add(asked);
  }, 1_000 / othersPerSecond);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(under);
    },
  };
}

async function createUser(url: string, n: number): Promise<void> {
  const answer = await fetch(`${url}/scim/v2/Users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    body: JSON.stringify({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: `other.${n}@example.com`,
      displayName: `Other ${n}`,
    }),
  });
  if (answer.status !== 201) throw new Error(`a user was answered ${answer.status}`);
  await answer.arrayBuffer();
}

async function openKept(
  world: BenchWorld,
): Promise<{ readonly url: string; close(): Promise<void> }> {
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
    url: `http://${host}:${listener.port}`,
    close: async () => {
      await listener.finish(0);
      await heart.stop();
      await bearersOf(world).settle();
    },
  };
}
