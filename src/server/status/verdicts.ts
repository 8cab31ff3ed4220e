import { type Instant, instantText, isBefore } from '../../kernel/instant.ts';
import type { Duty } from '../../policy/check.ts';
import type { Upholder } from '../../policy/clause.ts';
import type { Reason, Verdict } from '../../policy/status.ts';
import type { CheckResult } from '../../registers/findings/store.ts';
import type { DutyRecord } from '../../registers/tasks/duties.ts';

/** What is known when verdicts are given. */
export interface Known {
  readonly checks: ReadonlyMap<string, CheckResult>;
  readonly duties: ReadonlyMap<string, DutyRecord>;
  readonly now: Instant;
}

/** What one upholder says of its promise. */
export function verdictOf(upholder: Upholder, known: Known): Verdict {
  switch (upholder.by) {
    case 'check':
      return verdictOfCheck(known.checks.get(upholder.check.id));
    case 'duty':
      return verdictOfDuty(upholder.duty, known.duties.get(upholder.duty.kind), known.now);
    case 'guard':
      // A guard is code: it holds whenever this version of Kept runs, proven by the test of its name.
      return {
        status: 'kept',
        reason: reason('guardHolds', { guard: upholder.guard.id }),
        provenAt: known.now,
      };
  }
}

function verdictOfCheck(result: CheckResult | undefined): Verdict {
  if (!result) return { status: 'unknown', reason: reason('checkNotRun'), provenAt: null };
  return {
    status: result.status,
    reason: result.reason,
    provenAt: result.status === 'unknown' ? null : (result.facts_at ?? result.at),
  };
}

function verdictOfDuty(duty: Duty, record: DutyRecord | undefined, now: Instant): Verdict {
  // Whether anybody owes anything is known at any time; a cadence is proven by its last occurrence.
  const provenAt = duty.rhythm === 'deadline' ? now : (record?.lastDoneAt ?? null);
  if (record && record.overdue > 0) {
    const since = record.overdueSince ?? now;
    return {
      status: 'broken',
      reason: reason('dutyMissed', { count: record.overdue, since: instantText(since) }),
      provenAt,
    };
  }
  const missed = missedOf(duty, record);
  if (missed) {
    const { count, since } = missed;
    const params = { count, since: instantText(since) };
    return { status: 'broken', reason: reason('dutyMissed', params), provenAt };
  }
  const done = record?.lastDoneAt;
  if (duty.rhythm === 'cadence' && !done) {
    const due = record?.nextDueAt ? { dueAt: instantText(record.nextDueAt) } : {};
    return {
      status: 'unknown',
      reason: reason('dutyNeverDone', { duty: duty.kind, ...due }),
      provenAt: null,
    };
  }
  const next = record?.nextDueAt;
  if (next && isBefore(next, now.add({ hours: 24 * duty.soonDays }))) {
    return { status: 'due', reason: reason('dutyDue', { dueAt: instantText(next) }), provenAt };
  }
  return { status: 'kept', reason: reason('kept'), provenAt };
}

/** What was missed and nothing has made up for; null where there is none. */
function missedOf(
  { eachOwed }: Duty,
  record: DutyRecord | undefined,
): { readonly count: number; readonly since: Instant } | null {
  if (eachOwed) return record?.owedSince ? { count: record.owed, since: record.owedSince } : null;
  const missed = record?.lastMissedAt;
  const done = record?.lastDoneAt;
  return missed && (!done || isBefore(done, missed)) ? { count: 1, since: missed } : null;
}

function reason(code: Reason['code'], params: Reason['params'] = {}): Reason {
  return { code, params };
}
