// Does the imports that wait, of a world in a database and a folder, until there are none, or it is killed.
import { openDatabase } from '../../platform/postgres/database.ts';
import { folderWorld } from '../exports/killed.fixture.ts';
import { importerOf } from './testing.ts';

const [url, folder, aheadMinutes] = process.argv.slice(2);
if (url && folder) {
  const database = openDatabase(url, 4);
  // Each life begins where the word of the one before is over, without anybody waiting for it.
  const world = await folderWorld(database, folder, Number(aheadMinutes));
  process.stdout.write('begun\n');
  await importerOf(world, { atOnce: 50 }).runDue();
  await database.close();
}
