import { readFile, stat } from 'node:fs/promises';
import { type ArchivedFile, ArchiveFault } from '../../advisories/archives/archived.ts';
import { listLimitBytes, unpackedText } from '../../advisories/archives/packed.ts';
import { readExploited } from '../../advisories/exploited.ts';
import { readPredictions } from '../../advisories/predictions.ts';
import { readAdvisoryText } from '../../advisories/reading.ts';
import { CliFault, exit } from '../exit.ts';
import { readFiles } from './archives.ts';
import type { AdvisoryStore } from './store.ts';
import { type AdvisoryWriting, writeWhole } from './writing.ts';

/** How an import went. */
export interface Imported {
  readonly read: number;
  readonly written: number;
  /** At least as new in the store already. */
  readonly unchanged: number;
  readonly withdrawn: number;
  /** Set aside: what each is and why it is no advisory. */
  readonly setAside: readonly { readonly file: string; readonly reason: string }[];
}

/**
 * Takes the advisories of a folder or archive into the store, whole or not at all. One that is
 * malformed is set aside with its reason and stops nothing.
 *
 * @throws CliFault where the source itself cannot be read; the store is then as it was
 */
export async function importAdvisories(
  store: AdvisoryStore,
  source: string,
  onProgress: (read: number) => void = () => undefined,
): Promise<Imported> {
  return writeWhole(store, async (writing) => {
    const taking = new Taking(writing);
    for await (const file of readFiles(source)) {
      taking.take(file);
      if (taking.read % 1000 === 0) onProgress(taking.read);
    }
    return taking.imported();
  });
}

/** Takes advisories as their publishers gave them, one by one, and counts them. */
export class Taking {
  readonly #writing: AdvisoryWriting;
  readonly #setAside: { file: string; reason: string }[] = [];
  #read = 0;
  #written = 0;
  #unchanged = 0;
  #withdrawn = 0;
  #newest = '';

  constructor(writing: AdvisoryWriting) {
    this.#writing = writing;
  }

  get read(): number {
    return this.#read;
  }

  /** When the newest that was taken was last changed; empty where none was. */
  get newest(): string {
    return this.#newest;
  }

  take(file: ArchivedFile): void {
    this.#read += 1;
    const found = 'content' in file ? readAdvisoryText(file.content.toString('utf8')) : file;
    if ('reason' in found) {
      this.#setAside.push({ file: file.name, reason: found.reason });
      return;
    }
    const { id, modified, withdrawn } = found.advisory;
    if (modified > this.#newest) this.#newest = modified;
    if (this.#writing.isCurrent(id, modified)) this.#unchanged += 1;
    else {
      this.#writing.put(found.advisory);
      if (withdrawn) this.#withdrawn += 1;
      else this.#written += 1;
    }
  }

  imported(): Imported {
    return {
      read: this.#read,
      written: this.#written,
      unchanged: this.#unchanged,
      withdrawn: this.#withdrawn,
      setAside: this.#setAside,
    };
  }
}

/** What was taken in of what is exploited or likely to be. */
export interface Threats {
  readonly feed: 'kev' | 'epss';
  readonly entries: number;
  readonly setAside: number;
}

/**
 * Takes in CISA's catalogue of what is exploited (JSON) or FIRST's predictions (CSV), gzipped or not;
 * null where the file is neither.
 *
 * @throws CliFault where it is damaged
 */
export async function importThreats(
  store: AdvisoryStore,
  path: string,
  now: Temporal.Instant,
): Promise<Threats | null> {
  if (!/\.(?:csv|json)(?:\.gz)?$/.test(path)) return null;
  const found = await stat(path).catch(() => null);
  if (!found?.isFile() || found.size > listLimitBytes) return null;
  return takeThreats(store, await readFile(path), now);
}

/** The same of what was fetched. */
export async function takeThreats(
  store: AdvisoryStore,
  bytes: Uint8Array,
  now: Temporal.Instant,
): Promise<Threats | null> {
  const text = await textOf(bytes);
  const isPredictions = text.startsWith('#');
  if (!isPredictions && !/"vulnerabilities"\s*:\s*\[/.test(text.slice(0, 4_000))) return null;
  try {
    return await writeWhole(store, async (writing) =>
      isPredictions ? takePredictions(writing, text, now) : takeExploited(writing, text, now),
    );
  } catch (cause) {
    throw new CliFault(exit.refused, (cause as Error).message, cause);
  }
}

function takePredictions(writing: AdvisoryWriting, text: string, now: Temporal.Instant): Threats {
  const { entries, setAside } = readPredictions(text);
  writing.putPredictions(entries.map(({ cve, score }) => ({ cve, likelihood: score })));
  writing.fed('epss', now, null);
  return { feed: 'epss', entries: entries.length, setAside: setAside.length };
}

function takeExploited(writing: AdvisoryWriting, text: string, now: Temporal.Instant): Threats {
  const { entries, setAside } = readExploited(text);
  writing.putExploited(entries.map(({ cve, addedOn }) => ({ cve, since: addedOn })));
  writing.fed('kev', now, null);
  return { feed: 'kev', entries: entries.length, setAside: setAside.length };
}

async function textOf(bytes: Uint8Array): Promise<string> {
  try {
    return await unpackedText(bytes);
  } catch (cause) {
    if (!(cause instanceof ArchiveFault)) throw cause;
    throw new CliFault(exit.refused, `the file cannot be unpacked: ${cause.message}`, cause);
  }
}
