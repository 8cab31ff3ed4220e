#!/usr/bin/env node
// The command `kept`, as `npx kept …`, `npm start` and `npm run demo` call it. It makes the checkout
// ready and then becomes the CLI under the pinned Node. Nothing but Node ≥ 20 and npm is needed.
import { start } from './bootstrap.mjs';

const args = process.argv.slice(2);
const servesConsole = args[0] === 'up' || args[0] === 'demo';

// The server waits for PostgreSQL most of its time: it gives speed it does not need for the memory
// that whoever runs it pays for (more of it once it is ready, see src/platform/memory.ts). The demo
// has a company to make, with room for what is needed only for a moment.
const thrifty = ['--max-semi-space-size=4'];
const generous = ['--max-semi-space-size=32'];
const flags = args[0] === 'up' ? thrifty : args[0] === 'demo' ? generous : [];

await start({ target: 'src/cli/main.ts', args, needsConsole: servesConsole, flags });
