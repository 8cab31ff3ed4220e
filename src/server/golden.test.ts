import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sources } from './composition.ts';
import { golden } from './golden.ts';

describe('golden files', async () => {
  for (const [path, text] of Object.entries(await golden())) {
    test(`${path} is what the code says (npm run generate writes it)`, async () => {
      expect(await readFile(join(sources, '..', path), 'utf8')).toBe(text);
    });
  }
});
