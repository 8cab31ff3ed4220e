/** What must hold of the present state for a write to happen (RFC 9110, sections 13.1.1 and 13.1.2). */
export type Precondition =
  /** The revision must be this one. */
  | { readonly kind: 'revision'; readonly revision: number }
  /** There must be one. */
  | { readonly kind: 'present' }
  /** There must be none. */
  | { readonly kind: 'absent' };
