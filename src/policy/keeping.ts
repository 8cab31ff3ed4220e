import type { RawBuilder } from 'kysely';
import type { Tx } from '../kernel/db.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Words } from '../kernel/language.ts';
import type { Context } from './event.ts';

/** Moments of a record that a schedule may count from. */
export const moments = ['made', 'changed', 'closed'] as const;
export type Moment = (typeof moments)[number];

/** A record, as schedules see it. */
export interface KeptRow {
  /** uuid */
  readonly id: string;
  /** Whose it is; null where it belongs to no customer. A hold on them stops its clock. */
  readonly customer_id: string | null;
  /** Of the vault; null for Kept's own kinds. */
  readonly collection: string | null;
  /** The moment that was asked for. */
  readonly at: Instant;
}

/**
 * A kind of record that a room keeps and lets go of by schedule (RET-1). The room says what there is
 * and how it goes; when, the schedules of `clauses/retention` say.
 */
export interface KeptKind {
  /** Its name in schedules, such as `accessLog`. */
  readonly kind: string;
  /** What people call it. */
  readonly label: Words;
  /** May remain after an account is gone, and is named to the customer as such (RET-6). */
  readonly remains?: true;
  /** Moments that its rows know. */
  readonly after: readonly Moment[];
  /** What holds until an officer decides otherwise. */
  readonly shipped: {
    readonly after: Moment;
    /** ISO 8601 duration in years, months, weeks or days; null: until the account ends. */
    readonly period: string | null;
    readonly purpose: Words;
    readonly ground: Words;
  };
  /**
   * A query of the rows for which that moment has come, with the columns of `KeptRow`. `at` should be
   * a column with an index: rows are sought by it.
   */
  readonly rows: (after: Moment) => RawBuilder<KeptRow>;
  /** Removes rows by their ids, set-based, in the caller's transaction. */
  readonly remove: (tx: Tx, ids: readonly string[], context: Context) => Promise<void>;
}

/**
 * Removes all that a room holds of a customer whose account ends, after its key was destroyed
 * (RET-5), in the one transaction in which every room does. Files are left as discards. What RET-6
 * lets remain stays. Idempotent.
 *
 * @returns how much of each was removed, by name: `{ objects: 12, exports: 2 }`
 */
export type Closing = (
  tx: Tx,
  customerId: string,
  context: Context,
) => Promise<Readonly<Record<string, number>>>;
