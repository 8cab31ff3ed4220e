import { sql } from 'kysely';
import { z } from 'zod';
import { instantText } from '../../kernel/instant.ts';
import { languages } from '../../kernel/language.ts';
import { type Condition, flag, type List, type SortColumn } from '../list.ts';
import { productKinds } from './facts.products.ts';
import { bases, customerKey, customerStates, tellings } from './facts.ts';
import { heldCustomers } from './store.holds.ts';
import type { KnownCustomer } from './store.ts';

/** A line of the register. `name` is null once what remained of the account was disposed of. */
export const customerItem = z.object({
  id: z.string(),
  key: z.string(),
  name: z.string().nullable(),
  reading: z.string().nullable(),
  product: z.object({ key: z.string(), name: z.string(), kind: z.enum(productKinds) }),
  basis: z.enum(bases),
  basisReference: z.string(),
  approvesCases: z.boolean(),
  told: z.enum(tellings),
  termMonths: z.int().nullable(),
  language: z.enum(languages),
  state: z.enum(customerStates),
  stateAt: z.string(),
  since: z.string(),
  /** A hold stops every clock of it. */
  held: z.boolean(),
  contacts: z.int(),
  version: z.int(),
});
export type CustomerItem = z.output<typeof customerItem>;

export interface CustomerRow extends Omit<KnownCustomer, 'name' | 'erased' | 'productId'> {
  readonly name: string | null;
  readonly productKey: string;
  readonly productName: string;
  readonly productKind: 'cloud' | 'installed';
  readonly held: boolean;
  readonly contacts: number;
}

const product = sql`join product on product.id = customer.product_id`;

export const customerSorts = {
  name: { sql: sql`customer.name`, type: 'text', nullable: true },
  key: { sql: sql`customer.key`, type: 'text' },
  product: { sql: sql`product.name`, type: 'text', needs: ['product'] },
  basis: { sql: sql`customer.basis`, type: 'text' },
  state: {
    sql: sql`array_position('{open,closing,erasing,gone}'::text[], customer.state)`,
    type: 'integer',
  },
  stateAt: { sql: sql`coalesce(customer.state_at, customer.since)`, type: 'timestamptz' },
  since: { sql: sql`customer.since`, type: 'timestamptz' },
} satisfies Record<string, SortColumn>;

/** The register of customers. */
export const customerList: List<CustomerRow, CustomerItem> = {
  source: {
    from: [sql`customer`],
    joins: { product },
    key: { id: sql`customer.id` },
    sorts: customerSorts,
    defaultSort: 'name',
    search: (like) => ({
      sql: sql`lower(customer.name) like ${like} or lower(customer.reading) like ${like}
        or customer.key like ${like} or lower(customer.basis_reference) like ${like}
        or exists (select from customer_contact contact where contact.customer_id = customer.id
          and contact.removed_at is null
          and (lower(contact.name) like ${like} or lower(contact.email) like ${like}))`,
    }),
    select: sql`customer.id, customer.key, customer.name, customer.reading,
      product.key as "productKey", product.name as "productName", product.kind as "productKind",
      customer.basis, customer.basis_reference as "basisReference",
      customer.approves_cases as "approvesCases", customer.told, customer.term_months as "termMonths",
      customer.language, customer.state, coalesce(customer.state_at, customer.since) as "stateAt",
      customer.since, customer.version, customer.id in ${heldCustomers} as held,
      (select count(*)::int from customer_contact contact
        where contact.customer_id = customer.id and contact.removed_at is null) as contacts`,
    details: sql`join customer on customer.id = page.id ${product}`,
  },
  item: itemOf,
  // The columns of an import: what was exported can be edited and brought back.
  csv: [
    { header: 'key', cell: (it) => it.key },
    { header: 'name', cell: (it) => it.name },
    { header: 'reading', cell: (it) => it.reading },
    { header: 'product', cell: (it) => it.product.key },
    { header: 'basis', cell: (it) => it.basis },
    { header: 'basisReference', cell: (it) => it.basisReference },
    { header: 'language', cell: (it) => it.language },
    { header: 'told', cell: (it) => it.told },
    { header: 'approvesCases', cell: (it) => it.approvesCases },
    { header: 'termMonths', cell: (it) => it.termMonths },
    { header: 'state', cell: (it) => it.state },
    { header: 'stateAt', cell: (it) => it.stateAt },
    { header: 'since', cell: (it) => it.since },
    { header: 'held', cell: (it) => it.held },
  ],
  filename: 'customers',
};

export function itemOf(row: CustomerRow): CustomerItem {
  const { productKey, productName, productKind, stateAt, since, ...rest } = row;
  return {
    ...rest,
    product: { key: productKey, name: productName, kind: productKind },
    stateAt: instantText(stateAt),
    since: instantText(since),
  };
}

export const customerFilters = {
  state: z.enum(customerStates).optional(),
  product: customerKey.optional(),
  held: flag.optional(),
  basis: z.enum(bases).optional(),
  language: z.enum(languages).optional(),
};

export function customerConditions(
  filters: z.output<z.ZodObject<typeof customerFilters>>,
): Condition[] {
  const conditions: Condition[] = [];
  const { state, product: productKey, held, basis, language } = filters;
  if (state) conditions.push({ sql: sql`customer.state = ${state}` });
  if (productKey) conditions.push({ sql: sql`product.key = ${productKey}`, needs: ['product'] });
  if (basis) conditions.push({ sql: sql`customer.basis = ${basis}` });
  if (language) conditions.push({ sql: sql`customer.language = ${language}` });
  if (held !== undefined)
    conditions.push({ sql: sql`(customer.id in ${heldCustomers}) = ${held}` });
  return conditions;
}
