import { z } from 'zod';
import { readReport } from '../../inventory/reports/read.ts';
import {
  type FindingsReport,
  limitReportBytes,
  ReportFault,
} from '../../inventory/reports/report.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { sourceIdOf } from '../../registers/sources/store.ts';
import { findingsFlow } from './store.findings.ts';

const findingsInput = z.object({
  /** Of a source, or its key. */
  id: z.string().min(1).max(64),
  text: z.string().min(1).meta({
    description:
      'The report as the tool wrote it: SARIF, CycloneDX or OpenVEX in JSON, OSV-Scanner, Trivy, Grype, npm audit, alerts of Dependabot or GitHub code scanning. The format is known by the content.',
  }),
  complete: z.boolean().optional().meta({
    description:
      'Whether the report is all that its tool sees, so that what is missing is gone. Left out: as its format says of itself.',
  }),
});

const findingsOutput = z.object({
  sourceId: z.string(),
  reporter: z.string(),
  format: z.string(),
  complete: z.boolean(),
  findings: z.int(),
  opened: z.int(),
  reopened: z.int(),
  seenAgain: z.int(),
  gone: z.int(),
  fixed: z.int(),
  /** Decisions that the report's statements ask for. */
  asked: z.int(),
  notes: z.array(z.string()),
});

export const reportRoutes = {
  importFindings: route({
    method: 'post',
    path: '/sources/{id}/findings',
    summary: "Takes in another tool's findings in a source, whole or not at all.",
    permission: 'recordFindings',
    // As JSON a text is longer than itself: quotes and line ends are escaped.
    limitBytes: 2 * limitReportBytes,
    input: findingsInput,
    output: findingsOutput,
    handle: importFindings,
  }),
};

async function importFindings(
  { db, execute }: Request,
  { id, text, complete: said }: z.output<typeof findingsInput>,
) {
  const sourceId = await sourceIdOf(db, id);
  if (sourceId === null) return refuse('notFound');
  const report = reportOf(text);
  if (!report.ok) return report;
  const { reporter, format, findings, notes } = report.value;
  const complete = said ?? report.value.complete;
  const done = await execute(findingsFlow, {
    sourceId,
    reporter,
    complete,
    findings: [...findings],
  });
  if (!done.ok) return done;
  const [event] = done.value;
  if (!event) return refuse('notFound');
  const { digest: _, ...counted } = event.body;
  return ok({ ...counted, format, notes: [...notes] });
}

function reportOf(text: string) {
  try {
    return ok<FindingsReport>(readReport(text));
  } catch (error) {
    if (!(error instanceof ReportFault)) throw error;
    return refuse('reportUnread', { why: error.message });
  }
}
