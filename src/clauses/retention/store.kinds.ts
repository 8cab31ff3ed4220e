import { sql } from 'kysely';
import type { KeptKind, KeptRow } from '../../policy/keeping.ts';
import { eraseCustomers } from '../../registers/customers/store.erase.ts';
import { forgetRequests } from './store.requests.ts';

/** Kinds of record that this clause keeps, and what remains of accounts that are gone (RET-6). */
export const kinds: readonly KeptKind[] = [
  {
    kind: 'requests',
    label: { en: 'Requests about data', ja: 'データに関するご請求' },
    remains: true,
    after: ['closed'],
    shipped: {
      after: 'closed',
      period: 'P3Y',
      purpose: {
        en: 'Showing that each request was answered, and how.',
        ja: 'ご請求のそれぞれに、いつどのように回答したかを示すため。',
      },
      ground: {
        en: 'Our duty to account for answers to requests.',
        ja: 'ご請求への対応について説明する責任。',
      },
    },
    rows: () => sql<KeptRow>`
      select id, customer_id, null::text as collection, answered_at as at from customer_request
      where answered_at is not null and forgotten_at is null`,
    remove: forgetRequests,
  },
  {
    kind: 'closedAccounts',
    label: {
      en: 'Names, contacts and contract of closed accounts',
      ja: '閉鎖したアカウントの名称・連絡先・契約',
    },
    remains: true,
    after: ['closed'],
    shipped: {
      after: 'closed',
      period: 'P7Y',
      purpose: {
        en: 'Billing, accounts, and claims from the contract.',
        ja: '請求・会計および契約上の請求権のため。',
      },
      ground: {
        en: 'Books and vouchers must be kept for seven years.',
        ja: '帳簿書類の7年間の保存義務。',
      },
    },
    rows: () => sql<KeptRow>`
      select id, id as customer_id, null::text as collection, state_at as at from customer
      where state = 'gone' and name is not null`,
    remove: async (tx, ids, context) => {
      await eraseCustomers(tx, ids, context);
    },
  },
  {
    kind: 'closures',
    label: { en: 'Records of closures, with their certificates', ja: '閉鎖の記録と証明書' },
    remains: true,
    after: ['closed'],
    shipped: {
      after: 'closed',
      period: 'P10Y',
      purpose: {
        en: 'Proving to the customer that the data is gone, and when.',
        ja: 'データがいつ削除されたかを、お客様に証明するため。',
      },
      ground: {
        en: 'The certificate that we promise, and the time in which claims can be made.',
        ja: 'お約束した証明書の発行、および請求権の消滅時効。',
      },
    },
    rows: () => sql<KeptRow>`
      select id, customer_id, null::text as collection, coalesce(certified_at, reopened_at) as at
      from closure where state in ('reopened', 'certified')`,
    remove: async (tx, ids) => {
      await sql`delete from closure where id = any(${ids}::uuid[])`.execute(tx);
    },
  },
];
