import { sql } from 'kysely';
import { z } from 'zod';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { type Condition, flag, type List, type SortColumn } from '../list.ts';
import { custodies, productKinds } from './facts.products.ts';

export const productItem = z.object({
  id: z.string(),
  key: z.string(),
  name: z.string(),
  kind: z.enum(productKinds),
  custody: z.enum(custodies),
  retiredAt: z.string().nullable(),
  version: z.int(),
  /** Accounts that are not gone. */
  customers: z.int(),
  /** Lines of its data map. */
  holdings: z.int(),
});
export type ProductItem = z.output<typeof productItem>;

export interface ProductRow extends Omit<ProductItem, 'retiredAt'> {
  readonly retiredAt: Instant | null;
}

export const productSorts = {
  name: { sql: sql`product.name`, type: 'text' },
  key: { sql: sql`product.key`, type: 'text' },
  kind: { sql: sql`product.kind`, type: 'text' },
  custody: { sql: sql`product.custody`, type: 'text' },
} satisfies Record<string, SortColumn>;

/** What the company sells. */
export const productList: List<ProductRow, ProductItem> = {
  source: {
    from: [sql`product`],
    key: { id: sql`product.id` },
    sorts: productSorts,
    defaultSort: 'name',
    search: (like) => ({ sql: sql`lower(product.name) like ${like} or product.key like ${like}` }),
    select: sql`product.id, product.key, product.name, product.kind, product.custody,
      product.retired_at as "retiredAt", product.version,
      (select count(*)::int from customer
        where customer.product_id = product.id and state <> 'gone') as customers,
      (select count(*)::int from product_holding where product_holding.product_id = product.id) as holdings`,
    details: sql`join product on product.id = page.id`,
  },
  item: productItemOf,
  csv: [
    { header: 'key', cell: (it) => it.key },
    { header: 'name', cell: (it) => it.name },
    { header: 'kind', cell: (it) => it.kind },
    { header: 'custody', cell: (it) => it.custody },
    { header: 'customers', cell: (it) => it.customers },
    { header: 'holdings', cell: (it) => it.holdings },
    { header: 'retiredAt', cell: (it) => it.retiredAt },
  ],
  filename: 'products',
};

export function productItemOf(row: ProductRow): ProductItem {
  return { ...row, retiredAt: row.retiredAt && instantText(row.retiredAt) };
}

export const productFilters = {
  kind: z.enum(productKinds).optional(),
  custody: z.enum(custodies).optional(),
  retired: flag.optional(),
};

export function productConditions(
  filters: z.output<z.ZodObject<typeof productFilters>>,
): Condition[] {
  const conditions: Condition[] = [
    { sql: sql`(product.retired_at is not null) = ${filters.retired ?? false}` },
  ];
  if (filters.kind) conditions.push({ sql: sql`product.kind = ${filters.kind}` });
  if (filters.custody) conditions.push({ sql: sql`product.custody = ${filters.custody}` });
  return conditions;
}
