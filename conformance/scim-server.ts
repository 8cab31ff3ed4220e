import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { executeAs } from '../src/platform/execute.ts';
import { sha256Hex } from '../src/platform/identity/token.ts';
import { readDictionary } from '../src/platform/words.ts';
import type { World } from '../src/platform/world.ts';
import { personFlow } from '../src/registers/people/store.ts';
import { provisioningFlow } from '../src/registers/provisioning/store.tokens.ts';
import { composeApp } from '../src/server/compose.ts';
import { bearersOf } from '../src/server/scim/bearer.ts';
import { closedGate } from '../src/server/setup.ts';

const sources = join(import.meta.dirname, '../src');
const operator = { kind: 'system', id: 'conformance' } as const;
const token = `kept_scim_${'conformance'.padEnd(43, '0')}`;

/** Kept on a socket, with somebody in the register of people and a token of a directory. */
export interface ScimServer {
  /** Where the endpoints stand. */
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

/** Opens the whole face of a world on a port of this machine, as people start it. */
export async function openScimServer(world: World): Promise<ScimServer> {
  const execute = executeAs(world, operator);
  const sha256 = sha256Hex(token);
  const made = await execute(provisioningFlow, {
    do: 'issueToken',
    name: 'conformance',
    days: 1,
    sha256,
  });
  const person = { name: 'Hanako Example', email: 'hanako@example.com' };
  const command = personFlow.command.parse({ do: 'registerPerson', person });
  const registered = await execute(personFlow, command);
  if (!made.ok || !registered.ok) throw new Error('the server could not be prepared');
  const words = await readDictionary(sources);
  const app = await composeApp(world, words, {
    local: { actorOf: () => null },
    setup: closedGate,
  });
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server;
  if (!server.listening) await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/scim/v2`,
    token,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await bearersOf(world).settle();
    },
  };
}
