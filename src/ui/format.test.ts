import { expect, test } from 'vitest';
import { formatBytes, formatDate, formatMoment, formatRelative, formatSpan } from './format.ts';

const tokyo = { language: 'en', zone: 'Asia/Tokyo' } as const;
const now = Date.parse('2026-11-23T06:00:00Z');

test.each([
  ['2026-11-23T05:59:40Z', 'now', '今'],
  ['2026-11-23T05:10:00Z', '50 minutes ago', '50分前'],
  ['2026-11-23T04:00:00Z', '2 hours ago', '2時間前'],
  ['2026-11-29T06:00:00Z', 'in 6 days', '6日後'],
  ['2026-11-29T15:00:00Z', 'in 6 days', '6日後'],
  ['2026-11-24T14:00:00Z', 'tomorrow', '明日'],
  ['2026-11-24T16:00:00Z', 'in 2 days', '明後日'],
  ['2026-03-03T00:00:00Z', '3 Mar 2026', '2026年3月3日'],
  ['not a time', 'not a time', 'not a time'],
])('%s is said as %s and %s', (iso, en, ja) => {
  expect(formatRelative(iso, now, tokyo)).toBe(en);
  expect(formatRelative(iso, now, { ...tokyo, language: 'ja' })).toBe(ja);
});

test('a calendar date is today by the organisation, not by the browser or UTC', () => {
  // 23 November 15:30 UTC is already the 24th in Tokyo.
  const lateEvening = Date.parse('2026-11-23T15:30:00Z');
  expect(formatRelative('2026-11-24', lateEvening, tokyo)).toBe('today');
  expect(formatRelative('2026-11-24', lateEvening, { language: 'en', zone: 'UTC' })).toBe(
    'tomorrow',
  );
});

test('moments stand in the zone of the organisation', () => {
  expect(formatMoment('2026-11-23T15:30:00Z', tokyo)).toContain('24 November 2026');
  expect(formatDate('2026-03-03', { language: 'en', zone: 'America/Los_Angeles' }, 'long')).toBe(
    '3 March 2026',
  );
});

test('spans and sizes', () => {
  expect(formatSpan(45, 'en')).toBe('45 s');
  expect(formatSpan(200, 'en')).toBe('3 min 20 s');
  expect(formatSpan(7500, 'ja')).toBe('2時間5分');
  expect(formatBytes(5_242_880, 'en')).toBe('5.2 MB');
  expect(formatBytes(0, 'en')).toBe('0 B');
});
