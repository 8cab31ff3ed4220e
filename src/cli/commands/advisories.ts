import { resolve } from 'node:path';
import { type Exit, exit } from '../exit.ts';
import { progressOn } from '../progress.ts';
import { answer, type Terminal } from '../terminal.ts';
import { storePath } from './scan.ts';

export interface StoreFlags {
  readonly store?: string;
}

/** Takes advisories of the OSV format into the store on this machine: only what is newer is written. */
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
  try {
    const done = await importing.importAdvisories(store, resolve(terminal.folder, source), (read) =>
      progress.show(`Importing: ${read} advisories`),
    );
    progress.done();
    const lines = [
      `${done.read} read: ${done.written} written, ${done.unchanged} unchanged, ${done.withdrawn} withdrawn, ${done.setAside.length} set aside`,
      ...done.setAside.slice(0, 20).map(({ file, reason }) => `  set aside: ${file}: ${reason}`),
      `${store.size()} advisories at ${path}`,
    ];
    answer(terminal, { ...done, store: path, advisories: store.size() }, lines.join('\n'));
    return exit.ok;
  } finally {
    store.close();
  }
}

/** What the store on this machine holds, by ecosystem. */
export async function advisoryStats(terminal: Terminal, flags: StoreFlags): Promise<Exit> {
  const { AdvisoryStore } = await import('../advisories/store.ts');
  const path = storePath(terminal, flags.store);
  const store = AdvisoryStore.open(path);
  try {
    const ecosystems = store.stats();
    const lines = ecosystems.map(
      ({ ecosystem, packages, advisories }) =>
        `${ecosystem.padEnd(20)} ${String(advisories).padStart(9)} advisories ${String(packages).padStart(9)} packages`,
    );
    answer(
      terminal,
      { store: path, advisories: store.size(), ecosystems },
      [...lines, `${store.size()} advisories at ${path}`].join('\n'),
    );
    return exit.ok;
  } finally {
    store.close();
  }
}
