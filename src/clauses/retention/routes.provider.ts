import { z } from 'zod';
import { isUuid } from '../../kernel/id.ts';
import { dateIn, type Instant, instantText } from '../../kernel/instant.ts';
import { ok } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { askBeforeDays, reportFields, reportLimitBytes } from './facts.provider.ts';
import { providerFlow } from './flows.provider.ts';
import { providerReports, type ReportRow } from './store.provider.ts';

const reportOutput = z.object({
  id: z.string(),
  provider: z.string(),
  title: z.string(),
  periodFrom: z.string(),
  periodTo: z.string(),
  expiresOn: z.string(),
  file: z.string(),
  fileName: z.string(),
  size: z.int(),
  ours: z.object({ en: z.string(), ja: z.string() }),
  recordedAt: z.string(),
  recordedBy: z.string().nullable(),
  withdrawnAt: z.string().nullable(),
  /** In force: not withdrawn, not expired. */
  current: z.boolean(),
  /** In force, and its renewal is asked for. */
  soon: z.boolean(),
});
const done = z.object({ id: z.string() });

export const providerRoutes = {
  listProviderReports: route({
    method: 'get',
    path: '/provider-reports',
    summary: 'Reports of auditors on what a provider does for us, with their expiry.',
    permission: 'readProviderReports',
    input: z.object({}),
    output: z.object({ items: z.array(reportOutput) }),
    handle: async ({ db, now, zone }) => {
      const today = dateIn(now, zone).toString();
      const rows = await providerReports(db);
      return ok({ items: rows.map((row) => itemOf(row, today)) });
    },
  }),

  recordProviderReport: route({
    method: 'post',
    path: '/provider-reports',
    summary: 'Records a report with its file, its period, its expiry and what stays ours.',
    permission: 'recordProviderReport',
    limitBytes: Math.ceil(reportLimitBytes / 3) * 4 + 64 * 1024,
    input: z.object(reportFields),
    output: done,
    handle: async ({ execute }, given) => {
      const answer = await execute(providerFlow, { do: 'recordProviderReport', ...given });
      return answer.ok ? ok({ id: answer.value[0]?.subject.split('/')[1] ?? '' }) : answer;
    },
  }),

  withdrawProviderReport: route({
    method: 'post',
    path: '/provider-reports/{reportId}/withdraw',
    summary: 'Says that nothing stands on a report any more.',
    permission: 'withdrawProviderReport',
    input: z.object({
      reportId: z.string().refine(isUuid),
      reason: z.string().trim().min(1).max(2000),
    }),
    output: done,
    handle: async ({ execute }, given) => {
      const answer = await execute(providerFlow, { do: 'withdrawProviderReport', ...given });
      return answer.ok ? ok({ id: given.reportId }) : answer;
    },
  }),
};

function itemOf(row: ReportRow, today: string): z.input<typeof reportOutput> {
  const text = (at: Instant | null) => at && instantText(at);
  const expiresOn = row.expiresOn.toString();
  const current = !row.withdrawnAt && expiresOn >= today;
  return {
    ...row,
    periodFrom: row.periodFrom.toString(),
    periodTo: row.periodTo.toString(),
    expiresOn,
    recordedAt: instantText(row.recordedAt),
    withdrawnAt: text(row.withdrawnAt),
    current,
    soon: current && row.expiresOn.subtract({ days: askBeforeDays }).toString() <= today,
  };
}
