// A process that starts PostgreSQL on the folder it is given and says where it is: something for
// the tests to kill.
import { startEmbedded } from './embedded.ts';

const embedded = await startEmbedded(process.argv[2] ?? '', { parameters: { fsync: 'off' } });
process.stdout.write(`${embedded.url}\n`);
setInterval(() => undefined, 60_000);
