import { expect, test } from 'vitest';
import { createBuckets } from './buckets.ts';

const start = Temporal.Instant.from('2026-01-05T00:00:00Z');

test('a burst passes, the next waits, and what it waits for comes', () => {
  const buckets = createBuckets({ burst: 3, perMinute: 6 });
  expect([1, 2, 3].map(() => buckets.take('a', start))).toEqual([0, 0, 0]);
  expect(buckets.take('a', start)).toBe(10);
  expect(buckets.take('a', start.add({ seconds: 9 }))).toBe(1);
  expect(buckets.take('a', start.add({ seconds: 10 }))).toBe(0);
  expect(buckets.take('a', start.add({ seconds: 10 }))).toBe(10);
});

test('callers do not use up each other’s', () => {
  const buckets = createBuckets({ burst: 1, perMinute: 1 });
  expect(buckets.take('a', start)).toBe(0);
  expect(buckets.take('b', start)).toBe(0);
  expect(buckets.take('a', start)).toBe(60);
});

test('what did not count is given back, and never more than the burst', () => {
  const buckets = createBuckets({ burst: 1, perMinute: 1 });
  expect(buckets.take('a', start)).toBe(0);
  buckets.give('a');
  buckets.give('a');
  expect(buckets.take('a', start)).toBe(0);
  expect(buckets.take('a', start)).toBe(60);
});

test('a clock that goes backwards gives nothing', () => {
  const buckets = createBuckets({ burst: 1, perMinute: 60 });
  expect(buckets.take('a', start)).toBe(0);
  expect(buckets.take('a', start.subtract({ hours: 1 }))).toBe(1);
});
