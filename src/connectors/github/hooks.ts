import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { readerOf } from '../../inventory/readers.ts';
import { readCodeScanning } from '../../inventory/reports/codescanning.ts';
import { readDependabot } from '../../inventory/reports/dependabot.ts';
import { type FindingsReport, ReportFault } from '../../inventory/reports/report.ts';

/**
 * Whether a webhook's body was signed with our secret: HMAC-SHA256 over the bytes as they came,
 * compared in constant time (docs.github.com, "Validating webhook deliveries").
 */
export function isSigned(secret: string, body: Uint8Array, header: string | null): boolean {
  const given = /^sha256=([0-9a-f]{64})$/.exec(header ?? '')?.[1];
  if (given === undefined || secret === '') return false;
  const own = createHmac('sha256', secret).update(body).digest();
  return timingSafeEqual(own, Buffer.from(given, 'hex'));
}

/** What a delivery asks for. */
export interface HookOutcome {
  /** `owner/name`; null where it is about no repository. */
  readonly repository: string | null;
  /** An alert that it brings. */
  readonly report: FindingsReport | null;
  /** Whether lockfiles or alerts may have changed, so that the repository is to be read again. */
  readonly readAgain: boolean;
  /** An issue whose state it tells. */
  readonly issue: { readonly number: number; readonly state: 'open' | 'closed' } | null;
}

const about = z.object({
  repository: z.object({ full_name: z.string(), default_branch: z.string().optional() }),
});
const push = z.object({
  ref: z.string(),
  commits: z
    .array(
      z.object({
        added: z.array(z.string()).default([]),
        modified: z.array(z.string()).default([]),
        removed: z.array(z.string()).default([]),
      }),
    )
    .default([]),
});
const issues = z.object({
  issue: z.object({ number: z.int().min(1), state: z.enum(['open', 'closed']) }),
});
/** A push names the files of so many commits at most; of more it has to be read. */
const commitsTold = 20;

const nothing: HookOutcome = { repository: null, report: null, readAgain: false, issue: null };

/**
 * Reads a delivery whose signature is good. What it says of an alert is taken in at once; that
 * something changed makes the repository be read again, which is what proves it.
 *
 * @throws ReportFault where the payload is not what the event carries
 */
export function readHook(event: string, payload: unknown): HookOutcome {
  const told = about.safeParse(payload);
  if (!told.success) return nothing;
  const { full_name: repository, default_branch: branch } = told.data.repository;
  switch (event) {
    case 'dependabot_alert':
      return { ...nothing, repository, report: readDependabot(payload), readAgain: true };
    case 'code_scanning_alert':
      return { ...nothing, repository, report: readCodeScanning(payload), readAgain: true };
    case 'push':
      return { ...nothing, repository, readAgain: changesLockfiles(payload, branch) };
    case 'issues': {
      const read = issues.safeParse(payload);
      if (!read.success) throw new ReportFault('GitHub webhook: issues without an issue');
      return { ...nothing, repository, issue: read.data.issue };
    }
    default:
      return { ...nothing, repository };
  }
}

function changesLockfiles(payload: unknown, branch: string | undefined): boolean {
  const read = push.safeParse(payload);
  if (!read.success) throw new ReportFault('GitHub webhook: push without a ref');
  const { ref, commits } = read.data;
  if (branch !== undefined && ref !== `refs/heads/${branch}`) return false;
  if (commits.length >= commitsTold) return true;
  return commits
    .flatMap(({ added, modified, removed }) => [...added, ...modified, ...removed])
    .some((path) => readerOf(path.slice(path.lastIndexOf('/') + 1)) !== null);
}
