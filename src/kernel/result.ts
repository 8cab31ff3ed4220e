/**
 * The domain says yes or no. A refusal is an ordinary answer, not an exception: it has a code from
 * the closed union of its clause and the values its sentence needs. The sentence itself lives in
 * the clause's words, in both languages.
 */
export type Result<T, R> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: R };

export interface Refusal<Code extends string = string> {
  readonly code: Code;
  readonly params: Readonly<Record<string, string | number>>;
  /** True where the refusal is a guard of a promise at work: it is then recorded in the ledger. */
  readonly guard?: string;
}

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function refuse<Code extends string>(
  code: Code,
  params: Refusal['params'] = {},
): { readonly ok: false; readonly refusal: Refusal<Code> } {
  return { ok: false, refusal: { code, params } };
}

/**
 * Refuses because a guard of a promise forbids the act. `promise` is the id that the guard upholds;
 * the refusal is recorded as proof that the guard works.
 */
export function refuseByGuard<Code extends string>(
  promise: string,
  code: Code,
  params: Refusal['params'] = {},
): { readonly ok: false; readonly refusal: Refusal<Code> } {
  return { ok: false, refusal: { code, params, guard: promise } };
}
