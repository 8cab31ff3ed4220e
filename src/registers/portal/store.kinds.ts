import { sql } from 'kysely';
import type { KeptKind, KeptRow } from '../../policy/keeping.ts';

/** What is kept of exports after their archives are gone: when, how much, and its digest. */
export const keptOfExports: readonly KeptKind[] = [
  {
    kind: 'exports',
    label: {
      en: 'Records of exports, without their archives',
      ja: '書き出しの記録（アーカイブを除く）',
    },
    after: ['closed'],
    shipped: {
      after: 'closed',
      period: 'P2Y',
      purpose: {
        en: 'Showing that customers received what they asked for, whole.',
        ja: 'ご依頼の書き出しを、欠けることなくお渡ししたことを示すため。',
      },
      ground: {
        en: 'Our duty to account for answers to requests.',
        ja: 'ご請求への対応について説明する責任。',
      },
    },
    rows: () => sql<KeptRow>`
      select id, customer_id, null::text as collection, finished_at as at from portal_export
      where finished_at is not null and state in ('failed', 'cancelled', 'expired')`,
    remove: async (tx, ids) => {
      await sql`delete from portal_export where id = any(${[...ids]}::uuid[])`.execute(tx);
    },
  },
];
