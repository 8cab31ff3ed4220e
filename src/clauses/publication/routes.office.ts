import { z } from 'zod';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { ok } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { answerList, listInput, listOutput } from '../../registers/list.ts';
import {
  outcomes,
  publicationSettings,
  reviewOutcomes,
  vulnerabilityReport,
} from './facts.office.ts';
import { officeFlow } from './flows.ts';
import { publicationSettingsOf } from './store.office.ts';
import {
  answeredReports,
  openReports,
  type ReportRow,
  reportList,
  reportSorts,
} from './store.reading.ts';

/** Settings of the publication, reports from strangers, the yearly review. */

const reportOutput = z.object({
  id: z.string(),
  receivedAt: z.string(),
  about: z.string(),
  details: z.string(),
  reporter: z.string(),
  answeredAt: z.string().nullable(),
  answeredBy: z.string().nullable(),
  outcome: z.string().nullable(),
  answer: z.string().nullable(),
});

const textOf = (at: Instant | null): string | null => (at ? instantText(at) : null);

function reportItem(row: ReportRow): z.output<typeof reportOutput> {
  return { ...row, receivedAt: instantText(row.receivedAt), answeredAt: textOf(row.answeredAt) };
}

export const officeRoutes = {
  readPublicationSettings: route({
    method: 'get',
    path: '/policy/settings',
    summary: 'Settings of the publication.',
    permission: 'readPolicyDrafts',
    input: z.object({}),
    output: publicationSettings,
    handle: async ({ db }) => ok(await publicationSettingsOf(db)),
  }),

  changePublicationSettings: route({
    method: 'put',
    path: '/policy/settings',
    summary: 'Changes the settings of the publication; names the revision that was edited.',
    permission: 'changePublicationSettings',
    input: publicationSettings,
    output: publicationSettings,
    handle: async ({ db, execute }, settings) => {
      const answer = await execute(officeFlow, { do: 'changeSettings', settings });
      return answer.ok ? ok(await publicationSettingsOf(db)) : answer;
    },
  }),

  reviewPolicy: route({
    method: 'post',
    path: '/policy/review',
    summary: 'Records that the whole policy was reviewed; the next review is due a year later.',
    permission: 'reviewPolicy',
    input: z.object({
      outcome: z.enum(reviewOutcomes),
      note: z.string().trim().max(2000).default(''),
    }),
    output: z.object({ nextDueAt: z.string() }),
    handle: async ({ execute }, input) => {
      const answer = await execute(officeFlow, { do: 'reviewPolicy', ...input });
      if (!answer.ok) return answer;
      return ok({ nextDueAt: String(answer.value[0]?.body['nextDueAt'] ?? '') });
    },
  }),

  submitVulnerabilityReport: route({
    method: 'post',
    path: '/vulnerability-reports',
    summary: 'Reports a vulnerability; open to everyone, answered by the security officer.',
    permission: 'public',
    limitBytes: 64 * 1024,
    input: vulnerabilityReport,
    output: z.object({ id: z.string() }),
    handle: async ({ execute }, report) => {
      const answer = await execute(officeFlow, { do: 'reportVulnerability', ...report });
      return answer.ok ? ok({ id: answer.value[0]?.subject.split('/')[1] ?? '' }) : answer;
    },
  }),

  listVulnerabilityReports: route({
    method: 'get',
    path: '/vulnerability-reports',
    summary: 'Reports of vulnerabilities, newest first.',
    permission: 'readVulnerabilityReports',
    input: listInput({ sorts: reportSorts }, { answered: z.enum(['true', 'false']).optional() }),
    output: listOutput(reportOutput),
    handle: ({ db }, input) => {
      const answered = input.answered === 'true' ? answeredReports : openReports;
      return answerList(
        db,
        reportList(reportItem),
        input,
        input.answered ? [{ sql: answered }] : [],
      );
    },
  }),

  answerVulnerabilityReport: route({
    method: 'post',
    path: '/vulnerability-reports/{id}/answer',
    summary: 'Records what became of a report and what its reporter was told.',
    permission: 'answerVulnerabilityReport',
    input: z.object({
      id: z.uuid(),
      outcome: z.enum(outcomes),
      answer: z.string().trim().max(5000).default(''),
    }),
    output: z.object({ id: z.string() }),
    handle: async ({ execute }, { id, ...input }) => {
      const answer = await execute(officeFlow, { do: 'answerReport', reportId: id, ...input });
      return answer.ok ? ok({ id }) : answer;
    },
  }),
};
