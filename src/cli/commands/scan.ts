import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Severity, severities } from '../../advisories/severity.ts';
import { type Exit, exit } from '../exit.ts';
import { progressOn } from '../progress.ts';
import type { Terminal } from '../terminal.ts';

export interface ScanFlags {
  readonly store?: string;
  readonly format?: 'table' | 'json' | 'sarif' | 'cyclonedx';
  readonly failOn?: Severity;
  readonly ignore?: string;
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
 * Matches lockfiles and bills of materials against the advisories on this machine, without any server.
 *
 * @returns `refused` where something at least as bad as `--fail-on` was found
 */
export async function scan(
  terminal: Terminal,
  paths: readonly string[],
  flags: ScanFlags,
): Promise<Exit> {
  const [
    { AdvisoryStore },
    { readInputs },
    { scanInventory, rank },
    { sortIgnored },
    { reportText },
  ] = await Promise.all([
    import('../advisories/store.ts'),
    import('../advisories/inputs.ts'),
    import('../advisories/scanning.ts'),
    import('../advisories/ignoring.ts'),
    import('../advisories/report.ts'),
  ]);
  const store = AdvisoryStore.open(storePath(terminal, flags.store));
  const progress = progressOn(terminal);
  try {
    const asked = paths.length === 0 ? ['.'] : paths;
    const inputs = await readInputs(
      terminal.folder,
      asked.map((path) => resolve(terminal.folder, path)),
    );
    const today = Temporal.Now.plainDateISO();
    const files = [];
    for (const { path, inventory } of inputs.files) {
      progress.show(`Scanning ${path}`);
      const sorted = await sortIgnored(
        scanInventory(inventory, store),
        ignorePath(terminal, flags.ignore),
        today,
      );
      const { format, notes, components } = inventory;
      files.push({ path, format, notes, components: components.length, ...sorted });
    }
    progress.done();
    const found = {
      files,
      unread: inputs.unread,
      expired: files.flatMap(({ expired }) => expired),
    };
    const read = new Map(inputs.files.map((file) => [file.path, file]));
    const format = terminal.json ? 'json' : (flags.format ?? 'table');
    terminal.out(reportText(format, found, read));
    const limit = flags.failOn ?? 'low';
    const counted = files.flatMap((file) => file.counted);
    const fails = counted.some(
      ({ severity }) => severity === 'unknown' || rank(severity) <= rank(limit),
    );
    return fails ? exit.refused : exit.ok;
  } finally {
    store.close();
  }
}

function ignorePath(terminal: Terminal, flag: string | undefined): string | null {
  if (flag) return resolve(terminal.folder, flag);
  const usual = join(terminal.folder, '.kept-ignore.yaml');
  return existsSync(usual) ? usual : null;
}
