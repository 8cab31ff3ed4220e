import { z } from 'zod';
import { isUuid } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Json } from '../../kernel/json.ts';
import { languages } from '../../kernel/language.ts';
import type { Event } from '../../policy/event.ts';
import { keyPattern } from '../imports/cells.ts';
import { type ImportedCustomer, importedCustomer } from './facts.columns.ts';

/** Open: in use. Closing: frozen, may be rolled back. Erasing: the key is gone. Gone: certified. */
export const customerStates = ['open', 'closing', 'erasing', 'gone'] as const;
export type CustomerState = (typeof customerStates)[number];

/** What staff may do with the data stands in the terms, or in a contract. */
export const bases = ['terms', 'contract'] as const;
/** When a customer is told of a case. */
export const tellings = ['atOnce', 'atEnd'] as const;
/** Owner may close the account and approve cases; member uses the portal; billing only gets mail. */
export const parts = ['owner', 'member', 'billing'] as const;

export const anId = z.string().refine(isUuid);
export const customerKey = z.string().regex(keyPattern);

export const customerFields = {
  name: z.string().trim().min(1).max(200),
  reading: z.string().trim().max(200).nullable(),
  basis: z.enum(bases),
  basisReference: z.string().trim().min(1).max(200),
  approvesCases: z.boolean(),
  told: z.enum(tellings),
  /** Months that data is held by this contract; null: as the schedule says. */
  termMonths: z.int().min(1).max(1200).nullable(),
  language: z.enum(languages),
};

export const contactFields = {
  name: z.string().trim().min(1).max(200),
  email: z.email().max(254),
  language: z.enum(languages),
  part: z.enum(parts),
};
const newContact = z.object(contactFields);

export const newCustomer = z.object({
  ...customerFields,
  key: customerKey,
  productId: anId,
  reading: customerFields.reading.default(null),
  approvesCases: z.boolean().default(false),
  told: customerFields.told.default('atEnd'),
  termMonths: customerFields.termMonths.default(null),
  language: customerFields.language.default('en'),
  contacts: z.array(newContact).max(100).default([]),
});

export const customerChanges = z.object(customerFields).partial();
export const contactChanges = z.object(contactFields).partial();

/** An account of a customer with one product, as it is written. */
export interface Customer {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly reading: string | null;
  readonly productId: string;
  readonly basis: (typeof bases)[number];
  readonly basisReference: string;
  readonly approvesCases: boolean;
  readonly told: (typeof tellings)[number];
  readonly termMonths: number | null;
  readonly language: (typeof languages)[number];
}

/** A person at a customer. */
export interface Contact {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly language: (typeof languages)[number];
  readonly part: (typeof parts)[number];
}

/** A contact that stands in the register. */
export interface StandingContact extends Contact {
  readonly version: number;
  /** Since when nobody confirmed what staff did; null: confirmed, or in need of nobody's word. */
  readonly unconfirmedSince: Instant | null;
  /** People of staff who put it as it waits: they do not confirm it. */
  readonly placedBy: readonly string[];
}

/**
 * That somebody else is to confirm a contact, and which people of staff put it as it is. Empty: a
 * program did, or a contact whom a program added.
 */
export type Placing = readonly string[];

/** What of a customer is in the ledger in the clear, and what is only committed to. */
export const publicFields = [
  'productId',
  'basis',
  'approvesCases',
  'told',
  'termMonths',
  'language',
] as const;
export const privateFields = ['key', 'name', 'reading', 'basisReference'] as const;

export const customerCommand = z.discriminatedUnion('do', [
  z.object({ do: z.literal('registerCustomer'), customer: newCustomer }),
  z.object({
    do: z.literal('changeCustomer'),
    customerId: anId,
    version: z.int(),
    changes: customerChanges,
  }),
  z.object({ do: z.literal('addContact'), customerId: anId, contact: newContact }),
  z.object({
    do: z.literal('changeContact'),
    customerId: anId,
    contactId: anId,
    version: z.int(),
    changes: contactChanges,
  }),
  z.object({ do: z.literal('removeContact'), customerId: anId, contactId: anId }),
  z.object({ do: z.literal('importCustomers'), rows: z.array(importedCustomer) }),
]);
export type CustomerCommand = z.infer<typeof customerCommand>;

type Committed = Readonly<Record<string, Json>>;

/** Subject of each but the import is `customer/ID`. `customer` and `contact` are what is projected. */
export type CustomerEvent =
  | (Event & { readonly type: 'CustomerRegistered'; readonly customer: Customer })
  | (Event & { readonly type: 'CustomerChanged'; readonly customer: Customer })
  | (Event & {
      readonly type: 'ContactAdded' | 'ContactChanged';
      readonly contact: Contact;
      readonly placing: Placing | null;
    })
  | (Event & { readonly type: 'ContactRemoved'; readonly body: { readonly contact: string } })
  | CustomersImported;

/**
 * Many customers at once. Who they are is not in the entry: `body` counts, the blob `changesBlob` lists
 * ids with what is public, `private` commits to the digest of the rows.
 */
export type CustomersImported = Event & {
  readonly type: 'CustomersImported';
  readonly private: Committed;
  readonly customers: readonly Customer[];
  readonly contacts: readonly (Contact & { readonly customerId: string })[];
  readonly placing: Placing | null;
};

export type CustomerRefusal =
  | 'notFound'
  | 'customerKeyTaken'
  | 'customerGone'
  | 'productUnknown'
  | 'productRetired'
  | 'versionConflict'
  | 'contactUnknown'
  | 'contactEmailTaken'
  | 'contactIsOurs'
  | 'nothingToChange'
  | 'rowsUnfit';

/** Types of entries after which the customers of the register may differ. */
export const customersChanged = [
  'CustomerRegistered',
  'CustomerChanged',
  'CustomersImported',
] as const;

/** Types of entries after which another contact may stand, or wait to be confirmed. */
export const contactsChanged = [
  'CustomersImported',
  'ContactAdded',
  'ContactChanged',
  'ContactRemoved',
  'ContactsConfirmed',
] as const;

export type { ImportedCustomer };
