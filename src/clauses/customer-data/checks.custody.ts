import { sql } from 'kysely';
import type { Check, Violation } from '../../policy/check.ts';
import { customersChanged } from '../../registers/customers/facts.ts';
import { amissOf, custodySources, nextCustodyLook } from '../../registers/vault/store.custody.ts';

/** What upholds CUS-1 beside the guard of the door: that the box is whole, and who opened it. */

/** Entries after which keys, or what lies under them, may stand differently. */
const custodyChanged = [
  ...customersChanged,
  'CustomerClosureRequested',
  'CustomerReopened',
  'CustomerKeyDestroyed',
  'CustomerDataErased',
  'CustomerRekeyed',
];

/** Accounts whose product entrusts us with data, or with the keys to it, and that are not erased. */
const inCustody = sql`(
  select customer.id, coalesce(customer.name, customer.key) as name from customer
  join product on product.id = customer.product_id
  where product.custody <> 'none' and customer.state in ('open', 'closing'))`;

const keysNow = sql`(
  select count(*)::int from vault_key key
  where key.customer_id = held.id and key.replaced_at is null and key.destroyed_at is null)`;

/** CUS-1: a key per customer, and one that is in use. An account that has stored nothing yet has none. */
export const everyCustomerHasOneKey: Check = {
  id: 'customer-data.everyCustomerHasOneKey',
  promise: 'CUS-1',
  states: {
    en: 'Every customer in our custody whose account holds something has exactly one current key, which the keystore itself has, and no customer shares it.',
    ja: '当社が預かるデータのあるお客様は、それぞれ現行の鍵をちょうど1つ持ち、その鍵は鍵保管庫に実在し、他のお客様と共用されていない。',
  },
  finding: {
    en: '{label}: {keys} current keys; {shared} of them belong to other customers as well, {missing} keys are missing in the keystore.',
    ja: '{label}：現行の鍵が{keys}個あり、うち{shared}個は他のお客様の鍵でもあります。鍵保管庫に見つからない鍵は{missing}個です。',
  },
  changedBy: custodyChanged,
  sources: custodySources,
  population: () => sql`select count(*)::int as examined from ${inCustody} held`,
  violations: () => sql<Violation>`
    select 'customer' as subject_kind, id as subject_id, name as label,
      jsonb_build_object('keys', keys, 'shared', shared, 'missing', missing) as detail, null::uuid as owner_id
    from (
      select held.id, held.name, ${keysNow} as keys,
        ${amissOf('keyMissing', sql`held.id`)} as missing,
        (select count(*)::int from vault_key key where key.customer_id = held.id and exists (
          select from vault_key other
          where other.recipient = key.recipient and other.customer_id <> held.id)) as shared,
        exists (select from vault_object where customer_id = held.id)
          or exists (select from vault_record where customer_id = held.id) as holds
      from ${inCustody} held
    ) counted
    where keys > 1 or shared > 0 or missing > 0 or (holds and keys = 0)`,
  nextChange: nextCustodyLook,
  deadlineDays: 0,
  path: '/console/customers/{id}',
};

/** CUS-1: whatever is held is sealed under a key of that very customer which nothing has replaced. */
export const everythingIsUnderItsOwnKey: Check = {
  id: 'customer-data.everythingIsUnderItsOwnKey',
  promise: 'CUS-1',
  states: {
    en: 'Every object and every record is sealed under the current key of its own customer.',
    ja: 'すべてのオブジェクトとレコードは、そのお客様自身の現行の鍵で封じられている。',
  },
  finding: {
    en: '{label}: {items} objects or records lie under another key ({why}).',
    ja: '{label}：{items}件のオブジェクトまたはレコードが、別の鍵で封じられています（{why}）。',
  },
  changedBy: custodyChanged,
  population: () => sql`
    select (select count(*)::int from vault_object) + (select count(*)::int from vault_record) as examined`,
  // A re-key in progress leaves both keys in use; only what stayed behind for a day is a violation.
  violations: (now) => sql<Violation>`
    select 'customer' as subject_kind, customer.id as subject_id, coalesce(customer.name, customer.key) as label,
      jsonb_build_object('items', astray.items, 'why', astray.why) as detail, null::uuid as owner_id
    from (
      select customer_id, count(*)::int as items, string_agg(distinct why, ', ' order by why) as why
      from (
        select held.customer_id, case when key.customer_id <> held.customer_id then 'other customer'
          when key.destroyed_at is not null then 'destroyed' else 'replaced' end as why
        from (
          select customer_id, key_id from vault_object
          union all select customer_id, key_id from vault_record) held
        join vault_key key on key.id = held.key_id
        where key.customer_id <> held.customer_id or key.destroyed_at is not null
          or key.replaced_at < ${now.subtract({ hours: 24 })}
      ) each
      group by customer_id
    ) astray join customer on customer.id = astray.customer_id
    -- What the erasure of an account has not come to yet is nobody's to read any more (RET-5).
    where customer.state in ('open', 'closing')`,
  async nextChange(db, now) {
    const { rows } = await sql<{ at: Temporal.Instant | null }>`
      select min(replaced_at) + interval '24 hours' as at from vault_key
      where replaced_at > ${now.subtract({ hours: 24 })} and destroyed_at is null`.execute(db);
    return rows[0]?.at ?? null;
  },
  deadlineDays: 0,
  path: '/console/customers/{id}',
};

/** CUS-1: only the service, the customer, Kept by itself, or a case of that customer opened anything. */
export const everyUseOfAKeyHasItsReason: Check = {
  id: 'customer-data.everyUseOfAKeyHasItsReason',
  promise: 'CUS-1',
  states: {
    en: 'Every use of a customer’s key was by the service, by the customer, by Kept itself or under a case of that customer.',
    ja: 'お客様の鍵の使用はすべて、サービス、お客様ご本人、Kept自身、またはそのお客様の案件によるものである。',
  },
  finding: {
    en: '{label}: {operations} uses of the key at {at} as “{by}” that nothing accounts for.',
    ja: '{label}：{at} に「{by}」として鍵が{operations}回使われましたが、根拠がありません。',
  },
  changedBy: ['UnwrapsCounted', 'StaffDecrypted', ...custodyChanged],
  population: () => sql`select count(*)::int as examined from vault_unwrap`,
  violations: (_now, zone) => sql<Violation>`
    select 'unwrap' as subject_kind, used.id as subject_id, coalesce(customer.name, customer.key) as label,
      jsonb_build_object('operations', used.operations, 'by', used.by_kind,
        'at', to_char(used.to_at at time zone ${zone}, 'YYYY-MM-DD HH24:MI')) as detail, null::uuid as owner_id
    from vault_unwrap used join customer on customer.id = used.customer_id
    where case used.by_kind
      when 'case' then used.person_id is null or not exists (
        select from customer_case it
        where it.id::text = used.by_id and it.customer_id = used.customer_id)
      when 'customer' then used.person_id is not null or not exists (
        select from customer_contact contact
        where contact.id::text = used.by_id and contact.customer_id = used.customer_id)
      when 'service' then used.person_id is not null or not exists (
        select from vault_service service join customer account on account.product_id = service.product_id
        where service.token_id::text = used.by_id and account.id = used.customer_id)
      else used.person_id is not null end`,
  deadlineDays: 0,
  path: '/console/cases',
};
