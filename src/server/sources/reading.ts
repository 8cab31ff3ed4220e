import { canonicalPurl, formatPurl } from '../../advisories/purl.ts';
import { findingsFlow } from '../../clauses/vulnerabilities/store.findings.ts';
import { alertKinds, readAlerts } from '../../connectors/github/alerts.ts';
import type { GithubLink } from '../../connectors/github/api.ts';
import { github } from '../../connectors/github/connector.ts';
import { readRepository } from '../../connectors/github/repository.ts';
import type { Look } from '../../connectors/website/facts.ts';
import { judgeSite, librariesOf } from '../../connectors/website/judge.ts';
import { lookAt } from '../../connectors/website/look.ts';
import { limitFindings, type ReportedFinding } from '../../inventory/reports/report.ts';
import type { Refusal, Result } from '../../kernel/result.ts';
import { execute } from '../../platform/execute.ts';
import type { World } from '../../platform/world.ts';
import { type Connector, SourceProblem } from '../../registers/connections/facts.connector.ts';
import { findConnection } from '../../registers/connections/store.runs.ts';
import type { RecordAudit } from '../../registers/sources/facts.audit.ts';
import type { ReadingGap } from '../../registers/sources/facts.reading.ts';
import { type InventoryFile, readInventories } from '../../registers/sources/inventories.ts';
import { auditFlow } from '../../registers/sources/store.audits.ts';
import type { DueReading } from '../../registers/sources/store.reading.ts';
import { linkOf, type Outside } from '../connections/link.ts';
import { openSecret } from '../connections/secrets.ts';

/** The outside, as sources are read: connections, and websites as a passer-by sees them. */
export interface SourcesOutside extends Outside {
  readonly look: Look;
}

/** What a reading leaves for the next one, and what it could not read. */
export interface ReadingResult {
  readonly tags: Readonly<Record<string, string | null>>;
  readonly gaps: readonly ReadingGap[];
}

const actor = { kind: 'system', id: 'sources' } as const;

/**
 * Reads a source and records what it showed: an audit of its packages, and findings.
 *
 * @throws SourceProblem, OutgoingError where it cannot be read
 */
export async function readSource(
  world: World,
  outside: SourcesOutside,
  due: DueReading,
  signal: AbortSignal,
): Promise<ReadingResult> {
  return due.kind === 'website'
    ? await readWebsite(world, outside, due, signal)
    : await readFromGithub(world, outside, due, signal);
}

async function readFromGithub(
  world: World,
  outside: SourcesOutside,
  { sourceId, location, connectionId, tags }: DueReading,
  signal: AbortSignal,
): Promise<ReadingResult> {
  const link = await linkFor(world, outside, connectionId ?? '', signal);
  const read = await readRepository(link, location);
  const inventories = await inventoriesOf(read.files);
  await recordAudit(world, {
    sourceId,
    way: 'github',
    formats: [...inventories.formats],
    complete: read.complete && inventories.unread.length === 0,
    components: [...inventories.components],
    notes: [...read.notes, ...inventories.unread, ...inventories.notes].slice(0, 1000),
  });
  const gaps: ReadingGap[] = [];
  const next: Record<string, string | null> = {};
  for (const kind of alertKinds) {
    const alerts = await readAlerts(link, location, kind, tags[kind] ?? null);
    next[kind] = alerts.read === 'unchanged' ? (tags[kind] ?? null) : null;
    if (alerts.read === 'refused')
      gaps.push({ of: kind, permission: alerts.permission, message: alerts.message.slice(0, 300) });
    if (alerts.read !== 'whole') continue;
    const { reporter, complete, findings } = alerts.report;
    await recordFindings(world, { sourceId, reporter, complete, findings: [...findings] });
    next[kind] = alerts.tag;
  }
  return { tags: next, gaps };
}

/** A connection of GitHub for reading. @throws SourceProblem where there is none any more */
export async function linkFor(
  world: World,
  outside: Outside,
  connectionId: string,
  signal: AbortSignal,
): Promise<GithubLink> {
  const connection = await findConnection(world.database.db, connectionId);
  if (connection?.kind !== 'github')
    throw new SourceProblem('settingsWrong', 'the connection is none of GitHub, or was removed');
  const { settings } = connection;
  const secret = openSecret(world.keys, connection.id, 'reading', connection.secret);
  const asked = { settings, secret, for: 'reads', signal } as const;
  return linkOf(world, outside, github as Connector, asked) as GithubLink;
}

/**
 * What the lockfiles say. Nobody is there to put right one that cannot be read: it is left out, and
 * said, and then nothing is proven gone.
 */
async function inventoriesOf(files: readonly InventoryFile[]) {
  const unread: string[] = [];
  let rest = files;
  for (;;) {
    const read = await readInventories(rest);
    if (read.ok) return { ...read.value, unread };
    const { file = '', why = '' } = read.refusal.params ?? {};
    unread.push(`${file}: ${why}`.slice(0, 500));
    rest = rest.filter(({ name }) => name !== file);
  }
}

async function readWebsite(
  world: World,
  { look }: SourcesOutside,
  { sourceId, location }: DueReading,
  signal: AbortSignal,
): Promise<ReadingResult> {
  const seen = await lookAt(look, location, signal);
  const libraries = librariesOf(seen);
  await recordAudit(world, {
    sourceId,
    way: 'passive',
    formats: ['website'],
    complete: seen.whole,
    components: libraries.map(({ name, version }) => ({
      ecosystem: 'npm',
      name,
      version,
      purl: canonicalPurl(formatPurl({ type: 'npm', name, version })),
      isDevelopment: false,
      path: null,
    })),
    notes: [
      ...seen.notes,
      ...libraries.map(({ name, version, place }) => `${name} ${version}: ${place}`.slice(0, 500)),
    ],
  });
  const findings = judgeSite(seen, world.now()).map(
    ({ rule, severity, summary, place }): ReportedFinding => ({
      names: [rule],
      isRule: true,
      package: null,
      place,
      summary,
      vector: null,
      severity,
      fixedIn: null,
      statement: null,
    }),
  );
  const report = { sourceId, reporter: 'website-audit', complete: seen.whole };
  await recordFindings(world, { ...report, findings: findings.slice(0, limitFindings) });
  return { tags: {}, gaps: [] };
}

async function recordAudit(world: World, command: RecordAudit): Promise<void> {
  taken(await execute(world, auditFlow, command, actor));
}

async function recordFindings(
  world: World,
  command: Parameters<typeof findingsFlow.decide>[1],
): Promise<void> {
  taken(await execute(world, findingsFlow, command, actor));
}

/** Retired while it was read: then nothing of it is recorded, and that is well. */
function taken(answer: Result<unknown, Refusal>): void {
  if (answer.ok || answer.refusal.code === 'sourceRetired') return;
  throw new Error(`what was read was refused: ${answer.refusal.code}`);
}
