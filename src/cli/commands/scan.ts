import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Severity, severities } from '../../advisories/severity.ts';
import type { Match, Unjudged } from '../../inventory/scanned.ts';
import type { Sorted } from '../advisories/ignoring.ts';
import type { Inputs, ReadFile } from '../advisories/inputs.ts';
import type { Report } from '../advisories/report.ts';
import { type Exit, exit } from '../exit.ts';
import { progressOn } from '../progress.ts';
import type { Terminal } from '../terminal.ts';

export interface ScanFlags {
  readonly store?: string;
  readonly format?: 'table' | 'json' | 'sarif' | 'cyclonedx';
  readonly failOn?: Severity;
  readonly ignore?: string;
  readonly exclude?: readonly string[];
  /** Has cdxgen make a bill of each folder, for what is not read directly. */
  readonly cdxgen?: boolean;
  /** Asks the server instead of the advisories on this machine. */
  readonly server?: boolean;
  /** Key or id of a source: what was read becomes an audit of it. */
  readonly record?: string;
  /** Why most of what was known of the source is gone, where it is. */
  readonly goneBecause?: string;
}

export const failOnChoices = severities.filter((one) => one !== 'none' && one !== 'unknown');

/** Where advisories lie on this machine: `KEPT_ADVISORIES`, or a file in the person's cache. */
export function storePath(terminal: Terminal, flag: string | undefined): string {
  const given = flag ?? terminal.env['KEPT_ADVISORIES'];
  if (given) return resolve(terminal.folder, given);
  const cache = terminal.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(cache, 'kept', 'advisories.sqlite');
}

/**
 * Matches lockfiles and bills of materials against the advisories on this machine, without any server;
 * or has the server do it, and hands it what was found if asked to.
 *
 * @returns `refused` where something at least as bad as `--fail-on` was found, `incomplete` where
 *   nothing was but not all could be read or judged
 */
export async function scan(
  terminal: Terminal,
  paths: readonly string[],
  flags: ScanFlags,
): Promise<Exit> {
  const progress = progressOn(terminal);
  const { readInputs } = await import('../advisories/inputs.ts');
  // A store that is not there is said before minutes are spent on reading.
  const judging = flags.server === true ? null : await judgingHere(terminal, flags);
  try {
    const asked = paths.length === 0 ? ['.'] : paths;
    const inputs = await readInputs({
      folder: terminal.folder,
      paths: asked.map((path) => resolve(terminal.folder, path)),
      exclude: flags.exclude ?? [],
      cdxgen: flags.cdxgen === true ? (terminal.env['KEPT_CDXGEN'] ?? 'cdxgen') : null,
      onFile: (path) => progress.show(`Reading ${path}`),
    });
    const judged = judging
      ? judging.judge(inputs.files, (path) => progress.show(`Scanning ${path}`))
      : await (await import('../advisories/asking.ts')).judgedByServer(terminal, inputs);
    const report = await reportOf(terminal, flags, inputs, judged);
    progress.done();
    const { reportText } = await import('../advisories/report.ts');
    const read = new Map(inputs.files.map((file) => [file.path, file]));
    terminal.out(reportText(terminal.json ? 'json' : (flags.format ?? 'table'), report, read));
    if (flags.record !== undefined) {
      const { recordAudit } = await import('../advisories/asking.ts');
      terminal.err(await recordAudit(terminal, flags.record, inputs, flags.goneBecause));
    }
    return exitOf(report, flags.failOn ?? 'low');
  } finally {
    judging?.close();
  }
}

/** What is known of each file, in their order, and what could not be judged. */
export interface Judged {
  readonly matches: readonly (readonly Match[])[];
  readonly unjudged: readonly Unjudged[];
}

interface Judging {
  judge(files: readonly ReadFile[], onFile: (path: string) => void): Judged;
  close(): void;
}

async function judgingHere(terminal: Terminal, flags: ScanFlags): Promise<Judging> {
  const [{ AdvisoryStore }, { scanInventory, unjudgedOf }] = await Promise.all([
    import('../advisories/store.ts'),
    import('../advisories/scanning.ts'),
  ]);
  const store = AdvisoryStore.open(storePath(terminal, flags.store));
  return {
    judge(files, onFile) {
      const unjudged = new Map<string, number>();
      const matches = files.map(({ path, inventory }) => {
        onFile(path);
        for (const { ecosystem, components } of unjudgedOf(inventory, store)) {
          unjudged.set(ecosystem, (unjudged.get(ecosystem) ?? 0) + components);
        }
        return scanInventory(inventory, store);
      });
      return {
        matches,
        unjudged: [...unjudged].map(([ecosystem, components]) => ({ ecosystem, components })),
      };
    },
    close: () => store.close(),
  };
}

async function reportOf(
  terminal: Terminal,
  flags: ScanFlags,
  inputs: Inputs,
  { matches, unjudged }: Judged,
): Promise<Report> {
  const path = ignorePath(terminal, flags.ignore);
  const sortIgnored = path === null ? null : await sorting(path);
  const files = inputs.files.map(({ path: file, inventory }, at) => {
    const { format, notes, components } = inventory;
    const own = matches[at] ?? [];
    const sorted = sortIgnored?.(own) ?? { counted: own, ignored: [], expired: [] };
    return { path: file, format, notes, components: components.length, ...sorted };
  });
  const expired = new Map(files.flatMap((one) => one.expired.map((each) => [each.id, each])));
  return { files, unread: inputs.unread, unjudged, expired: [...expired.values()] };
}

async function sorting(path: string): Promise<(matches: readonly Match[]) => Sorted> {
  const { readIgnored, sortIgnored } = await import('../advisories/ignoring.ts');
  const entries = await readIgnored(path);
  const today = Temporal.Now.plainDateISO();
  return (matches) => sortIgnored(matches, entries, today);
}

function exitOf({ files, unread, unjudged }: Report, limit: Severity): Exit {
  const rank = (severity: Severity): number => severities.indexOf(severity);
  const fails = files.some(({ counted }) =>
    counted.some(({ severity }) => severity === 'unknown' || rank(severity) <= rank(limit)),
  );
  if (fails) return exit.refused;
  return unread.length + unjudged.length > 0 ? exit.incomplete : exit.ok;
}

function ignorePath(terminal: Terminal, flag: string | undefined): string | null {
  if (flag) return resolve(terminal.folder, flag);
  const usual = join(terminal.folder, '.kept-ignore.yaml');
  return existsSync(usual) ? usual : null;
}
