import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// One PostgreSQL for the whole run; each test file clones its own database from a template.
const POSTGRES = 'src/platform/testing/postgres.ts';

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'rooms',
          include: ['{src,verify,tools,bench,conformance}/**/*.test.{ts,tsx}'],
          globalSetup: existsSync(POSTGRES) ? [POSTGRES] : [],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          // Journeys through a browser, each against a server of its own, after the rest.
          name: 'journeys',
          include: ['e2e/**/*.test.{ts,tsx}'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
