// `npm test`: every test once, under this Node. Arguments go to Vitest (`npm test -- src/ledger`).
// A machine-readable account is left in .cache/test-report.json; .ci/run sums it up.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const report = `${root}.cache/test-report.json`;

mkdirSync(`${root}.cache`, { recursive: true });
rmSync(report, { force: true });
const { status, signal } = spawnSync(
  process.execPath,
  [
    `${root}node_modules/vitest/vitest.mjs`,
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);
if (signal !== null) console.error(`the tests were ended by ${signal}`);
process.exitCode = status ?? 1;
