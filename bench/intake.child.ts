// Does the imports that wait in a database, as the server's process does, and says how long they took.
import { openDatabase } from '../src/platform/postgres/database.ts';
import { importerOf } from '../src/server/advisories/testing.ts';
import { folderWorld } from '../src/server/exports/killed.fixture.ts';

const [url = '', folder = ''] = process.argv.slice(2);
const database = openDatabase(url);
const world = await folderWorld(database, folder);
const from = performance.now();
await importerOf(world).runDue();
process.stdout.write(`${(performance.now() - from) / 1000}`);
await database.close();
