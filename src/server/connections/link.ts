import { setTimeout as pause } from 'node:timers/promises';
import type { Instant } from '../../kernel/instant.ts';
import type { World } from '../../platform/world.ts';
import type { Connector, Link } from '../../registers/connections/facts.connector.ts';
import type { Connectors } from './connectors.ts';
import { type Patience, patient } from './patience.ts';

/** The outside world, as connections reach it: what differs between production, tests and simulator. */
export interface Outside {
  readonly connectors: Connectors;
  /** Addresses checked, answers limited. */
  readonly fetch: typeof fetch;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Observations that are laid down together; the simulator has few. */
  readonly atOnce?: number;
}

export const realWait: Outside['wait'] = async (ms, signal) => {
  await pause(ms, undefined, { signal });
};

interface LinkRequest {
  readonly settings: unknown;
  readonly secret: unknown;
  readonly for: Patience['for'];
  readonly signal: AbortSignal;
  /** Told before a wait, so that whoever holds the run goes on holding it. */
  readonly beforeWait?: (ms: number) => Promise<void>;
}

/**
 * What a connector is given, its settings and secret checked against what it asks for.
 *
 * @throws ZodError where they are not what the connector asks for
 */
export function linkOf(
  world: Pick<World, 'now'>,
  outside: Outside,
  connector: Connector,
  request: LinkRequest,
): Link<unknown, unknown> {
  const { signal } = request;
  const now = (): Instant => world.now();
  const wait = async (ms: number): Promise<void> => {
    await request.beforeWait?.(ms);
    await outside.wait(ms, signal);
  };
  return {
    settings: connector.settings.parse(request.settings),
    secret: connector.secret.parse(request.secret),
    fetch: patient(outside.fetch, { now, wait, signal, for: request.for }),
    now,
    wait,
    signal,
  };
}

export async function connectorOf(connectors: Connectors, kind: string): Promise<Connector> {
  const load = connectors[kind];
  if (!load) throw new Error(`no connector is called ${kind}`);
  return await load();
}
