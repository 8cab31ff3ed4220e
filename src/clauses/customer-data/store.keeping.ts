import { sql } from 'kysely';
import type { KeptKind, KeptRow } from '../../policy/keeping.ts';
import { forgetTasksOf } from '../../registers/tasks/store.ts';

/**
 * Cases remain when an account is gone (RET-6): they account for who read what. They go by schedule,
 * and never before what the vault counted of them, which would then be accounted for by nothing.
 */
export const kinds: readonly KeptKind[] = [
  {
    kind: 'cases',
    label: { en: 'Cases of access to customers’ data', ja: 'お客様データの閲覧案件' },
    remains: true,
    after: ['made', 'closed'],
    shipped: {
      after: 'closed',
      period: 'P5Y',
      purpose: {
        en: 'Showing who read customers’ data, why, and who approved it.',
        ja: 'お客様のデータを誰が何のために閲覧し、誰が承認したかを示すため。',
      },
      ground: {
        en: 'Our duty to account for access to customers’ data.',
        ja: 'お客様のデータへのアクセスについて説明する責任。',
      },
    },
    rows: (after) => {
      const at =
        after === 'made'
          ? sql`it.asked_at`
          : sql`coalesce(it.reconciled_at, it.ended_at, it.decided_at)`;
      return sql<KeptRow>`
        select it.id, it.customer_id, null::text as collection, ${at} as at from customer_case it
        where it.state in ('reconciled', 'refused', 'withdrawn', 'lapsed')
          and (it.review_due_at is null or it.reviewed_at is not null) and not exists (
          select from vault_unwrap used where used.by_kind = 'case' and used.by_id = it.id::text)`;
    },
    async remove(tx, ids) {
      const these = sql`any(${ids}::uuid[])`;
      await sql`
        with gone as (delete from case_read where case_id = ${these} returning at)
        insert into case_read_past (last_at) select max(at) from gone having max(at) is not null
        on conflict (one) do update set last_at = greatest(case_read_past.last_at, excluded.last_at)`.execute(
        tx,
      );
      await sql`delete from case_scope where case_id = ${these}`.execute(tx);
      await sql`delete from case_extension where case_id = ${these}`.execute(tx);
      await sql`delete from customer_case where id = ${these}`.execute(tx);
      await forgetTasksOf(
        tx,
        ids.map((id) => `case/${id}`),
      );
    },
  },
];
