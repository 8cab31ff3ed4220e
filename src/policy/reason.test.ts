import { describe, expect, it } from 'vitest';
import { type Known, statusLine } from './reason.ts';

const now = Temporal.Instant.from('2026-03-10T09:00:00Z');
const known: Known = {
  status: 'kept',
  reason: { code: 'kept', params: {} },
  since: Temporal.Instant.from('2026-03-03T00:00:00Z'),
  provenAt: Temporal.Instant.from('2026-03-10T07:00:00Z'),
};
const stale = {
  code: 'stale',
  params: { source: 'aws', count: 1, readAt: '2026-03-07T09:00:00.000Z' },
} as const;

describe('a status as a sentence', () => {
  const cases: readonly [known: Known, en: string, ja: string][] = [
    [known, 'Kept: proven 2 hours ago', '履行中・2時間前に確認'],
    [
      {
        ...known,
        status: 'due',
        reason: { code: 'dutyDue', params: { dueAt: '2026-03-16T09:00:00.000Z' } },
      },
      'Kept: due in 6 days',
      '履行中・期限は6日後',
    ],
    [
      {
        ...known,
        status: 'broken',
        reason: { code: 'violations', params: { violated: 4, examined: 1212 } },
      },
      'Broken: since 3 March: 4 of 1,212',
      '不履行・3月3日から・1,212件中4件',
    ],
    [
      {
        ...known,
        status: 'broken',
        reason: { code: 'dutyMissed', params: { count: 1, since: '2025-12-31T15:00:00.000Z' } },
      },
      'Broken: since 31 December 2025: not done in time',
      '不履行・2025年12月31日から・期限までに実施されていません',
    ],
    [
      {
        ...known,
        status: 'broken',
        reason: { code: 'dutyMissed', params: { count: 1, since: '2026-03-05T00:00:00.000Z' } },
      },
      'Broken: since 3 March: not done in time',
      '不履行・3月3日から・期限までに実施されていません',
    ],
    [
      { ...known, status: 'unknown', reason: stale, provenAt: null },
      'Unknown: its facts were last read 3 days ago',
      '不明・事実の最後の読み取りは3日前',
    ],
    [
      {
        ...known,
        status: 'unknown',
        reason: { code: 'neverRead', params: { source: 'unconnected:signIn', count: 1 } },
        provenAt: null,
      },
      'Unknown: what its facts come from is not connected yet',
      '不明・事実の読み取り元がまだ接続されていません',
    ],
    [
      {
        ...known,
        status: 'unknown',
        reason: { code: 'nothingUpholds', params: {} },
        provenAt: null,
      },
      'Unknown: nothing upholds this yet',
      '不明・これを支える仕組みがまだありません',
    ],
  ];
  it.each(cases)('%#', (it, en, ja) => {
    const reader = { now, zone: 'UTC', internals: false };
    expect(statusLine(it, { ...reader, language: 'en' })).toBe(en);
    expect(statusLine(it, { ...reader, language: 'ja' })).toBe(ja);
  });

  it('names a source to staff only', () => {
    const it = { ...known, status: 'unknown', reason: stale } as const;
    const reader = { now, zone: 'UTC', language: 'en' } as const;
    expect(statusLine(it, { ...reader, internals: true })).toBe(
      'Unknown: aws was last read 3 days ago',
    );
    expect(statusLine(it, { ...reader, internals: false })).not.toContain('aws');
    const missing = {
      ...it,
      reason: { code: 'neverRead', params: { source: 'unconnected:signIn', count: 1 } },
    } as const;
    expect(statusLine(missing, { ...reader, internals: true })).toBe(
      'Unknown: no identity provider is set up for signing in to Kept',
    );
  });

  it('writes days as they are in the zone of the organisation', () => {
    const it = {
      ...known,
      status: 'broken',
      reason: { code: 'violations', params: { violated: 1, examined: 1 } },
    } as const;
    const since = Temporal.Instant.from('2026-03-03T23:00:00Z');
    const reader = { now, zone: 'Australia/Sydney', language: 'en', internals: false } as const;
    expect(statusLine({ ...it, since }, reader)).toBe('Broken: since 4 March: 1 of 1');
  });
});
