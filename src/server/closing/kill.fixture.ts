import { createAuthorizer } from '../../platform/authorization/authorizer.ts';
import { readPermissions } from '../../platform/authorization/permissions.ts';
import { openCustody } from '../../platform/custody.ts';
import { keysOf } from '../../platform/keys.ts';
import { noMail } from '../../platform/mail/queue.ts';
import { openDatabase } from '../../platform/postgres/database.ts';
import { systemRandom } from '../../platform/random.ts';
import { readSettings } from '../../platform/settings.ts';
import { createWorld, type World } from '../../platform/world.ts';
import { rooms, sources } from '../composition.ts';
import { work } from '../tick.ts';

/** What a process that erases is given: its own words on the command line. */
export interface EraserParts {
  readonly databaseUrl: string;
  /** Holds objects, keystore and its backups. */
  readonly folder: string;
  /** RFC 3339: what its clock says at its start; it goes on from there. */
  readonly from: string;
}

/** A world on folders, as production has it, by a clock of its own. */
export async function worldOn({ databaseUrl, folder, from }: EraserParts): Promise<World> {
  const read = readSettings({ KEPT_DATA: folder }, folder);
  if (!read.ok) throw new Error('the settings of the fixture are wrong');
  const random = systemRandom();
  const startedMs = performance.now();
  const start = Temporal.Instant.from(from);
  return createWorld({
    ...(await openCustody(read.settings.custody, random)),
    database: openDatabase(databaseUrl, 4),
    keys: keysOf(new Uint8Array(32).fill(7)),
    authorizer: createAuthorizer(await readPermissions(sources)),
    effects: noMail,
    url: 'http://localhost:4747',
    now: () => start.add({ milliseconds: Math.round(performance.now() - startedMs) }),
    random,
  });
}

/** Erases whatever is due, and ends; whoever started it may kill it at any moment. */
async function erase(): Promise<void> {
  const [databaseUrl = '', folder = '', from = ''] = process.argv.slice(2);
  const world = await worldOn({ databaseUrl, folder, from });
  process.stdout.write('erasing\n');
  while ((await work(world, rooms)).obligations > 0);
  await world.database.close();
}

if (import.meta.main) await erase();
