import { sql } from 'kysely';
import { dateIn } from '../../kernel/instant.ts';
import type { Check, Violation } from '../../policy/check.ts';
import { schedulesChanged } from './facts.schedule.ts';
import type { Kinds } from './flows.schedule.ts';
import { datelessRecords, type PastOn, pastRecords } from './store.past.ts';

/**
 * What upholds RET-1 and RET-6: nothing past its date. The night has a day's grace: judged is what
 * should have gone with the night before the last, and what has only become due since is left to the
 * coming one.
 */
export const judged = (now: Temporal.Instant, zone: string): PastOn => ({
  today: dateIn(now, zone).subtract({ days: 1 }),
  zone,
  settledBefore: now.subtract({ hours: 26 }),
});

/** RET-1: over every kind of record that is kept, nothing is past its date. */
export const nothingPastItsDate = (kinds: Kinds): Check => ({
  id: 'retention.nothingPastItsDate',
  promise: 'RET-1',
  states: {
    en: 'Nothing that is kept of customers is past the date that its schedule sets.',
    ja: 'お客様について保有しているもので、保持期間を過ぎたものはない。',
  },
  finding: {
    en: '{label}: {items} records of the kind “{kind}” are past their date, the oldest of {oldest}.',
    ja: '{label}：種類「{kind}」の{items}件が保持期間を過ぎています（最も古いもの：{oldest}）。',
  },
  changedBy: ['RecordsDisposed', ...schedulesChanged],
  population: () => {
    const parts = kinds().map(
      (kind) => sql`select count(*) as n from (${kind.rows(kind.shipped.after)}) kept`,
    );
    return sql`select coalesce(sum(n), 0)::int as examined from (${sql.join(parts, sql` union all `)}) all_kinds`;
  },
  violations: (now, zone) => sql<Violation>`
    select 'customer' as subject_kind, coalesce(past.customer_id::text, past.kind) || '/' || past.kind as subject_id,
      coalesce(customer.name, customer.key, past.kind) as label,
      jsonb_build_object('kind', past.kind, 'items', count(*),
        'oldest', to_char(min(past.at) at time zone ${zone}, 'YYYY-MM-DD')) as detail,
      null::uuid as owner_id
    from (${pastRecords(kinds(), judged(now, zone))}) past
    left join customer on customer.id = past.customer_id
    group by past.kind, past.customer_id, customer.name, customer.key`,
  deadlineDays: 0,
  path: '/console/retention/plan',
});

/**
 * RET-6: what remains of closed accounts is what is named, and goes by its own schedule. A record of
 * any other kind, or one that no schedule lets go, is a violation as one past its date is.
 */
export const whatRemainsHasItsDate = (kinds: Kinds): Check => {
  const remaining = () => kinds().filter(({ remains }) => remains);
  const closed = sql`
    select customer_id from closure where state = 'certified'`;
  return {
    id: 'retention.whatRemainsHasItsDate',
    promise: 'RET-6',
    states: {
      en: 'What remains of a closed account is what is named in advance, has a date on which it goes, and is not past it.',
      ja: '閉鎖したアカウントについて残っているのは、あらかじめ示したものだけであり、いずれも廃棄する日が定められ、その日を過ぎていない。',
    },
    finding: {
      en: '{label}: {items} records of the kind “{kind}” remain past their date or without one, the oldest of {oldest}.',
      ja: '{label}：種類「{kind}」の{items}件が、廃棄する日を過ぎて、または定められないまま残っています（最も古いもの：{oldest}）。',
    },
    changedBy: ['RecordsDisposed', 'ErasureCertified', ...schedulesChanged],
    population: () => sql<{ examined: number }>`
      select count(*)::int as examined from closure where state = 'certified'`,
    violations: (now, zone) => sql<Violation>`
      select 'customer' as subject_kind, kept.customer_id::text || '/' || kept.kind as subject_id,
        coalesce(customer.name, customer.key) as label,
        jsonb_build_object('kind', kept.kind, 'items', count(*),
          'oldest', to_char(min(kept.at) at time zone ${zone}, 'YYYY-MM-DD')) as detail,
        null::uuid as owner_id
      from (
        select kind, customer_id, at from (${pastRecords(remaining(), judged(now, zone))}) past
        where customer_id in (${closed})
        union all
        ${datelessRecords(kinds(), closed)}
      ) kept
      join customer on customer.id = kept.customer_id
      group by kept.kind, kept.customer_id, customer.name, customer.key`,
    deadlineDays: 0,
    path: '/console/closures',
  };
};
