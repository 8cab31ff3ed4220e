import { expect, inject, test } from 'vitest';
import { mute } from '../platform/log.ts';
import { liveSeed } from './lives.ts';

mute();
const { url, template } = inject('postgres');

/** A year and a bit, so that accounts end in it. `npm run sim -- --accounts` lives ten. */
test('RET-1, RET-5: a year of customers breaches no invariant', { timeout: 300_000 }, async () => {
  const lived = await liveSeed({
    seed: '1',
    years: 0.7,
    url,
    template,
    crashes: true,
    accounts: true,
  });
  expect(lived.steps).toBeGreaterThan(200);
  expect(lived.entries).toBeGreaterThan(50);
});
