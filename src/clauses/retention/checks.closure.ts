import { sql } from 'kysely';
import { type Instant, isBefore } from '../../kernel/instant.ts';
import type { Check, Violation } from '../../policy/check.ts';
import { heldCustomers } from '../../registers/customers/store.holds.ts';
import { amissOf, custodySources, nextCustodyLook } from '../../registers/vault/store.custody.ts';
import { closuresChanged } from './facts.closure.ts';

/** What upholds RET-5: no closure is late, and what was rolled back is whole. */

/** A key that should have gone is looked for again and again; after a day of it the promise is broken. */
const keyGraceHours = 24;

/** For so long what was done, and late, counts: a promise that was broken is not kept by doing it at last. */
const lateFor = sql`interval '365 days'`;
const countsLate = (now: Instant, column: 'certified_at' | 'key_destroyed_at') =>
  sql`${sql.ref(column)} > ${now}::timestamptz - ${lateFor}`;

const day = (zone: string, at: 'due_at' | 'erase_by') =>
  sql`to_char(${sql.ref(at)} at time zone ${zone}, 'YYYY-MM-DD')`;

const notHeld = sql`closure.customer_id not in ${heldCustomers}`;

/** RET-5: past day 30 no key is left, unless a hold stops the clock. */
export const closedAccountsHaveNoKey: Check = {
  id: 'retention.closedAccountsHaveNoKey',
  promise: 'RET-5',
  states: {
    en: 'From day 30 of every closure on, no key of the customer is left in the keystore; one that was destroyed late counts for twelve months.',
    ja: '閉鎖の30日目を過ぎたお客様の鍵は、鍵保管庫に一つも残っていない。破棄が遅れたものは12か月間数える。',
  },
  finding: {
    en: '{label}: the key should have been destroyed by {dueOn} and was not in time, or is in the keystore again.',
    ja: '{label}：{dueOn}までに破棄されるべき鍵が期限内に破棄されていないか、鍵保管庫に再び存在します。',
  },
  changedBy: closuresChanged,
  sources: custodySources,
  population: () => sql`
    select count(*)::int as examined from closure where state <> 'reopened'`,
  violations: (now, zone) => sql<Violation>`
    select 'closure' as subject_kind, closure.id as subject_id, coalesce(customer.name, customer.key) as label,
      jsonb_build_object('customer', customer.id, 'dueOn', ${day(zone, 'due_at')}) as detail,
      null::uuid as owner_id
    from closure join customer on customer.id = closure.customer_id
    where (closure.state in ('closing', 'erasing') and key_destroyed_at is null
      and due_at <= ${now.subtract({ hours: keyGraceHours })} and ${notHeld})
      or (key_destroyed_at > due_at + make_interval(hours => ${keyGraceHours})
        and ${countsLate(now, 'key_destroyed_at')})
      -- The register's word is not enough: the keystore was looked through.
      or (key_destroyed_at is not null and ${amissOf('keyLeft', sql`customer.id`)} > 0)`,
  async nextChange(db, now) {
    const { rows } = await sql<{ at: Instant | null }>`
      select min(due_at) as at from closure
      where state in ('closing', 'erasing') and key_destroyed_at is null
        and due_at > ${now.subtract({ hours: keyGraceHours })}`.execute(db);
    const due = rows[0]?.at?.add({ hours: keyGraceHours });
    const look = await nextCustodyLook(db, now);
    return due && isBefore(due, look) ? due : look;
  },
  deadlineDays: 0,
  path: '/console/closures?open={id}',
};

/**
 * RET-5: by day 90 the certificate is issued, or the promise is broken. One that came late does not
 * make it kept again: it stays a violation for as long as lateness counts.
 */
export const closedAccountsAreGoneInTime: Check = {
  id: 'retention.closedAccountsAreGoneInTime',
  promise: 'RET-5',
  states: {
    en: 'By day 90 of every closure everything was gone, backups of the key included, and the certificate issued; one that was late counts for twelve months.',
    ja: 'どの閉鎖も、90日目までに鍵のバックアップを含むすべてが消え、証明書が発行されている。遅れたものは12か月間数える。',
  },
  finding: {
    en: '{label}: the deletion should have been certified by {dueOn}, and was not in time.',
    ja: '{label}：{dueOn}までに発行されるべき削除の証明書が、期限内に発行されていません。',
  },
  changedBy: closuresChanged,
  population: () => sql`
    select count(*)::int as examined from closure where state <> 'reopened'`,
  violations: (now, zone) => sql<Violation>`
    select 'closure' as subject_kind, closure.id as subject_id, coalesce(customer.name, customer.key) as label,
      jsonb_build_object('customer', customer.id, 'dueOn', ${day(zone, 'erase_by')}) as detail,
      null::uuid as owner_id
    from closure join customer on customer.id = closure.customer_id
    where (closure.state in ('closing', 'erasing', 'erased') and erase_by <= ${now} and ${notHeld})
      or (certified_at > erase_by and ${countsLate(now, 'certified_at')})`,
  async nextChange(db, now) {
    const { rows } = await sql<{ at: Instant | null }>`
      select least(
        min(erase_by) filter (where state in ('closing', 'erasing', 'erased') and erase_by > ${now}),
        min(certified_at + ${lateFor}) filter (
          where certified_at > erase_by and ${countsLate(now, 'certified_at')})
      ) as at from closure`.execute(db);
    return rows[0]?.at ?? null;
  },
  deadlineDays: 0,
  path: '/console/closures?open={id}',
};

/** RET-5: what was rolled back is, to the bit, what there was at the request. */
export const reopenedAccountsAreWhole: Check = {
  id: 'retention.reopenedAccountsAreWhole',
  promise: 'RET-5',
  states: {
    en: 'Every account that was reopened holds exactly what it held when its closure was requested.',
    ja: '再開されたアカウントには、閉鎖の請求時にあったものがすべてそのまま残っている。',
  },
  finding: {
    en: '{label}: reopened on {reopenedOn} with contents that differ from those at the request.',
    ja: '{label}：{reopenedOn}に再開されましたが、内容が請求時と一致しません。',
  },
  changedBy: ['CustomerReopened'],
  population: () => sql`select count(*)::int as examined from closure where state = 'reopened'`,
  violations: (_now, zone) => sql<Violation>`
    select 'closure' as subject_kind, closure.id as subject_id, coalesce(customer.name, customer.key) as label,
      jsonb_build_object('customer', customer.id,
        'reopenedOn', to_char(reopened_at at time zone ${zone}, 'YYYY-MM-DD')) as detail,
      null::uuid as owner_id
    from closure join customer on customer.id = closure.customer_id
    where closure.state = 'reopened' and reopened_seal is distinct from seal`,
  deadlineDays: 0,
  path: '/console/closures?open={id}',
};

/**
 * RET-5: nothing of a customer whose account is gone is left where contents lie. Not the closure's
 * own word: the tables themselves are looked through, and the storage every night.
 */
export const goneAccountsHoldNothing: Check = {
  id: 'retention.goneAccountsHoldNothing',
  promise: 'RET-5',
  states: {
    en: 'No object, record or file is left of an account whose data was erased.',
    ja: 'データを消去したアカウントには、オブジェクトもレコードもファイルも残っていない。',
  },
  finding: {
    en: '{label}: {items} objects, records or files are left after the erasure.',
    ja: '{label}：消去後に、オブジェクト・レコード・ファイルが{items}件残っています。',
  },
  changedBy: ['CustomerDataErased', 'ErasureCertified'],
  sources: custodySources,
  population: () => sql`
    select count(*)::int as examined from closure where state in ('erased', 'certified')`,
  violations: () => sql<Violation>`
    select 'closure' as subject_kind, closure.id as subject_id, coalesce(customer.name, customer.key) as label,
      jsonb_build_object('customer', customer.id, 'items', remaining.items) as detail, null::uuid as owner_id
    from closure join customer on customer.id = closure.customer_id
    cross join lateral (
      select (select count(*) from vault_object where customer_id = customer.id)
        + (select count(*) from vault_record where customer_id = customer.id)
        + (select count(*) from vault_upload where customer_id = customer.id)
        + (select count(*) from vault_discard where customer_id = customer.id)
        + (select count(*) from portal_export where customer_id = customer.id)
        + ${amissOf('filesLeft', sql`customer.id`)}
        + (select count(*) from vault_key where customer_id = customer.id and destroyed_at is null) as items
    ) remaining
    where closure.state in ('erased', 'certified') and remaining.items > 0`,
  nextChange: nextCustodyLook,
  deadlineDays: 0,
  path: '/console/closures?open={id}',
};
