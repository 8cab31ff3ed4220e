import { sql } from 'kysely';
import { dateIn } from '../../kernel/instant.ts';
import type { Check } from '../../policy/check.ts';
import { endOfFirst } from './checks.holds.ts';
import { reportsChanged } from './facts.provider.ts';
import { reportsRecordedAt } from './store.provider.ts';

/** Reports are looked at by people; without any, nobody can say what the provider does. */
const staleAfterHours = 24 * 366 * 3;

/** Reports but those taken back within a day of their recording: those were slips. */
const recorded = sql`
  provider_report where withdrawn_at is null or withdrawn_at > recorded_at + interval '1 day'`;

/**
 * Of each provider, the report that counts: the one that lasts longest. A provider whose reports were
 * all withdrawn stays, without one that stands: taking a report back does not end what it was for.
 */
const counting = sql`
  select distinct on (provider) id, provider, expires_on, withdrawn_at is null as stands
  from ${recorded}
  order by provider, withdrawn_at is null desc, expires_on desc, recorded_at desc`;

/** RET-7: that the provider destroys media as promised stands on an auditor's report, while it lasts. */
export const providerReportIsCurrent: Check = {
  id: 'providerReportIsCurrent',
  promise: 'RET-7',
  states: {
    en: 'Of each provider whose controls we inherit there is an auditor’s report that has not expired.',
    ja: '統制を引き継いでいるすべての事業者について、有効期限内の監査報告書があります。',
  },
  finding: {
    en: 'No report of {label} stands: the last expired on {expiresOn}, or was withdrawn, and there is no newer one.',
    ja: '{label}について有効な報告書がありません。最後のものは{expiresOn}に期限が切れたか、取り下げられ、更新されていません。',
  },
  changedBy: reportsChanged,
  sources: async (db) => [
    { name: 'report of the provider', readAt: await reportsRecordedAt(db), staleAfterHours },
  ],
  population: () => sql<{ examined: number }>`
    select count(distinct provider)::int as examined from ${recorded}`,
  violations: (now, zone) => sql`
    select 'report' as subject_kind, report.id::text as subject_id, report.provider as label,
      null::uuid as owner_id, jsonb_build_object('expiresOn', report.expires_on) as detail
    from (${counting}) report
    where not report.stands or report.expires_on < ${dateIn(now, zone)}::date`,
  nextChange: (db, now, zone) =>
    endOfFirst(
      db,
      sql`select min(expires_on) as day from (${counting}) report
        where stands and expires_on >= ${dateIn(now, zone)}::date`,
      zone,
    ),
  deadlineDays: 30,
  path: '/console/provider-reports',
};
