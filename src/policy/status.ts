import type { Instant } from '../kernel/instant.ts';
import type { JsonObject } from '../kernel/json.ts';

/** Worst first: the order in which statuses win over each other. */
export const statuses = ['broken', 'unknown', 'due', 'kept'] as const;
export type Status = (typeof statuses)[number];

/** Why a status is what it is: a code with a sentence in both languages, and what fills it. */
export interface Reason {
  readonly code: ReasonCode;
  readonly params: JsonObject;
}

export type ReasonCode =
  | 'nothingUpholds'
  | 'notInText'
  | 'kept'
  | 'neverRead'
  | 'stale'
  | 'checkFailed'
  | 'checkNotRun'
  | 'violations'
  | 'dutyMissed'
  | 'dutyDue'
  | 'dutyNeverDone'
  | 'violationsDue'
  | 'guardHolds';

/** What one thing that upholds a promise says of it. */
export interface Verdict {
  readonly status: Status;
  readonly reason: Reason;
  /** When this was last established from facts; null where it never was. */
  readonly provenAt: Instant | null;
}

/**
 * A promise is as good as the worst thing that upholds it: broken, then unknown, then due, then
 * kept. Nothing upholding it is unknown, because unknown is never kept. The whole was proven when
 * its least recently proven part was.
 */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  // That code prevents something says less than that everything was looked at, where both hold.
  const told = [...verdicts].sort((a, b) => Number(isCode(a)) - Number(isCode(b)));
  const worst = statuses
    .map((status) => told.find((verdict) => verdict.status === status))
    .find((verdict) => verdict !== undefined);
  if (!worst) {
    return { status: 'unknown', reason: { code: 'nothingUpholds', params: {} }, provenAt: null };
  }
  return { ...worst, provenAt: oldestProof(verdicts) };
}

function isCode({ reason }: Verdict): boolean {
  return reason.code === 'guardHolds';
}

function oldestProof(verdicts: readonly Verdict[]): Instant | null {
  let oldest: Instant | null = null;
  for (const { provenAt } of verdicts) {
    if (!provenAt) return null;
    if (!oldest || Temporal.Instant.compare(provenAt, oldest) < 0) oldest = provenAt;
  }
  return oldest;
}
