import { describe, expect, inject, test } from 'vitest';
import { mute } from '../platform/log.ts';
import { liveSeed } from './lives.ts';

mute();
const { url, template } = inject('postgres');
const life = (seed: string, years: number) =>
  liveSeed({ seed, years, url, template, crashes: true });

/** About six weeks: readings, leavers, a death or two of the process. `npm run sim` lives longer. */
const shortly = 0.12;

describe('the simulator', () => {
  test('a life breaches no invariant', { timeout: 180_000 }, async () => {
    const lived = await life('6', shortly);
    expect(lived.steps).toBeGreaterThan(30);
    expect(lived.entries).toBeGreaterThan(100);
  });

  test('the same seed lives the same life, to the last bit of the ledger', {
    timeout: 180_000,
  }, async () => {
    const first = await life('again', shortly / 2);
    const second = await life('again', shortly / 2);
    expect(second).toEqual(first);
    expect(first.head).toMatch(/^[0-9a-f]{64}$/);
  });

  test('another seed lives another life', { timeout: 180_000 }, async () => {
    const [one, other] = [await life('a', 0.02), await life('b', 0.02)];
    expect(one.head).not.toBe(other.head);
  });
});
