import { z } from 'zod';
import type { Route } from '../../policy/route.ts';

const entryLine = z.object({
  index: z.int(),
  id: z.string(),
  at: z.string(),
  actor: z.string(),
  actorName: z.string().nullable(),
  clause: z.string(),
  type: z.string(),
  subject: z.string(),
  /** What became of the subject that was asked for, in an act over many; null of any other. */
  what: z.string().nullable(),
});

export const listInput = z.object({
  limit: z.coerce.number<number | string>().int().min(1).max(500).default(100),
  /** Entries below this index; newest first. */
  cursor: z.coerce.number<number | string>().int().min(0).optional(),
  offset: z.coerce.number<number | string>().int().min(0).default(0),
  sort: z.string().optional(),
  q: z.string().trim().max(200).optional(),
  type: z.string().max(100).optional(),
  clause: z.string().max(100).optional(),
  subject: z.string().max(200).optional(),
  actor: z.string().max(200).optional(),
});

/** An inclusion proof with all that a verifier needs; hashes and roots in base64. */
export const proof = z.object({
  index: z.int(),
  size: z.int(),
  leafHash: z.string(),
  root: z.string(),
  hashes: z.array(z.string()),
  checkpoint: z.string(),
  keys: z.array(z.string()),
});

export type EntryLine = z.output<typeof entryLine>;
export type Proof = z.output<typeof proof>;

export const entryPage = z.object({
  items: z.array(entryLine),
  total: z.int(),
  next: z.string().nullable(),
});
export const entryInput = z.object({ index: z.coerce.number<number | string>().int().min(0) });
export const wholeEntry = z.object({
  index: z.int(),
  entry: z.json(),
  /** The exact bytes that were hashed, base64. */
  bytes: z.string(),
  private: z.record(z.string(), z.object({ salt: z.string(), value: z.json() })),
});
export type WholeEntry = z.output<typeof wholeEntry>;

export const summary = z.object({
  size: z.int(),
  root: z.string().nullable(),
  checkpoint: z.string().nullable(),
  at: z.string().nullable(),
  keys: z.array(z.object({ number: z.int(), vkey: z.string(), since: z.string().nullable() })),
  types: z.array(z.string()),
  clauses: z.array(z.string()),
});
export const nothing = z.object({});
export const rotated = z.object({ vkey: z.string() });

/** Types for pages: the server answers these. */
export type LedgerRoutes = {
  readonly listEntries: Route<typeof listInput, typeof entryPage>;
  readonly getEntry: Route<typeof entryInput, typeof wholeEntry>;
  readonly proveEntry: Route<typeof entryInput, typeof proof>;
  readonly getLedger: Route<typeof nothing, typeof summary>;
  readonly rotateLedgerKey: Route<typeof nothing, typeof rotated>;
};
