import { z } from 'zod';
import { readReport } from '../../inventory/reports/read.ts';
import {
  type FindingsReport,
  limitReportBytes,
  ReportFault,
} from '../../inventory/reports/report.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { flag } from '../../registers/list.ts';
import { sourceIdOf } from '../../registers/sources/store.ts';
import { findingsFlow } from './store.findings.ts';

/** Of a source, or its key. */
const id = z.string().min(1).max(64);
const whether =
  'Whether the report is all that its tool sees, so that what is missing is gone. Left out: as its format says of itself.';

const findingsInput = z.object({
  id,
  text: z.string().min(1).meta({
    description:
      'The report as the tool wrote it: SARIF or OpenVEX in JSON, CycloneDX in JSON or XML, OSV-Scanner, Trivy, Grype, npm audit, alerts of Dependabot or GitHub code scanning. The format is known by the content.',
  }),
  complete: z.boolean().optional().meta({ description: whether }),
});

const sentInput = z.object({ id, complete: flag.optional().meta({ description: whether }) });

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

  sendFindings: route({
    method: 'put',
    path: '/sources/{id}/findings',
    summary: "Takes in another tool's findings as the file that the tool wrote.",
    permission: 'recordFindings',
    limitBytes: limitReportBytes,
    takes: 'bytes',
    input: sentInput,
    output: findingsOutput,
    handle: async (request, { id: source, complete }) => {
      const text = await textOf(request);
      return await importFindings(request, { id: source, text, complete });
    },
  }),
};

/** The body whole: it has been counted, and is no longer than a report may be. */
async function textOf({ body }: Request): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body ?? []) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

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
