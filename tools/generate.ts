/**
 * Writes the golden files that follow from the routes and permissions: the API document, the table
 * of operations of the typed client, the matrix role × action and the list of routes. A test fails
 * while they differ from the code; run this, read the difference, commit it.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { golden } from '../src/server/golden.ts';

const root = join(import.meta.dirname, '..');
for (const [path, text] of Object.entries(await golden())) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
  process.stdout.write(`${path}\n`);
}
