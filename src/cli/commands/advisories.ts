import { resolve } from 'node:path';
import { usualBucket, usualEcosystems } from '../../advisories/bucket.ts';
import type { Imported } from '../advisories/importing.ts';
import { CliFault, type Exit, exit } from '../exit.ts';
import { progressOn } from '../progress.ts';
import { answer, type Terminal } from '../terminal.ts';
import { storePath } from './scan.ts';

export interface StoreFlags {
  readonly store?: string;
}

/**
 * Takes advisories of the OSV format into the store on this machine: only what is newer is written. Also
 * takes CISA's catalogue of what is exploited and FIRST's predictions.
 */
export async function importAdvisories(
  terminal: Terminal,
  source: string,
  flags: StoreFlags,
): Promise<Exit> {
  const [{ AdvisoryStore }, importing] = await Promise.all([
    import('../advisories/store.ts'),
    import('../advisories/importing.ts'),
  ]);
  const path = storePath(terminal, flags.store);
  const store = AdvisoryStore.make(path);
  const progress = progressOn(terminal);
  const from = resolve(terminal.folder, source);
  try {
    const threats = await importing.importThreats(store, from, Temporal.Now.instant());
    if (threats !== null) {
      answer(terminal, { ...threats, store: path }, threatsText(threats));
      return exit.ok;
    }
    const done = await importing.importAdvisories(store, from, (read) =>
      progress.show(`Importing: ${read} advisories`),
    );
    progress.done();
    const lines = [importedText(done), `${store.size()} advisories at ${path}`];
    answer(terminal, { ...done, store: path, advisories: store.size() }, lines.join('\n'));
    return exit.ok;
  } finally {
    store.close();
  }
}

export interface UpdateFlags extends StoreFlags {
  /** Bucket of advisories, laid out as OSV's. */
  readonly from?: string;
  /** Where KEV and EPSS are published; false where they are not wanted. */
  readonly threats?: boolean;
}

/**
 * Brings the store up to date over the network: ecosystems by OSV's bucket, then KEV and EPSS. What
 * cannot be reached is said, and the rest goes on.
 *
 * @returns `unreachable` where something could not be reached
 */
export async function updateAdvisories(
  terminal: Terminal,
  named: readonly string[],
  flags: UpdateFlags,
): Promise<Exit> {
  const [{ AdvisoryStore }, updating] = await Promise.all([
    import('../advisories/store.ts'),
    import('../advisories/updating.ts'),
  ]);
  const path = storePath(terminal, flags.store);
  const store = AdvisoryStore.make(path);
  const progress = progressOn(terminal);
  const now = Temporal.Now.instant();
  const done: Record<string, unknown> = {};
  const problems: { readonly name: string; readonly problem: string }[] = [];
  const attempt = async <T extends object>(
    name: string,
    text: (value: T) => string,
    run: () => Promise<T>,
  ): Promise<void> => {
    try {
      const value = await run();
      done[name] = value;
      progress.done();
      if (!terminal.json) terminal.out(`${name}: ${text(value)}\n`);
    } catch (error) {
      if (!(error instanceof CliFault)) throw error;
      problems.push({ name, problem: error.message });
      if (!terminal.json) terminal.err(`${name}: ${error.message}\n`);
    }
  };
  try {
    const bucket = flags.from ?? terminal.env['KEPT_ADVISORIES_FROM'] ?? usualBucket;
    const fed = store.feeds().flatMap(({ name }) => /^osv\/(.+)$/.exec(name)?.[1] ?? []);
    const known = fed.length > 0 ? fed : usualEcosystems;
    for (const ecosystem of named.length > 0 ? named : known) {
      await attempt(ecosystem, importedText, () =>
        updating.updateEcosystem(store, bucket, ecosystem, now, (text) => progress.show(text)),
      );
    }
    if (flags.threats !== false) {
      const given = terminal.env['KEPT_THREATS_FROM']?.split(/\s+/).filter(Boolean);
      for (const address of given ?? updating.usualFeeds) {
        const name = new URL(address).pathname.split('/').at(-1) ?? address;
        await attempt(name, threatsText, () => updating.updateThreats(store, address, now));
      }
    }
    const last = `${store.size()} advisories at ${path}`;
    answer(terminal, { done, problems, store: path, advisories: store.size() }, last);
    return problems.length > 0 ? exit.unreachable : exit.ok;
  } finally {
    store.close();
  }
}

function importedText({ read, written, unchanged, withdrawn, setAside }: Imported): string {
  return [
    `${read} read: ${written} written, ${unchanged} unchanged, ${withdrawn} withdrawn, ${setAside.length} set aside`,
    ...setAside.slice(0, 20).map(({ file, reason }) => `  set aside: ${file}: ${reason}`),
  ].join('\n');
}

function threatsText({
  feed,
  entries,
  setAside,
}: {
  feed: string;
  entries: number;
  setAside: number;
}) {
  const what = feed === 'kev' ? 'known to be exploited' : 'predictions of exploitation';
  return `${entries} ${what}, ${setAside} set aside`;
}

/** What the store on this machine holds, by ecosystem, and when it was last brought up to date. */
export async function advisoryStats(terminal: Terminal, flags: StoreFlags): Promise<Exit> {
  const { AdvisoryStore } = await import('../advisories/store.ts');
  const path = storePath(terminal, flags.store);
  const store = AdvisoryStore.open(path);
  try {
    const [ecosystems, threats, feeds] = [store.stats(), store.threats(), store.feeds()];
    const lines = [
      ...ecosystems.map(
        ({ ecosystem, packages, advisories }) =>
          `${ecosystem.padEnd(20)} ${String(advisories).padStart(9)} advisories ${String(packages).padStart(9)} packages`,
      ),
      `${threats.exploited} known to be exploited, ${threats.predicted} predictions of exploitation`,
      ...feeds.map(({ name, at }) => `${name.padEnd(20)} brought up to date ${at}`),
      `${store.size()} advisories at ${path}`,
    ];
    const value = { store: path, advisories: store.size(), ecosystems, ...threats, feeds };
    answer(terminal, value, lines.join('\n'));
    return exit.ok;
  } finally {
    store.close();
  }
}
