import type { Instant } from '../../kernel/instant.ts';

/** Who touched an account's data: staff under a case, its product, its own contacts, Kept by itself. */
export const accessors = ['staff', 'product', 'own', 'kept'] as const;
type Accessor = (typeof accessors)[number];

/** One access, or one batch of a product's. */
export interface Access {
  readonly at: Instant;
  readonly from: Instant;
  readonly who: Accessor;
  /** Role of the staff, name of the product or of the own contact; what Kept did. */
  readonly name: string;
  readonly purpose: string;
  readonly operations: number;
  readonly what: string | null;
  readonly collection: string | null;
  readonly item: string | null;
  readonly caseId: string | null;
  /** In the ledger; null until it is sequenced, or told of. */
  readonly entry: number | null;
}

export interface Wanted {
  readonly who: Accessor | null;
  readonly from: Temporal.PlainDate | null;
  readonly to: Temporal.PlainDate | null;
  /** Older than this. */
  readonly before: Instant | null;
}
