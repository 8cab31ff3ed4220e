import { readCodeScanning } from '../../inventory/reports/codescanning.ts';
import { readDependabot } from '../../inventory/reports/dependabot.ts';
import { type FindingsReport, ReportFault } from '../../inventory/reports/report.ts';
import { type Github, type GithubLink, GithubRefused, githubOf, unexpected } from './api.ts';
import { repositoryOf } from './repository.ts';

/** Alerts that GitHub keeps of a repository. */
export const alertKinds = ['dependabot', 'codeScanning'] as const;
export type AlertKind = (typeof alertKinds)[number];

export type AlertsRead =
  /** Nothing has changed since `tag` was given. */
  | { readonly read: 'unchanged' }
  /** They may not be read, or there are none: nothing is known of them. */
  | { readonly read: 'refused'; readonly permission: string; readonly message: string }
  | { readonly read: 'whole'; readonly report: FindingsReport; readonly tag: string | null };

interface Kind {
  readonly route: string;
  readonly permission: string;
  /** Lists that together are what stands: open, and dismissed with a reason that may say something. */
  readonly lists: readonly Readonly<Record<string, string>>[];
  readonly read: (alerts: readonly unknown[]) => FindingsReport;
}

const kinds: Readonly<Record<AlertKind, Kind>> = {
  dependabot: {
    route: 'GET /repos/{owner}/{repo}/dependabot/alerts',
    permission: 'Repository: Dependabot alerts (read)',
    lists: [{ state: 'open,dismissed,auto_dismissed' }],
    read: readDependabot,
  },
  codeScanning: {
    route: 'GET /repos/{owner}/{repo}/code-scanning/alerts',
    permission: 'Repository: Code scanning alerts (read)',
    lists: [{ state: 'open' }, { state: 'dismissed' }],
    read: readCodeScanning,
  },
};

const pagesAtMost = 100;

/**
 * Reads the alerts of a repository that stand. Whether anything has changed is asked first, of the alert
 * that was changed last, by the tag of the reading before.
 *
 * @param tag of the reading before; null: read in any case
 * @throws SourceProblem
 */
export async function readAlerts(
  link: GithubLink,
  location: string,
  kind: AlertKind,
  tag: string | null,
): Promise<AlertsRead> {
  const { route, permission, lists, read } = kinds[kind];
  const at = { ...repositoryOf(link, location) };
  const github = await githubOf(link);
  const newest = { ...at, sort: 'updated', direction: 'desc', per_page: 1 };
  try {
    const probe = await github.stretch(route, newest, tag);
    if (probe === null) return { read: 'unchanged' };
    const alerts: unknown[] = [];
    let complete = true;
    for (const list of lists)
      complete = (await gather(github, route, { ...at, ...list }, alerts)) && complete;
    const report = { ...reportOf(read, alerts), complete };
    return { read: 'whole', report, tag: complete ? probe.tag : null };
  } catch (error) {
    // Where no analysis was ever made, or the feature is off, GitHub answers 404 or 403.
    if (!(error instanceof GithubRefused)) throw error;
    return { read: 'refused', permission: error.permission ?? permission, message: error.message };
  }
}

/** @returns whether that was all */
async function gather(
  github: Github,
  route: string,
  parameters: Readonly<Record<string, unknown>>,
  alerts: unknown[],
): Promise<boolean> {
  let next: Readonly<Record<string, unknown>> | null = parameters;
  for (let page = 0; next !== null; page += 1) {
    if (page >= pagesAtMost) return false;
    const stretch: Awaited<ReturnType<Github['stretch']>> = await github.stretch(route, next);
    alerts.push(...(stretch?.items ?? []));
    next = stretch?.next ?? null;
  }
  return true;
}

function reportOf(read: Kind['read'], alerts: readonly unknown[]): FindingsReport {
  try {
    return read(alerts);
  } catch (error) {
    if (error instanceof ReportFault) throw unexpected(error.message, error);
    throw error;
  }
}
