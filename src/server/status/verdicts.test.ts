import { describe, expect, test } from 'vitest';
import { duty } from '../../policy/clause.ts';
import type { DutyRecord } from '../../registers/tasks/duties.ts';
import { verdictOf } from './verdicts.ts';

const day = (date: number) =>
  Temporal.Instant.from(`2026-02-${String(date).padStart(2, '0')}T00:00:00Z`);

const upholder = (eachOwed: boolean) =>
  duty({
    kind: 'review',
    promise: 'CUS-3',
    states: { en: 'Each is reviewed.', ja: '毎回確認する。' },
    rhythm: 'deadline',
    soonDays: 1,
    eachOwed,
  });

const record: DutyRecord = {
  kind: 'review',
  total: 2,
  overdue: 0,
  overdueSince: null,
  nextDueAt: null,
  lastDoneAt: day(9),
  lastMissedAt: day(5),
  owed: 1,
  owedSince: day(5),
};

function statusOf(eachOwed: boolean, over: Partial<DutyRecord> = {}): string {
  const duties = new Map([['review', { ...record, ...over }]]);
  return verdictOf(upholder(eachOwed), { checks: new Map(), duties, now: day(10) }).status;
}

describe('a duty of which one was missed and another done since', () => {
  test('is made up for where the next one does what the missed one did not', () => {
    expect(statusOf(false)).toBe('kept');
    expect(statusOf(false, { lastDoneAt: day(4) })).toBe('broken');
  });

  test('is broken until that very one is done, where each is owed by itself', () => {
    expect(statusOf(true)).toBe('broken');
    expect(statusOf(true, { owed: 0, owedSince: null })).toBe('kept');
    expect(
      statusOf(true, { owed: 0, owedSince: null, lastMissedAt: day(9), lastDoneAt: day(8) }),
    ).toBe('kept');
  });
});
