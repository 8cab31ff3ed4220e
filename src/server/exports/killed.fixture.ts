// Makes the exports that wait, of a world in a database and a folder, until there are none, or it is killed.
import { createAuthorizer } from '../../platform/authorization/authorizer.ts';
import { readPermissions } from '../../platform/authorization/permissions.ts';
import { openCustody } from '../../platform/custody.ts';
import { keysOf } from '../../platform/keys.ts';
import { noMail } from '../../platform/mail/queue.ts';
import { type Database, openDatabase } from '../../platform/postgres/database.ts';
import { systemRandom } from '../../platform/random.ts';
import { readSettings } from '../../platform/settings.ts';
import { createWorld, type World } from '../../platform/world.ts';
import { sources } from '../composition.ts';
import { makeNext } from './worker.ts';

/** A world whose custody is a folder, as in production; its clock runs `aheadMinutes` before the real one. */
export async function folderWorld(
  database: Database,
  folder: string,
  aheadMinutes = 0,
): Promise<World> {
  const read = readSettings({ KEPT_DATA: folder }, folder);
  if (!read.ok) throw new Error('the settings are wrong');
  const random = systemRandom();
  return createWorld({
    ...(await openCustody(read.settings.custody, random)),
    database,
    keys: keysOf(new Uint8Array(32).fill(7)),
    authorizer: createAuthorizer(await readPermissions(sources)),
    effects: noMail,
    url: 'http://localhost:4747',
    now: () => Temporal.Now.instant().add({ minutes: aheadMinutes }),
    random,
  });
}

const [url, folder, aheadMinutes] = process.argv.slice(2);
if (url && folder && process.argv[1] === import.meta.filename) {
  const database = openDatabase(url, 4);
  // Each life begins where the word of the one before is over, without anybody waiting for it.
  const world = await folderWorld(database, folder, Number(aheadMinutes));
  process.stdout.write('begun\n');
  while (await makeNext(world, world.newId(), new AbortController().signal));
  await database.close();
}
