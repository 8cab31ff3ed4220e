import { sql } from 'kysely';
import type { KeptKind, KeptRow } from '../../policy/keeping.ts';
import { disposeContents } from './store.erasing.ts';

/** Kinds of record of the vault, for schedules (RET-1). */
export const keptInVault: readonly KeptKind[] = [
  {
    kind: 'contents',
    label: { en: 'Contents entrusted by customers', ja: 'お客様からお預かりした内容' },
    after: ['made', 'changed'],
    shipped: {
      after: 'changed',
      period: null,
      purpose: {
        en: 'Providing the product to the customer who entrusted the contents.',
        ja: 'お客様からお預かりした内容により、製品を提供するため。',
      },
      ground: { en: 'Terms of use, or the contract.', ja: '利用規約または契約。' },
    },
    // The contents of an account that is closing are frozen: reopening gives all of them back.
    rows: (after) => {
      const at = sql.ref(after === 'made' ? 'made_at' : 'changed_at');
      return sql<KeptRow>`
        select held.id, held.customer_id, held.collection, held.${at} as at
        from (select id, customer_id, collection, made_at, changed_at from vault_object
          union all select id, customer_id, collection, made_at, changed_at from vault_record) held
        join customer owner on owner.id = held.customer_id and owner.state = 'open'`;
    },
    remove: (tx, ids, { now }) => disposeContents(tx, ids, now),
  },
  {
    kind: 'accessLog',
    label: { en: 'Log of openings of customers’ data', ja: 'お客様のデータを開いた記録' },
    remains: true,
    after: ['made'],
    shipped: {
      after: 'made',
      period: 'P3Y',
      purpose: {
        en: 'Showing customers who opened their data, when and why, and finding misuse.',
        ja: 'データを開いた者・日時・理由をお客様に示し、不正な利用を発見するため。',
      },
      ground: {
        en: 'Our duty to account for access to customers’ data.',
        ja: 'お客様のデータへのアクセスについて説明する責任。',
      },
    },
    // Those that no ledger entry tells of yet are told of first.
    rows: () => sql<KeptRow>`
      select id, customer_id, null::text as collection, to_at as at from vault_unwrap
      where entry_id is not null or by_kind = 'case'`,
    remove: async (tx, ids) => {
      await sql`delete from vault_unwrap where id = any(${ids}::uuid[])`.execute(tx);
    },
  },
];
