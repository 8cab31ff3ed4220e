import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { z } from 'zod';
import { type OsvAdvisory, osvAffected } from '../../advisories/osv.ts';
import { packageKey, sameRelease } from '../../advisories/packages.ts';
import { ratingOf, type Severity, severities } from '../../advisories/severity.ts';
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
  readonly affected: z.output<typeof osvAffected>;
}

const schemaVersion = 1;
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
    package text not null,
    number integer not null references advisory on delete cascade,
    content text not null
  ) strict;
  create index affected_package on affected (package);
  create index affected_number on affected (number);
`;

const rowShape = z.object({
  id: z.string(),
  modified: z.string(),
  aliases: z.string(),
  summary: z.string(),
  severity: z.enum(severities),
  score: z.number().nullable(),
  vector: z.string().nullable(),
  content: z.string(),
});

/** Advisories on this machine, found by package: a SQLite file. */
export class AdvisoryStore {
  readonly #file: DatabaseSync;
  readonly #find: StatementSync;

  private constructor(file: DatabaseSync) {
    this.#file = file;
    this.#find = file.prepare(
      `select a.id, a.modified, a.aliases, a.summary, a.severity, a.score, a.vector, f.content
         from affected f join advisory a on a.number = f.number
        where f.package = ? order by a.id`,
    );
  }

  /** @throws CliFault where there is no store, or one of another version */
  static open(path: string): AdvisoryStore {
    try {
      const file = new DatabaseSync(path, { readOnly: true });
      if (versionOf(file) === schemaVersion) return new AdvisoryStore(file);
      file.close();
    } catch (cause) {
      throw new CliFault(
        exit.usage,
        {
          title: `there are no advisories at ${path}`,
          action: 'kept advisories import <file or folder>',
        },
        cause,
      );
    }
    throw new CliFault(exit.usage, {
      title: `${path} is not a store of advisories of this version`,
      action: 'remove it and import the advisories again',
    });
  }

  /** Opens a store to write into; makes it where there is none. */
  static make(path: string): AdvisoryStore {
    mkdirSync(dirname(path), { recursive: true });
    const file = new DatabaseSync(path);
    file.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on');
    if (versionOf(file) === 0) file.exec(`${schema}; pragma user_version = ${schemaVersion}`);
    else if (versionOf(file) !== schemaVersion) {
      throw new CliFault(exit.usage, {
        title: `${path} is not a store of advisories of this version`,
        action: 'remove it and import the advisories again',
      });
    }
    return new AdvisoryStore(file);
  }

  /** What advisories say of a package; those of another release of a distribution are left out. */
  about(ecosystem: string, name: string): readonly StoredAffected[] {
    return this.#find
      .all(packageKey(ecosystem, name))
      .map((row) => storedOf(rowShape.parse(row)))
      .filter(({ affected }) => sameRelease(ecosystem, affected.package?.ecosystem ?? ''));
  }

  stats(): readonly { ecosystem: string; packages: number; advisories: number }[] {
    return this.#file
      .prepare(
        `select substr(package, 1, instr(package, '/') - 1) as ecosystem,
                count(distinct package) as packages, count(distinct number) as advisories
           from affected group by 1 order by 1`,
      )
      .all() as unknown as { ecosystem: string; packages: number; advisories: number }[];
  }

  size(): number {
    const row = this.#file.prepare('select count(*) as n from advisory').get();
    return Number(row?.['n'] ?? 0);
  }

  /** Runs it whole or not at all. */
  async whole<T>(run: (writing: AdvisoryWriting) => Promise<T>): Promise<T> {
    this.#file.exec('begin immediate');
    try {
      const answer = await run(new AdvisoryWriting(this.#file));
      this.#file.exec('commit');
      return answer;
    } catch (error) {
      this.#file.exec('rollback');
      throw error;
    }
  }

  close(): void {
    this.#file.close();
  }
}

/** Writes advisories within one transaction. */
export class AdvisoryWriting {
  readonly #known: StatementSync;
  readonly #remove: StatementSync;
  readonly #insert: StatementSync;
  readonly #affect: StatementSync;

  constructor(file: DatabaseSync) {
    this.#known = file.prepare('select modified from advisory where id = ?');
    this.#remove = file.prepare('delete from advisory where id = ?');
    this.#insert = file.prepare(
      `insert into advisory (id, modified, aliases, summary, severity, score, vector)
       values (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#affect = file.prepare('insert into affected (package, number, content) values (?, ?, ?)');
  }

  /** Whether what is stored is at least as new. */
  isCurrent(id: string, modified: string): boolean {
    const known = this.#known.get(id)?.['modified'];
    return typeof known === 'string' && Date.parse(known) >= Date.parse(modified);
  }

  /** Replaces what is stored; an advisory withdrawn is taken out. */
  put(advisory: OsvAdvisory): void {
    this.#remove.run(advisory.id);
    if (advisory.withdrawn) return;
    const { severity, score, vector } = ratingOf(advisory);
    const { lastInsertRowid } = this.#insert.run(
      advisory.id,
      advisory.modified,
      JSON.stringify(advisory.aliases ?? []),
      (advisory.summary ?? advisory.details ?? '').slice(0, 300),
      severity,
      score,
      vector,
    );
    for (const { package: named, ranges, versions } of advisory.affected ?? []) {
      if (!named) continue;
      const content = JSON.stringify({ package: named, ranges, versions });
      this.#affect.run(packageKey(named.ecosystem, named.name), lastInsertRowid, content);
    }
  }
}

function versionOf(file: DatabaseSync): number {
  return Number(file.prepare('pragma user_version').get()?.['user_version'] ?? 0);
}

function storedOf(row: z.output<typeof rowShape>): StoredAffected {
  const { content, aliases, ...advisory } = row;
  return {
    advisory: { ...advisory, aliases: z.array(z.string()).parse(JSON.parse(aliases)) },
    affected: osvAffected.parse(JSON.parse(content)),
  };
}
