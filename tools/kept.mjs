#!/usr/bin/env node
// The command `kept`, as `npx kept …`, `npm start` and `npm run demo` call it. It makes the checkout
// ready and then becomes the CLI under the pinned Node. Nothing but Node ≥ 20 and npm is needed.
import { start } from './bootstrap.mjs';

const args = process.argv.slice(2);
const servesConsole = args[0] === 'up' || args[0] === 'demo';

await start({ target: 'src/cli/main.ts', args, needsConsole: servesConsole });
