import type { Tx } from '../kernel/db.ts';
import type { PersonId } from '../kernel/id.ts';
import type { Check, Duty, Guard } from './check.ts';
import type { Context } from './event.ts';
import type { PublishedFigure } from './figure.ts';
import type { AnyFlow, ObligationHandler, ReactionHandler } from './flow.ts';
import type { Closing, KeptKind } from './keeping.ts';
import type { Routes } from './route.ts';

/** What upholds a promise; a clause may also uphold promises that stand in another clause's text. */
export type Upholder =
  | { readonly by: 'check'; readonly check: Check }
  | { readonly by: 'duty'; readonly duty: Duty }
  | { readonly by: 'guard'; readonly guard: Guard };

export interface PromiseDeclaration {
  /** Controls of ISO/IEC 27001:2022 Annex A, and clauses 4–10, that the promise implements. */
  readonly iso27001: readonly string[];
}

/**
 * A clause, declared. The composition root lists the clauses; everything generic (status engine,
 * API, role matrix, simulator, pages) is driven by these declarations and nothing else.
 */
export interface Clause {
  /** Folder name, in the policy's own words. */
  readonly id: string;
  /** Every promise in this clause's text. */
  readonly promises: Readonly<Record<string, PromiseDeclaration>>;
  readonly upholders: readonly Upholder[];
  /** Numbers that are published with its promises. */
  readonly figures?: readonly PublishedFigure[];
  readonly flows?: Readonly<Record<string, AnyFlow>>;
  /** Puts on the clock what must always be there. Run as the system at every start: idempotent. */
  readonly begin?: Begin;
  /** By kind, as scheduled: `access.openCampaign`. */
  readonly obligations?: Readonly<Record<string, ObligationHandler>>;
  /** By type of ledger entry, whoever wrote it: how clauses learn of each other's events. */
  readonly reactions?: Readonly<Record<string, ReactionHandler>>;
  readonly routes?: Routes;
  /** What ends here at once when a person leaves. */
  readonly leaving?: Leaving;
  /** What goes from here when a customer's account ends. */
  readonly closing?: Closing;
  /** Kinds of record that are kept here, each with its schedule. */
  readonly kinds?: readonly KeptKind[];
}

/**
 * Takes from a person who leaves all that this room gave them, in the one transaction in which
 * every room does (ACC-7).
 *
 * @returns how much of each was taken, by name: `{ grants: 12, reviews: 2 }`
 */
export type Leaving = (
  tx: Tx,
  personId: PersonId,
  context: Context,
) => Promise<Readonly<Record<string, number>>>;

export type Begin = (room: Parameters<ObligationHandler>[0]) => Promise<void>;

/** A register declares the same way, but owns nouns instead of promises. */
export type Register = Omit<Clause, 'promises' | 'upholders' | 'figures'>;

export const check = (it: Check): Upholder => ({ by: 'check', check: it });
export const duty = (it: Duty): Upholder => ({ by: 'duty', duty: it });
export const guard = (it: Guard): Upholder => ({ by: 'guard', guard: it });
