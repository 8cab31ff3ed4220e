// The vault on a socket of its own, over a database and a custody that outlive it: to be killed.
import { Hono } from 'hono';
import { createAuthorizer } from '../../platform/authorization/authorizer.ts';
import { readPermissions } from '../../platform/authorization/permissions.ts';
import { openCustody } from '../../platform/custody.ts';
import type { Env } from '../../platform/http/mount.ts';
import { keysOf } from '../../platform/keys.ts';
import { noMail } from '../../platform/mail/queue.ts';
import { openDatabase } from '../../platform/postgres/database.ts';
import { systemRandom } from '../../platform/random.ts';
import { readSettings } from '../../platform/settings.ts';
import { readDictionary } from '../../platform/words.ts';
import { createWorld } from '../../platform/world.ts';
import { sources } from '../composition.ts';
import { listen } from '../listener.ts';
import { vaultHandler } from './handler.ts';
import { startVault } from './keeping.ts';

const read = readSettings(process.env, process.cwd());
if (!read.ok || !read.settings.databaseUrl)
  throw new Error('DATABASE_URL and KEPT_DATA must be set');
const random = systemRandom();
const world = createWorld({
  database: openDatabase(read.settings.databaseUrl, 6),
  ...(await openCustody(read.settings.custody, random)),
  keys: keysOf(new Uint8Array(32).fill(7)),
  authorizer: createAuthorizer(await readPermissions(sources)),
  effects: noMail,
  url: 'http://localhost:4747',
  now: () => Temporal.Now.instant(),
  random,
});
const words = await readDictionary(sources);
const app = new Hono<Env>().route('/vault/v1', vaultHandler(world, words));
const { port } = await listen('127.0.0.1', 0, (request, bindings) =>
  app.fetch(request, bindings as object),
);
startVault(world);
process.stdout.write(`ready ${port}\n`);
