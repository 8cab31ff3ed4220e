/**
 * What checking something foreign says. Verification never throws on hostile input: it answers, and
 * a "no" carries a sentence that names what was found and what was expected.
 */
export type Verdict = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** The same for reading: either the value, or why the input is not one. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

export const holds: Verdict = { ok: true };

export function read<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function fails(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}

/**
 * What the ledger's own writers throw when they are asked to write something that no verifier
 * would accept. Reaching it means that the caller is wrong, not the world.
 */
export class LedgerRefusal extends Error {
  override readonly name = 'LedgerRefusal';
}
