import type { z } from 'zod';
import type { Db, Tx } from '../kernel/db.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { Context, Effect, Event } from './event.ts';

/** What Cedar is asked about a command. */
export interface Authorization {
  /** A Cedar action: imperative, the name of a permission. */
  readonly action: string;
  readonly resource?: {
    readonly kind: string;
    readonly id: string;
    readonly attributes: JsonObject;
  };
}

/**
 * The way of a command, as a clause declares it; `execute` in platform/ walks it:
 * parse → load → authorize → decide → in one transaction project, append to the ledger, enqueue.
 */
export interface Flow<State, Command, E extends Event, Code extends string> {
  /** `clause.flow`, such as `access.campaign`. */
  readonly name: string;
  readonly clause: string;
  readonly command: z.ZodType<Command>;
  /** Reads, and locks, what `decide` needs to know. */
  load(tx: Tx, command: Command, context: Context): Promise<State>;
  authorize(state: State, command: Command, context: Context): Authorization;
  decide(state: State, command: Command, context: Context): Result<readonly E[], Refusal<Code>>;
  /** Writes what happened into the clause's own tables. Set-based where the event is. */
  project(tx: Tx, event: E, context: Context): Promise<void>;
  effects?(event: E, state: State, context: Context): readonly Effect[];
}

/** Any flow, where the types inside no longer matter. */
export type AnyFlow = Flow<unknown, unknown, Event, string>;

/** Runs a command of a flow; the one write path there is. Given to routes and obligations. */
export type Execute = <State, Command, E extends Event, Code extends string>(
  flow: Flow<State, Command, E, Code>,
  command: Command,
) => Promise<Result<readonly E[], Refusal<Code>>>;

/** A row of `obligation` that has fallen due, handed to the clause that scheduled it. */
export interface DueObligation {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly dueAt: Temporal.Instant;
}

/**
 * Does what has fallen due by executing commands as `system`. Must be idempotent: a process that
 * dies after its command but before the row is marked done runs it again.
 */
export type ObligationHandler = (
  room: { readonly db: Db; readonly execute: Execute; readonly context: Context },
  due: DueObligation,
) => Promise<void>;

/** An entry of the sequenced ledger, handed to the clauses that react to its type. */
export interface SequencedEntry {
  readonly entryIndex: number;
  readonly type: string;
  /** `kind/id`. */
  readonly subject: string;
  readonly body: JsonObject;
}

/**
 * Answers an entry of another room by executing commands as `system`. Entries arrive in the order
 * of the ledger, at least once each: it must be idempotent.
 */
export type ReactionHandler = (
  room: { readonly db: Db; readonly execute: Execute; readonly context: Context },
  entry: SequencedEntry,
) => Promise<void>;
