import { z } from 'zod';
import type { Event } from '../../policy/event.ts';
import { anId, customerKey } from './facts.ts';

/** Cloud: data lies in our cloud. Installed: it stays with the customer (RET-3). */
export const productKinds = ['cloud', 'installed'] as const;
/** Vault: Kept holds the data. Keys: Kept holds only keys to it. None: neither. */
export const custodies = ['vault', 'keys', 'none'] as const;
export const controllers = ['customer', 'company', 'processor'] as const;

/** Kinds of record, chosen by the product; what schedules and scopes of cases go by. */
export const collectionName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);

export const productFields = {
  name: z.string().trim().min(1).max(200),
  kind: z.enum(productKinds),
  custody: z.enum(custodies),
};

export const holdingFields = {
  what: z.object({
    en: z.string().trim().min(1).max(500),
    ja: z.string().trim().min(1).max(500),
  }),
  /** Region, building or «the customer's own servers», in the words of the engineers. */
  place: z.string().trim().min(1).max(200),
  controller: z.enum(controllers),
  /** Of the vault, where it lies there. */
  collection: collectionName.nullable(),
};
const newHolding = z.object({
  ...holdingFields,
  collection: collectionName.nullable().default(null),
});

export const newProduct = z.object({
  ...productFields,
  key: customerKey,
  custody: productFields.custody.default('none'),
  holdings: z.array(newHolding).max(200).default([]),
});
export const productChanges = z.object(productFields).partial();

/** A product as it is written. */
export interface Product {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly kind: (typeof productKinds)[number];
  readonly custody: (typeof custodies)[number];
}

/** A line of a product's data map. */
export interface Holding {
  readonly id: string;
  readonly what: { readonly en: string; readonly ja: string };
  readonly place: string;
  readonly controller: (typeof controllers)[number];
  readonly collection: string | null;
}

export const productCommand = z.discriminatedUnion('do', [
  z.object({ do: z.literal('addProduct'), product: newProduct }),
  z.object({
    do: z.literal('changeProduct'),
    productId: anId,
    version: z.int(),
    changes: productChanges,
  }),
  z.object({ do: z.literal('retireProduct'), productId: anId }),
  z.object({ do: z.literal('addHolding'), productId: anId, holding: newHolding }),
  z.object({
    do: z.literal('changeHolding'),
    productId: anId,
    holdingId: anId,
    holding: newHolding,
  }),
  z.object({ do: z.literal('removeHolding'), productId: anId, holdingId: anId }),
]);
export type ProductCommand = z.infer<typeof productCommand>;

/** Subject `product/ID`. Nothing of a product is anyone's personal data. */
export type ProductEvent =
  | (Event & { readonly type: 'ProductAdded'; readonly product: Product })
  | (Event & { readonly type: 'ProductChanged'; readonly product: Product })
  | (Event & { readonly type: 'ProductRetired' })
  | (Event & { readonly type: 'HoldingAdded'; readonly holding: Holding })
  | (Event & { readonly type: 'HoldingChanged'; readonly holding: Holding })
  | (Event & { readonly type: 'HoldingRemoved'; readonly body: { readonly holding: string } });

export type ProductRefusal =
  | 'notFound'
  | 'productKeyTaken'
  | 'productRetired'
  | 'productInUse'
  | 'versionConflict'
  | 'nothingToChange'
  | 'holdingUnknown'
  | 'installedHoldsNothing'
  | 'installedIsCustomers'
  | 'collectionWithoutVault'
  | 'collectionMapped'
  | 'collectionHeld';

/** Types of entries after which products or their data maps may differ. */
export const productsChanged = [
  'ProductAdded',
  'ProductChanged',
  'ProductRetired',
  'HoldingAdded',
  'HoldingChanged',
  'HoldingRemoved',
] as const;
