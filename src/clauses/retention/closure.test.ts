import { describe, expect, test } from 'vitest';
import {
  closureClock,
  dayOfClosure,
  eraseByAfterHold,
  erasureCode,
  erasureCodePattern,
} from './facts.closure.ts';
import { nextNight } from './facts.schedule.ts';

const clockOf = (at: string, zone: string) => {
  const { requestedOn, reopenUntil, eraseBy } = closureClock(Temporal.Instant.from(at), zone);
  const local = (instant: Temporal.Instant) =>
    instant.toZonedDateTimeISO(zone).toString({ timeZoneName: 'never' });
  return [requestedOn.toString(), local(reopenUntil), local(eraseBy)];
};

describe('RET-5: days are days of the organisation’s zone, each to its end', () => {
  test.each([
    [
      'an ordinary winter',
      '2026-01-05T03:00:00Z',
      'Asia/Tokyo',
      '2026-01-05',
      '2026-02-05T00:00:00+09:00',
      '2026-04-06T00:00:00+09:00',
    ],
    [
      'the last second of a day',
      '2026-01-05T14:59:59Z',
      'Asia/Tokyo',
      '2026-01-05',
      '2026-02-05T00:00:00+09:00',
      '2026-04-06T00:00:00+09:00',
    ],
    [
      'the first second of the next',
      '2026-01-05T15:00:00Z',
      'Asia/Tokyo',
      '2026-01-06',
      '2026-02-06T00:00:00+09:00',
      '2026-04-07T00:00:00+09:00',
    ],
    [
      'over a leap day',
      '2028-02-10T12:00:00Z',
      'UTC',
      '2028-02-10',
      '2028-03-12T00:00:00+00:00',
      '2028-05-11T00:00:00+00:00',
    ],
    [
      'over an ordinary February',
      '2027-02-10T12:00:00Z',
      'UTC',
      '2027-02-10',
      '2027-03-13T00:00:00+00:00',
      '2027-05-12T00:00:00+00:00',
    ],
    [
      'from the end of January',
      '2026-01-31T12:00:00Z',
      'UTC',
      '2026-01-31',
      '2026-03-03T00:00:00+00:00',
      '2026-05-02T00:00:00+00:00',
    ],
    [
      'into daylight saving',
      '2026-03-01T12:00:00Z',
      'Europe/Berlin',
      '2026-03-01',
      '2026-04-01T00:00:00+02:00',
      '2026-05-31T00:00:00+02:00',
    ],
    [
      'out of daylight saving',
      '2026-10-01T12:00:00Z',
      'America/New_York',
      '2026-10-01',
      '2026-11-01T00:00:00-04:00',
      '2026-12-31T00:00:00-05:00',
    ],
    [
      'day 30 on the day that clocks change',
      '2026-02-27T12:00:00Z',
      'Europe/Berlin',
      '2026-02-27',
      '2026-03-30T00:00:00+02:00',
      '2026-05-29T00:00:00+02:00',
    ],
    [
      'a zone that has no midnight that day',
      '2026-03-06T12:00:00Z',
      'Africa/Cairo',
      '2026-03-06',
      '2026-04-06T00:00:00+02:00',
      '2026-06-05T00:00:00+03:00',
    ],
    [
      'over the turn of the year',
      '2026-12-15T12:00:00Z',
      'Pacific/Auckland',
      '2026-12-16',
      '2027-01-16T00:00:00+13:00',
      '2027-03-17T00:00:00+13:00',
    ],
  ])('%s', (_what, at, zone, requestedOn, reopenUntil, eraseBy) => {
    expect(clockOf(at, zone)).toEqual([requestedOn, reopenUntil, eraseBy]);
  });

  test('which day it is, counted from day 0', () => {
    const requestedOn = Temporal.PlainDate.from('2026-03-01');
    const day = (at: string) =>
      dayOfClosure(requestedOn, Temporal.Instant.from(at), 'Europe/Berlin');
    expect(day('2026-03-01T08:00:00Z')).toBe(0);
    expect(day('2026-03-31T21:59:59Z')).toBe(30);
    expect(day('2026-03-31T22:00:00Z')).toBe(31);
    expect(day('2026-05-30T10:00:00Z')).toBe(90);
  });

  test('after a hold the deletion has its sixty days, and never fewer than it had', () => {
    const { eraseBy } = closureClock(Temporal.Instant.from('2026-01-05T03:00:00Z'), 'UTC');
    const eraseByFrom = (at: string) =>
      eraseByAfterHold(Temporal.Instant.from(at), eraseBy, 'UTC').toString();
    expect(eraseByFrom('2026-01-20T00:00:00Z')).toBe(eraseBy.toString());
    expect(eraseByFrom('2026-02-28T12:00:00Z')).toBe('2026-04-30T00:00:00Z');
  });

  test('a certificate’s code is found by what it looks like, and tells nothing', () => {
    const code = erasureCode('0199aaaa-0000-7000-8000-000000000001');
    expect(code).toMatch(erasureCodePattern);
    expect(erasureCode('0199aaaa-0000-7000-8000-000000000002')).not.toBe(code);
  });
});

describe('RET-1: the night', () => {
  test.each([
    ['tonight', '2026-01-05T16:00:00Z', 'Asia/Tokyo', '2026-01-05T17:00:00Z'],
    [
      'the one that has just begun is over',
      '2026-01-05T17:00:00Z',
      'Asia/Tokyo',
      '2026-01-06T17:00:00Z',
    ],
    ['two o’clock does not exist', '2026-03-28T12:00:00Z', 'Europe/Berlin', '2026-03-29T01:00:00Z'],
    ['two o’clock comes twice', '2026-10-24T12:00:00Z', 'Europe/Berlin', '2026-10-25T00:00:00Z'],
  ])('%s', (_what, at, zone, night) => {
    expect(nextNight(Temporal.Instant.from(at), zone).toString()).toBe(night);
  });
});
