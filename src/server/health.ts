import { oldestPending } from '../platform/ledger/pending.ts';
import { isMigrated } from '../platform/postgres/migrate.ts';
import type { World } from '../platform/world.ts';

/** An entry that waits longer than this for its place in the tree means that no node sequences. */
const sequencerLimitSeconds = 60;
const databaseLimitMs = 2_000;

export interface Readiness {
  readonly ready: boolean;
  readonly database: 'reachable' | 'unreachable';
  readonly migrations: 'current' | 'other' | 'unknown';
  readonly ledger: 'current' | 'behind' | 'unknown';
}

/** Whether this node can do its work now: what `GET /readyz` answers. */
export async function readinessOf(world: World, migrations: number): Promise<Readiness> {
  const unreachable = {
    ready: false,
    database: 'unreachable',
    migrations: 'unknown',
    ledger: 'unknown',
  } as const;
  const looked = look(world, migrations).catch(() => unreachable);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Readiness>((resolve) => {
    timer = setTimeout(() => resolve(unreachable), databaseLimitMs);
  });
  const answer = await Promise.race([looked, late]);
  clearTimeout(timer);
  return answer;
}

async function look(world: World, migrations: number): Promise<Readiness> {
  const current = await isMigrated(world.database.pool, migrations);
  const pending = await oldestPending(world.database.db);
  const behind =
    pending !== null && pending.until(world.now()).total('seconds') > sequencerLimitSeconds;
  return {
    ready: current && !behind,
    database: 'reachable',
    migrations: current ? 'current' : 'other',
    ledger: behind ? 'behind' : 'current',
  };
}

/** Answers 200 where ready and 503 where not, for whoever balances load. */
export function readinessResponse(readiness: Readiness): Response {
  return Response.json(readiness, {
    status: readiness.ready ? 200 : 503,
    headers: { 'cache-control': 'no-store' },
  });
}

/** The process runs: all that `GET /healthz` says. */
export function aliveResponse(): Response {
  return new Response('alive\n', {
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  });
}

/** What everybody else hears before Kept is ready. */
export function startingResponse(): Response {
  const problem = {
    type: '/problems/starting',
    title: 'Kept is starting',
    status: 503,
    code: 'starting',
  };
  return Response.json(problem, {
    status: 503,
    headers: {
      'content-type': 'application/problem+json',
      'retry-after': '2',
      'cache-control': 'no-store',
    },
  });
}
