import { z } from 'zod';
import { limitFindings, reportedFinding } from '../../inventory/reports/report.ts';
import type { Event } from '../../policy/event.ts';

/** Takes in what another tool found in a source, merged by vulnerability, component and asset. */
export const recordFindings = z.object({
  sourceId: z.uuid(),
  /** Who reports, in lower case: `trivy`, `codeql`, `dependabot`; never `match`. */
  reporter: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,59}$/)
    .refine((name) => name !== 'match', { message: '`match` is our own matching' }),
  /** Whether it is all that the reporter sees: what is missing then is gone. */
  complete: z.boolean(),
  findings: z.array(reportedFinding).max(limitFindings),
});
export type RecordFindings = z.output<typeof recordFindings>;

export type FindingsReported = Event & {
  readonly type: 'FindingsReported';
  readonly body: {
    readonly sourceId: string;
    readonly reporter: string;
    readonly complete: boolean;
    readonly findings: number;
    readonly opened: number;
    readonly reopened: number;
    readonly seenAgain: number;
    readonly gone: number;
    readonly fixed: number;
    /** Decisions that statements of the report ask for; somebody else has to approve them. */
    readonly asked: number;
    readonly itemsBlob: string | null;
  };
  readonly command: RecordFindings;
};

export type ReportRefusal = 'notFound' | 'sourceRetired';
