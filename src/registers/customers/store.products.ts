import { sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import {
  type Holding,
  type Product,
  type ProductCommand,
  type ProductEvent,
  type ProductRefusal,
  productCommand,
} from './facts.products.ts';
import { decideProduct, type ProductState } from './flow.products.ts';

/** What the company sells, and its data maps. */
export const productFlow: Flow<ProductState, ProductCommand, ProductEvent, ProductRefusal> = {
  name: 'customers.product',
  clause: 'customers',
  command: productCommand,
  load: loadProduct,
  authorize: (_, command) => ({ action: command.do }),
  decide: decideProduct,
  project: projectProduct,
};

const productsLock = 0x70726f64;

async function loadProduct(tx: Tx, command: ProductCommand): Promise<ProductState> {
  if (command.do === 'addProduct') {
    await sql`select pg_advisory_xact_lock(${productsLock})`.execute(tx);
    const { rows } = await sql`select from product where key = ${command.product.key}`.execute(tx);
    return { ...nothing, keyTaken: rows.length > 0 };
  }
  const { rows } = await sql<NonNullable<ProductState['product']>>`
    select id, key, name, kind, custody, version, retired_at is not null as retired
    from product where id = ${command.productId} for update`.execute(tx);
  const product = rows[0] ?? null;
  if (!product) return nothing;
  return {
    product,
    keyTaken: false,
    holdings: await holdingsOf(tx, product.id),
    customers: await customersOf(tx, product.id),
    held: await collectionsHeld(tx, product.id),
  };
}

const nothing: ProductState = {
  product: null,
  keyTaken: false,
  holdings: [],
  customers: 0,
  held: new Set(),
};

/** The data map of a product. */
export async function holdingsOf(db: Db, productId: string): Promise<readonly Holding[]> {
  const { rows } = await sql<Holding>`
    select id, jsonb_build_object('en', what_en, 'ja', what_ja) as what, place, controller, collection
    from product_holding where product_id = ${productId} order by id`.execute(db);
  return rows;
}

async function customersOf(db: Db, productId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from customer where product_id = ${productId} and state <> 'gone'`.execute(
    db,
  );
  return rows[0]?.n ?? 0;
}

/** Collections in which customers of a product hold something in the vault. */
export async function collectionsHeld(db: Db, productId: string): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ collection: string }>`
    select distinct held.collection from customer
    join (select customer_id, collection from vault_object
      union select customer_id, collection from vault_record) held on held.customer_id = customer.id
    where customer.product_id = ${productId}`.execute(db);
  return new Set(rows.map(({ collection }) => collection));
}

async function projectProduct(tx: Tx, event: ProductEvent, { now }: Context): Promise<void> {
  const productId = event.subject.slice('product/'.length);
  switch (event.type) {
    case 'ProductAdded':
    case 'ProductChanged':
      await saveProduct(tx, event.product);
      break;
    case 'ProductRetired':
      await sql`
        update product set retired_at = ${now}, version = version + 1 where id = ${productId}`.execute(
        tx,
      );
      break;
    case 'HoldingAdded':
    case 'HoldingChanged':
      await saveHolding(tx, productId, event.holding);
      break;
    case 'HoldingRemoved':
      await sql`delete from product_holding where id = ${event.body.holding}`.execute(tx);
      break;
  }
}

async function saveProduct(tx: Tx, { id, key, name, kind, custody }: Product): Promise<void> {
  await sql`
    insert into product (id, key, name, kind, custody)
    values (${id}, ${key}, ${name}, ${kind}, ${custody})
    on conflict (id) do update set name = excluded.name, kind = excluded.kind,
      custody = excluded.custody, version = product.version + 1`.execute(tx);
}

async function saveHolding(tx: Tx, productId: string, it: Holding): Promise<void> {
  await sql`
    insert into product_holding (id, product_id, what_en, what_ja, place, controller, collection)
    values (${it.id}, ${productId}, ${it.what.en}, ${it.what.ja}, ${it.place}, ${it.controller},
      ${it.collection})
    on conflict (id) do update set what_en = excluded.what_en, what_ja = excluded.what_ja,
      place = excluded.place, controller = excluded.controller, collection = excluded.collection`.execute(
    tx,
  );
}
