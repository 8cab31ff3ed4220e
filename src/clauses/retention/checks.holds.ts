import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import { dateIn, endOfDay, type Instant } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import type { Check, Source, Violation } from '../../policy/check.ts';
import { holdsChanged } from '../../registers/customers/facts.holds.ts';
import { productsChanged } from '../../registers/customers/facts.products.ts';
import { customersChanged } from '../../registers/customers/facts.ts';
import { judged } from './checks.schedule.ts';
import { contentsKind, schedulesChanged } from './facts.schedule.ts';
import type { Kinds } from './flows.schedule.ts';
import { pastRecords } from './store.past.ts';

/** Entries after which somebody holds something where nobody did. */
const contentsChanged = ['UnwrapsCounted', 'CustomerDataErased'] as const;

/** A register in which nothing stands proves nothing: its read is the newest entry of it. */
async function registered(db: Db, name: string, table: 'product' | 'customer'): Promise<Source[]> {
  const query =
    table === 'product'
      ? sql`select exists (select from product where retired_at is null) as there`
      : sql`select exists (select from customer) as there`;
  const { rows } = await query.execute(db);
  const there = (rows[0] as { there: boolean } | undefined)?.there ?? false;
  return there ? [] : [{ name, readAt: null, staleAfterHours: 1 }];
}

/**
 * RET-2: of each account there is said under what its data is kept, and how long. The terms are the
 * same for all; a contract names its months, or an officer decided a schedule that covers it.
 */
export const everyCustomerHasATerm: Check = {
  id: 'everyCustomerHasATerm',
  promise: 'RET-2',
  states: {
    en: 'Of every customer the register names the terms or the contract, and how long their data is kept under it.',
    ja: 'すべてのお客様について、適用される利用規約または契約と、それに基づくデータの保持期間が登録されています。',
  },
  finding: {
    en: 'The contract {reference} of {label} says nowhere how long its data is kept.',
    ja: '{label}の契約（{reference}）に、データの保持期間が定められていません。',
  },
  changedBy: [
    ...customersChanged,
    'RetentionScheduleSet',
    'RetentionScheduleEnded',
    'ErasureCertified',
  ],
  sources: (db) => registered(db, 'register of customers', 'customer'),
  population: () => sql<{ examined: number }>`
    select count(*)::int as examined from customer where state <> 'gone'`,
  violations: () => sql`
    select 'customer' as subject_kind, customer.id::text as subject_id,
      coalesce(customer.name, customer.key) as label, null::uuid as owner_id,
      jsonb_build_object('reference', customer.basis_reference, 'key', customer.key) as detail
    from customer
    where customer.state <> 'gone' and (btrim(customer.basis_reference) = ''
      or customer.basis = 'contract' and customer.term_months is null
      and not exists (
        select from retention_schedule schedule
        where schedule.kind = ${contentsKind} and schedule.ended_at is null
          and schedule.collection is null
          and (schedule.customer_id = customer.id or schedule.customer_id is null
            and (schedule.product_id = customer.product_id or schedule.product_id is null))))`,
  deadlineDays: 14,
  path: '/console/customers/{id}',
};

/**
 * RET-2: what a customer entrusted is kept no longer than terms or contract say, unless a hold stands.
 * Examined are the accounts, each with all that is in the vault of it.
 */
export const nothingOutlastsItsTerm = (kinds: Kinds): Check => ({
  id: 'nothingOutlastsItsTerm',
  promise: 'RET-2',
  states: {
    en: 'Of no customer is anything kept beyond the term of their contract or of the terms, except by hold.',
    ja: '保全措置がある場合を除き、契約または利用規約の期間を超えて保持しているお客様のデータはありません。',
  },
  finding: {
    en: '{items} records of {label} are kept beyond the term, the oldest of {oldest}.',
    ja: '{label}のデータ{items}件が期間を超えて保持されています（最も古いもの：{oldest}）。',
  },
  changedBy: ['RecordsDisposed', ...schedulesChanged, ...customersChanged, ...holdsChanged],
  sources: (db) => registered(db, 'register of customers', 'customer'),
  population: () => sql<{ examined: number }>`
    select count(*)::int as examined from customer where state <> 'gone'`,
  violations: (now, zone) => sql<Violation>`
    select 'customer' as subject_kind, customer.id::text as subject_id,
      coalesce(customer.name, customer.key) as label, null::uuid as owner_id,
      jsonb_build_object('key', customer.key, 'items', count(*),
        'oldest', to_char(min(past.at) at time zone ${zone}, 'YYYY-MM-DD')) as detail
    from (${pastRecords(contentsOf(kinds), judged(now, zone))}) past
    join customer on customer.id = past.customer_id
    group by customer.id`,
  deadlineDays: 1,
  path: '/console/customers/{id}',
});

function contentsOf(kinds: Kinds) {
  const contents = kinds().filter(({ kind }) => kind === contentsKind);
  invariant(contents.length > 0, 'the vault says how its contents are kept');
  return contents;
}

/** RET-2: a hold that nobody looks at again would keep data for ever. */
export const holdsAreReviewed: Check = {
  id: 'holdsAreReviewed',
  promise: 'RET-2',
  states: {
    en: 'Every hold is looked at again by its day.',
    ja: 'すべての保全措置が、期日までに見直されています。',
  },
  finding: {
    en: 'The hold on {label} was to be looked at again by {reviewOn}.',
    ja: '{label}の保全措置は、{reviewOn}までに見直すことになっていました。',
  },
  changedBy: holdsChanged,
  population: () => sql<{ examined: number }>`
    select count(*)::int as examined from legal_hold where lifted_at is null`,
  violations: (now, zone) => sql`
    select 'hold' as subject_kind, legal_hold.id::text as subject_id,
      coalesce(customer.name, customer.key) as label, null::uuid as owner_id,
      jsonb_build_object('reviewOn', legal_hold.review_on, 'key', customer.key) as detail
    from legal_hold join customer on customer.id = legal_hold.customer_id
    where legal_hold.lifted_at is null and legal_hold.review_on < ${dateIn(now, zone)}::date`,
  nextChange: async (db, now, zone) => {
    const { rows } = await sql<{ day: Temporal.PlainDate | null }>`
      select min(review_on) as day from legal_hold
      where lifted_at is null and review_on >= ${dateIn(now, zone)}::date`.execute(db);
    const day = rows[0]?.day;
    return day ? endOfDay(day, zone) : null;
  },
  deadlineDays: 7,
  path: '/console/holds',
};

/** RET-3: of every product is written down what data there is, where it lies and who controls it. */
export const everyProductIsMapped: Check = {
  id: 'everyProductIsMapped',
  promise: 'RET-3',
  states: {
    en: 'Every product has a data map: what, where, and who controls it.',
    ja: 'すべての製品について、データの内容・場所・管理者が示されています。',
  },
  finding: {
    en: 'The product {label} has no data map.',
    ja: '製品「{label}」のデータマップがありません。',
  },
  changedBy: productsChanged,
  sources: (db) => registered(db, 'register of products', 'product'),
  population: () => sql<{ examined: number }>`
    select count(*)::int as examined from product where retired_at is null`,
  violations: () => sql`
    select 'product' as subject_kind, product.id::text as subject_id, product.name as label,
      null::uuid as owner_id, jsonb_build_object('key', product.key) as detail
    from product
    where product.retired_at is null
      and not exists (select from product_holding line where line.product_id = product.id)`,
  deadlineDays: 14,
  path: '/console/products',
};

/** Every collection that customers of a product have something in, over the whole vault. */
const collectionsSeen = sql`
  select customer.product_id, held.collection, count(distinct held.customer_id)::int as customers
  from (select customer_id, collection from vault_object group by 1, 2
    union select customer_id, collection from vault_record group by 1, 2) held
  join customer on customer.id = held.customer_id
  group by 1, 2`;

/** RET-3: what lies in the vault is on the map of its product, nothing beside it. */
export const everyCollectionIsOnItsMap: Check = {
  id: 'everyCollectionIsOnItsMap',
  promise: 'RET-3',
  states: {
    en: 'Every collection in the vault is on the data map of its product.',
    ja: '保管庫にあるすべてのコレクションが、製品のデータマップに記載されています。',
  },
  finding: {
    en: 'The collection {collection} of {label}, used by {customers} customers, is not on its data map.',
    ja: '{label}のコレクション「{collection}」（利用顧客数：{customers}）が、データマップにありません。',
  },
  changedBy: [...productsChanged, ...contentsChanged],
  population: () => sql<{ examined: number }>`
    select count(*)::int as examined from (${collectionsSeen}) seen`,
  violations: () => sql`
    select 'product' as subject_kind, seen.product_id::text || '/' || seen.collection as subject_id,
      product.name as label, null::uuid as owner_id,
      jsonb_build_object('key', product.key, 'collection', seen.collection,
        'customers', seen.customers) as detail
    from (${collectionsSeen}) seen join product on product.id = seen.product_id
    where not exists (select from product_holding line
      where line.product_id = seen.product_id and line.collection = seen.collection)`,
  deadlineDays: 14,
  path: '/console/products',
};

/** RET-3: with an installed product data stays with the customer. */
export const installedProductsHoldNothing: Check = {
  id: 'installedProductsHoldNothing',
  promise: 'RET-3',
  states: {
    en: 'Of customers of installed products we hold neither data nor keys.',
    ja: 'インストール型製品のお客様については、データも鍵も当社にありません。',
  },
  finding: {
    en: 'We hold {objects} objects, {records} records and {keys} keys of {label}, whose product is installed with them.',
    ja: 'インストール型製品をお使いの{label}について、オブジェクト{objects}件、レコード{records}件、鍵{keys}件を当社が保有しています。',
  },
  changedBy: [...productsChanged, ...customersChanged, ...contentsChanged],
  population: () => sql<{ examined: number }>`
    select count(*)::int as examined from customer
    join product on product.id = customer.product_id where product.kind = 'installed'`,
  violations: () => sql`
    select 'customer' as subject_kind, customer.id::text as subject_id,
      coalesce(customer.name, customer.key) as label, null::uuid as owner_id,
      jsonb_build_object('key', customer.key, 'objects', held.objects, 'records', held.records,
        'keys', held.keys) as detail
    from customer join product on product.id = customer.product_id
    cross join lateral (
      select (select count(*)::int from vault_object where customer_id = customer.id) as objects,
        (select count(*)::int from vault_record where customer_id = customer.id) as records,
        (select count(*)::int from vault_key where customer_id = customer.id
          and destroyed_at is null) as keys) held
    where product.kind = 'installed' and held.objects + held.records + held.keys > 0`,
  deadlineDays: 1,
  path: '/console/customers/{id}',
};

/** The end of a day that a query finds as `day`. */
export async function endOfFirst(
  db: Db,
  query: ReturnType<typeof sql>,
  zone: string,
): Promise<Instant | null> {
  const { rows } = await query.execute(db);
  const day = (rows[0] as { day: Temporal.PlainDate | null } | undefined)?.day;
  return day ? endOfDay(day, zone) : null;
}
