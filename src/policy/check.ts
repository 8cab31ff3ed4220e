import type { RawBuilder } from 'kysely';
import type { Db } from '../kernel/db.ts';
import type { Instant } from '../kernel/instant.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { Words } from '../kernel/language.ts';

/** One violating item, as a check's query returns it. */
export interface Violation {
  /** Register word: `person`, `system`, `account`, `order`, `task`, `campaign`. */
  readonly subject_kind: string;
  readonly subject_id: string;
  /** What a reader sees of it; personal data, shown only to those who may read the register. */
  readonly label: string;
  /** Facts of the violation: fills the finding's sentence. */
  readonly detail: JsonObject;
  /** Person who must put it right; null for the clause's owner. */
  readonly owner_id: string | null;
}

/** A source of facts a check depends on, as last read. */
export interface Source {
  readonly name: string;
  /** Last complete read; null where it was never read. */
  readonly readAt: Instant | null;
  readonly staleAfterHours: number;
}

/**
 * A check states a promise (`leaversHoldNothing`) and returns its violations over the whole
 * population. Empty means kept. The engine, not the check, judges staleness, keeps history and
 * opens and closes findings.
 */
export interface Check {
  readonly id: string;
  readonly promise: string;
  /** What it asserts, as a sentence. */
  readonly states: Words;
  /** One violation as a sentence; `{label}` and the keys of `detail` fill it. */
  readonly finding: Words;
  /** Types of ledger entries after which the answer may differ. */
  readonly changedBy: readonly string[];
  /** Facts from outside it stands on. A source stale or never read makes the answer unknown. */
  readonly sources?: (db: Db, now: Instant) => Promise<readonly Source[]>;
  /**
   * What is examined, where finding it is most of the work: carried out once, and read by `population` and
   * `violations` as the table `item`.
   */
  readonly items?: (now: Instant, zone: string) => RawBuilder<unknown>;
  /** How many items are examined: `select count(*)::int as examined …`. */
  readonly population: (now: Instant, zone: string) => RawBuilder<{ examined: number }>;
  /** Columns of `Violation`, nothing else. */
  readonly violations: (now: Instant, zone: string) => RawBuilder<Violation>;
  /** The next instant at which time alone may change the answer; null where it cannot. */
  readonly nextChange?: (db: Db, now: Instant, zone: string) => Promise<Instant | null>;
  /** Days to put a finding right before it is overdue. */
  readonly deadlineDays: number;
  /** Where the reader acts: path in the console, `{id}` filled with the subject's. */
  readonly path?: string;
}

/**
 * Something people do on a cadence or by a deadline. Its occurrences are rows in `task` with this
 * kind. Open past its due date is broken; within `soonDays` of it, due; last occurrence closed as
 * missed, broken until one is done; never any, unknown.
 */
export interface Duty {
  readonly kind: string;
  readonly promise: string;
  readonly states: Words;
  /** `cadence`: never done is unknown. `deadline`: nobody owing it is kept. */
  readonly rhythm: 'cadence' | 'deadline';
  readonly soonDays: number;
  /** Each is owed by itself: one that was missed stays so until it is done, whatever is done of others. */
  readonly eachOwed?: boolean;
}

/**
 * The system makes the violation impossible. Proven by the test named here (tidy looks for it) and
 * by the refusals it has recorded.
 */
export interface Guard {
  readonly id: string;
  readonly promise: string;
  readonly states: Words;
  /** Which recorded refusals are this guard's; without it, all of its promise. */
  readonly refuses?: {
    readonly codes: readonly string[];
    /** Clauses and registers whose flows refuse with a code that others have too. */
    readonly within?: readonly string[];
  };
  /** Acts over many that do the rest and leave out what it forbids: the entry counts that in a field of its body. */
  readonly leavesOut?: readonly { readonly type: string; readonly counted: string }[];
}

/** Whether a refusal that the ledger tells of is this guard's. */
export function isRefusalOf(guard: Guard, refusal: { code: string; clause: string }): boolean {
  const { codes, within } = guard.refuses ?? {};
  if (codes && !codes.includes(refusal.code)) return false;
  return within === undefined || within.includes(refusal.clause);
}
