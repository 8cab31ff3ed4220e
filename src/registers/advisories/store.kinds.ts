import { sql } from 'kysely';
import type { KeptKind, KeptRow } from '../../policy/keeping.ts';

/** What is kept of imports: when, from where, how many, and what was set aside. Advisories stay. */
export const keptOfImports: readonly KeptKind[] = [
  {
    kind: 'advisoryImports',
    label: { en: 'Log of imports of advisories', ja: '脆弱性情報の取り込み記録' },
    after: ['closed'],
    shipped: {
      after: 'closed',
      period: 'P2Y',
      purpose: {
        en: 'Showing that advisories were taken in all the time, and from where.',
        ja: '脆弱性情報を途切れなく取り込んでいたこと、およびその出所を示すため。',
      },
      ground: {
        en: 'Our duty to account for how known vulnerabilities are looked for.',
        ja: '既知の脆弱性の把握方法について説明する責任。',
      },
    },
    rows: () => sql<KeptRow>`
      select id, null::uuid as customer_id, null::text as collection, finished_at as at
      from advisory_import where finished_at is not null`,
    remove: async (tx, ids) => {
      await sql`delete from advisory_import where id = any(${[...ids]}::uuid[])`.execute(tx);
    },
  },
];
