import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { OsvAffected } from '../../advisories/osv.ts';
import { packageKey, sameRelease } from '../../advisories/packages.ts';
import type { Severity } from '../../advisories/severity.ts';
import { CliFault, exit } from '../exit.ts';

/** What is kept of an advisory: what a scan shows. */
export interface StoredAdvisory {
  readonly id: string;
  readonly modified: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly severity: Severity;
  readonly score: number | null;
  readonly vector: string | null;
}

/** One package of an advisory, as it affects versions. */
export interface StoredAffected {
  readonly advisory: StoredAdvisory;
  readonly affected: OsvAffected;
}

/** What FIRST and CISA say of a vulnerability, by its CVE name. */
export interface StoredThreat {
  /** The day on which CISA listed it as exploited; null where it has not. */
  readonly exploitedSince: string | null;
  /** Likelihood of exploitation within 30 days, 0 to 1 (EPSS); null where FIRST states none. */
  readonly likelihood: number | null;
}

const schemaVersion = 2;
// The packages of an advisory lie one behind the other: their numbers are its own, times `places`,
// and what follows. So one index is enough, and what an advisory says of a package is read in order.
export const places = 1_048_576;
const schema = `
  create table advisory (
    number integer primary key,
    id text not null unique,
    modified text not null,
    aliases text not null,
    summary text not null,
    severity text not null,
    score real,
    vector text
  ) strict;
  create table affected (
    number integer primary key,
    package text not null,
    content text not null
  ) strict;
  create index affected_package on affected (package);
  create table exploited (cve text primary key, since text not null) strict, without rowid;
  create table prediction (cve text primary key, likelihood real not null) strict, without rowid;
  create table feed (name text primary key, at text not null, mark text) strict, without rowid;
`;

interface Row {
  readonly id: string;
  readonly modified: string;
  readonly aliases: string;
  readonly summary: string;
  readonly severity: Severity;
  readonly score: number | null;
  readonly vector: string | null;
  readonly content: string;
}

/** Advisories on this machine, found by package: a SQLite file. */
export class AdvisoryStore {
  /** The file itself, for whoever writes into it. */
  readonly file: DatabaseSync;
  readonly #find: StatementSync;
  #exploited: StatementSync | null = null;
  #prediction: StatementSync | null = null;

  private constructor(file: DatabaseSync) {
    this.file = file;
    this.#find = file.prepare(
      `select a.id, a.modified, a.aliases, a.summary, a.severity, a.score, a.vector, f.content
         from affected f join advisory a on a.number = f.number / ${places}
        where f.package = ? order by a.id`,
    );
  }

  /** @throws CliFault where there is no store, or one of another version */
  static open(path: string): AdvisoryStore {
    try {
      const file = new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
      if (versionOf(file) === schemaVersion) return new AdvisoryStore(file);
      file.close();
    } catch (cause) {
      throw new CliFault(
        exit.usage,
        {
          title: `there are no advisories at ${path}`,
          action: 'kept advisories update, or kept advisories import <file or folder>',
        },
        cause,
      );
    }
    throw ofAnotherVersion(path);
  }

  /** Opens a store to write into; makes it where there is none. */
  static make(path: string): AdvisoryStore {
    mkdirSync(dirname(path), { recursive: true });
    const file = new DatabaseSync(path, { timeout: 10_000 });
    // With a journal to roll back, pages that are new are written once; a log ahead writes them twice
    // and could not be read from a folder that nobody may write to.
    file.exec(
      'pragma journal_mode = delete; pragma synchronous = normal; pragma cache_size = -65536',
    );
    if (versionOf(file) === 0) file.exec(`${schema}; pragma user_version = ${schemaVersion}`);
    else if (versionOf(file) !== schemaVersion) throw ofAnotherVersion(path);
    return new AdvisoryStore(file);
  }

  /** What advisories say of a package; those of another release of a distribution are left out. */
  about(ecosystem: string, name: string): readonly StoredAffected[] {
    const rows = this.#find.all(packageKey(ecosystem, name)) as unknown as readonly Row[];
    return rows
      .map(storedOf)
      .filter(({ affected }) => sameRelease(ecosystem, affected.package?.ecosystem ?? ''));
  }

  /** Whether there is any advisory of an ecosystem, given without its release. */
  knows(family: string): boolean {
    const first = this.file
      .prepare('select package from affected where package >= ? order by package limit 1')
      .get(`${family}/`);
    return String(first?.['package'] ?? '').startsWith(`${family}/`);
  }

  /** What is known of a vulnerability's exploitation, by whichever of its names is a CVE. */
  threatOf(names: readonly string[]): StoredThreat {
    this.#exploited ??= this.file.prepare('select since from exploited where cve = ?');
    this.#prediction ??= this.file.prepare('select likelihood from prediction where cve = ?');
    const cves = names.filter((name) => name.startsWith('CVE-'));
    const since = cves.flatMap((cve) => this.#exploited?.get(cve)?.['since'] ?? []);
    const likelihoods = cves.flatMap((cve) => this.#prediction?.get(cve)?.['likelihood'] ?? []);
    return {
      exploitedSince: since.length === 0 ? null : (since.map(String).sort()[0] ?? null),
      likelihood: likelihoods.length === 0 ? null : Math.max(...likelihoods.map(Number)),
    };
  }

  stats(): readonly { ecosystem: string; packages: number; advisories: number }[] {
    return this.file
      .prepare(
        `select substr(package, 1, instr(package, '/') - 1) as ecosystem,
                count(distinct package) as packages,
                count(distinct number / ${places}) as advisories
           from affected group by 1 order by 1`,
      )
      .all() as unknown as { ecosystem: string; packages: number; advisories: number }[];
  }

  size(): number {
    return this.#count('advisory');
  }

  /** How many are known to be exploited, and of how many the likelihood is. */
  threats(): { readonly exploited: number; readonly predicted: number } {
    return { exploited: this.#count('exploited'), predicted: this.#count('prediction') };
  }

  #count(table: 'advisory' | 'exploited' | 'prediction'): number {
    return Number(this.file.prepare(`select count(*) as n from ${table}`).get()?.['n'] ?? 0);
  }

  /** What was brought up to date when, by name: `npm`, `kev`, `epss`. */
  feeds(): readonly { readonly name: string; readonly at: string; readonly mark: string | null }[] {
    return this.file.prepare('select name, at, mark from feed order by name').all() as unknown as {
      name: string;
      at: string;
      mark: string | null;
    }[];
  }

  close(): void {
    this.file.close();
  }
}

function ofAnotherVersion(path: string): CliFault {
  return new CliFault(exit.usage, {
    title: `${path} is not a store of advisories of this version`,
    action: 'remove it and import the advisories again',
  });
}

function versionOf(file: DatabaseSync): number {
  return Number(file.prepare('pragma user_version').get()?.['user_version'] ?? 0);
}

/** Rows are our own: what was read from strangers was looked at when it was written. */
function storedOf({ content, aliases, ...advisory }: Row): StoredAffected {
  return {
    advisory: { ...advisory, aliases: JSON.parse(aliases) as string[] },
    affected: JSON.parse(content) as OsvAffected,
  };
}
