import type { StatementSync } from 'node:sqlite';
import type { OsvAdvisory, OsvAffected } from '../../advisories/osv.ts';
import { packageKey } from '../../advisories/packages.ts';
import { ratingOf } from '../../advisories/severity.ts';
import { type AdvisoryStore, places } from './store.ts';

/** Runs it within one transaction of the store: whole or not at all. */
export async function writeWhole<T>(
  store: AdvisoryStore,
  run: (writing: AdvisoryWriting) => Promise<T>,
): Promise<T> {
  store.file.exec('begin immediate');
  try {
    const answer = await run(new AdvisoryWriting(store));
    store.file.exec('commit');
    return answer;
  } catch (error) {
    store.file.exec('rollback');
    throw error;
  }
}

interface Known {
  readonly number: number;
  readonly modified: string;
}

/** Writes advisories within one transaction. */
export class AdvisoryWriting {
  /** What is there already: asked once, instead of for each advisory. */
  readonly #known: Map<string, Known>;
  readonly #store: AdvisoryStore;
  readonly #remove: StatementSync;
  readonly #release: StatementSync;
  readonly #insert: StatementSync;
  readonly #affect: StatementSync;
  #last = 0;

  constructor(store: AdvisoryStore) {
    const { file } = store;
    this.#store = store;
    const rows = file.prepare('select id, number, modified from advisory').iterate();
    this.#known = new Map();
    for (const row of rows) {
      const { id, number, modified } = row as unknown as Known & { readonly id: string };
      this.#known.set(id, { number, modified });
      this.#last = Math.max(this.#last, number);
    }
    this.#remove = file.prepare('delete from advisory where number = ?');
    this.#release = file.prepare('delete from affected where number >= ? and number < ?');
    this.#insert = file.prepare(
      `insert into advisory (number, id, modified, aliases, summary, severity, score, vector)
       values (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#affect = file.prepare('insert into affected (number, package, content) values (?, ?, ?)');
  }

  /** Whether what is stored is at least as new. */
  isCurrent(id: string, modified: string): boolean {
    const known = this.#known.get(id);
    if (known === undefined) return false;
    return known.modified === modified || Date.parse(known.modified) >= Date.parse(modified);
  }

  /** Replaces what is stored; an advisory withdrawn is taken out. */
  put(advisory: OsvAdvisory): void {
    const { id, modified, aliases, summary, details, withdrawn } = advisory;
    const known = this.#known.get(id);
    if (known) {
      this.#remove.run(known.number);
      this.#release.run(known.number * places, (known.number + 1) * places);
      this.#known.delete(id);
    }
    if (withdrawn) return;
    this.#last += 1;
    const number = this.#last;
    const { severity, score, vector } = ratingOf(advisory);
    const shown = (summary || details || '').slice(0, 300);
    const names = JSON.stringify(aliases ?? []);
    this.#insert.run(number, id, modified, names, shown, severity, score, vector);
    this.#known.set(id, { number, modified });
    let at = number * places;
    for (const affected of advisory.affected ?? []) {
      const named = affected.package;
      if (!named) continue;
      this.#affect.run(at, packageKey(named.ecosystem, named.name), contentOf(affected));
      at += 1;
    }
  }

  /** The catalogue of what is exploited, instead of what was there. */
  putExploited(entries: Iterable<{ readonly cve: string; readonly since: string }>): number {
    this.#store.file.exec('delete from exploited');
    const insert = this.#store.file.prepare('insert or ignore into exploited values (?, ?)');
    return counted(entries, ({ cve, since }) => insert.run(cve, since));
  }

  /** The predictions of a day, instead of those of the day before. */
  putPredictions(entries: Iterable<{ readonly cve: string; readonly likelihood: number }>): number {
    this.#store.file.exec('delete from prediction');
    const insert = this.#store.file.prepare('insert or ignore into prediction values (?, ?)');
    return counted(entries, ({ cve, likelihood }) => insert.run(cve, likelihood));
  }

  /** Remembers when something was last brought up to date, and what the next time can start from. */
  fed(name: string, at: Temporal.Instant, mark: string | null): void {
    this.#store.file
      .prepare('insert or replace into feed (name, at, mark) values (?, ?, ?)')
      .run(name, at.toString({ smallestUnit: 'second' }), mark);
  }
}

function counted<T>(entries: Iterable<T>, put: (entry: T) => unknown): number {
  let n = 0;
  for (const entry of entries) {
    put(entry);
    n += 1;
  }
  return n;
}

/** What decides whether a version is affected: commits do not, since nothing here can put them in order. */
function contentOf({ package: named, ranges, versions }: OsvAffected): string {
  return JSON.stringify({
    package: named ? { ecosystem: named.ecosystem, name: named.name } : undefined,
    ranges: ranges?.filter(({ type }) => type !== 'GIT'),
    versions: versions ?? undefined,
  });
}
