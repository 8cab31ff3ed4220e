import type { House } from './house.ts';
import { type Place, placeOf } from './rooms.ts';
import type { Finding, Rule } from './rule.ts';
import type { Source } from './source.ts';
import { matchesIn, type SqlText, sqlFilesOf, sqlOf } from './sql.ts';

/** A table and the room (with its folder) whose migration creates it. */
interface Table {
  readonly name: string;
  readonly owner: Place;
  readonly path: string;
}

type Access = 'read' | 'write';

const NAME = '(?:public\\.)?"?([a-z_][a-z0-9_]*)"?';
const CREATED = new RegExp(
  `\\bcreate\\s+(?:unlogged\\s+)?table\\s+(?:if\\s+not\\s+exists\\s+)?${NAME}`,
  'gi',
);
const REFERENCED = new RegExp(`\\breferences\\s+${NAME}`, 'gi');
const ALTERED = new RegExp(
  `\\b(?:alter|drop)\\s+table\\s+(?:if\\s+exists\\s+)?(?:only\\s+)?${NAME}`,
  'gi',
);
const WRITTEN = new RegExp(
  `\\b(?:insert\\s+into|delete\\s+from|merge\\s+into|truncate(?:\\s+table)?|(?<!\\bfor\\s+|\\bdo\\s+|\\bno\\s+key\\s+)update|copy|lock\\s+table)\\s+(?:only\\s+)?${NAME}`,
  'gi',
);
const READ = new RegExp(
  `\\b(?:(?<!\\bdelete\\s+)from|join|using)\\s+(?:only\\s+|lateral\\s+)?${NAME}`,
  'gi',
);
/** `from a, b`: names after a comma in a from list. */
const LISTED = new RegExp(`\\bfrom\\s+[a-z_0-9" ]+,\\s*${NAME}`, 'gi');
const DEFINED_HERE =
  /(?:\bwith\s+(?:recursive\s+)?|\)\s*,\s*)([a-z_][a-z0-9_]*)\s*(?:\([^)]*\)\s*)?as\s+(?:not\s+)?(?:materialized\s*)?\(/gi;

/** Files of a clause that may name its tables, and those of the registers. */
const SPEAKS_SQL = new Set(['store', 'checks', 'routes', 'sim']);
/** Whom mail is written to besides people. */
const ADDRESSED = new Set(['customer', 'customer_contact']);
/** Rooms that look at everything. */
const READS_ALL = new Set(['sim', 'server', 'bench', 'tools', 'conformance', 'e2e']);

/** A table is named by its owner alone; registers are read by all clauses and written by themselves. */
export const tables: Rule = {
  name: 'tables',
  judge(house: House) {
    const migrations = sqlFilesOf(house).filter((sql) => /^src\/.*\/migrations\//.test(sql.path));
    const { tables: known, findings } = declared(migrations);
    for (const sql of migrations) findings.push(...migrationObjections(sql, known));
    let named = 0;
    const asking = house.sources.filter((it) => it.path.startsWith('src/') && !keepsOwnFile(it));
    for (const source of asking) {
      for (const sql of sqlOf(source)) {
        for (const use of usesOf(sql, known)) {
          named += 1;
          const message = objection(source, use.table, use.access);
          if (message !== undefined) findings.push({ path: sql.path, line: use.line, message });
        }
      }
    }
    return { findings, covered: { tables: known.size, 'uses of tables': named } };
  },
};

function declared(migrations: readonly SqlText[]) {
  const known = new Map<string, Table>();
  const findings: Finding[] = [];
  for (const sql of migrations) {
    for (const { match, line } of matchesIn(sql, CREATED)) {
      const name = (match[1] ?? '').toLowerCase();
      const before = known.get(name);
      if (before === undefined) known.set(name, { name, owner: placeOf(sql.path), path: sql.path });
      else
        findings.push({
          path: sql.path,
          line,
          message: `table ${name} is already created in ${before.path}`,
        });
    }
  }
  return { tables: known, findings };
}

/** A migration changes its own tables and points at registers: those stand before any clause does. */
function migrationObjections(sql: SqlText, known: ReadonlyMap<string, Table>): Finding[] {
  const place = placeOf(sql.path);
  const foreign = (match: RegExpExecArray) => {
    const table = known.get((match[1] ?? '').toLowerCase());
    return table === undefined || sameOwner(place, table.owner) ? undefined : table;
  };
  const altered = matchesIn(sql, ALTERED).flatMap(({ match, line }) => {
    const table = foreign(match);
    return table
      ? [{ path: sql.path, line, message: `table ${table.name} belongs to ${ownerName(table)}` }]
      : [];
  });
  const pointed = matchesIn(sql, REFERENCED).flatMap(({ match, line }) => {
    const table = foreign(match);
    if (table === undefined || table.owner.room === 'registers') return [];
    return [
      {
        path: sql.path,
        line,
        message: `foreign keys point to registers only, and ${table.name} belongs to ${ownerName(table)}`,
      },
    ];
  });
  return [...altered, ...pointed];
}

function usesOf(sql: SqlText, known: ReadonlyMap<string, Table>) {
  const local = new Set(
    [...sql.text.matchAll(DEFINED_HERE)].map((match) => (match[1] ?? '').toLowerCase()),
  );
  const patterns: readonly [RegExp, Access][] = [
    [WRITTEN, 'write'],
    [ALTERED, 'write'],
    [READ, 'read'],
    [LISTED, 'read'],
  ];
  return patterns.flatMap(([pattern, access]) =>
    matchesIn(sql, pattern).flatMap(({ match, line }) => {
      const name = (match[1] ?? '').toLowerCase();
      const table = local.has(name) ? undefined : known.get(name);
      return table === undefined ? [] : [{ table, access, line }];
    }),
  );
}

function objection(source: Source, table: Table, access: Access): string | undefined {
  const place = placeOf(source.path);
  const whose = `table ${table.name} belongs to ${ownerName(table)}`;
  const ownRoom = sameOwner(place, table.owner);
  if (ownRoom) {
    if (table.owner.room !== 'clauses' || source.isTest || SPEAKS_SQL.has(place.role))
      return undefined;
    return `${whose}, where store, checks and routes name it, not ${place.role}`;
  }
  if (READS_ALL.has(place.room)) {
    const writes =
      access === 'write' &&
      !source.isTest &&
      !(table.owner.room === 'platform' && place.room === 'server');
    return writes ? `${whose}; ${place.room} reads it and writes through its store` : undefined;
  }
  if (
    table.owner.room === 'registers' &&
    (place.room === 'clauses' || place.room === 'registers')
  ) {
    if (source.isTest) return undefined;
    if (access === 'write') return `${whose}; write through its store`;
    return SPEAKS_SQL.has(place.role) || place.room === 'registers'
      ? undefined
      : `${whose}; ${place.role} is no place for SQL`;
  }
  if (table.owner.room === 'registers' && place.room === 'platform') {
    if (source.isTest || place.owner === 'testing' || source.path.endsWith('/testing.ts'))
      return undefined;
    // Who signs in and who is written to are people: identity and mail read them, and write nothing.
    if (table.name === 'person' && access === 'read') return undefined;
    // Mail goes to contacts of customers as well.
    if (
      source.path.startsWith('src/platform/mail/') &&
      ADDRESSED.has(table.name) &&
      access === 'read'
    )
      return undefined;
  }
  return whose;
}

/**
 * The command line never reaches the server's PostgreSQL; a file of it that opens SQLite speaks of the
 * tables of its own file on the person's machine, whatever they are called.
 */
const keepsOwnFile = (source: Source): boolean =>
  placeOf(source.path).room === 'cli' &&
  source.imports.some(({ specifier }) => specifier === 'node:sqlite');

const sameOwner = (a: Place, b: Place) => a.room === b.room && a.owner === b.owner;
const ownerName = ({ owner }: Table) =>
  owner.owner === '' ? owner.room : `${owner.room}/${owner.owner}`;
