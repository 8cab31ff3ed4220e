import type { House } from './house.ts';
import { type Place, placeOf, type Room, resolveRelative } from './rooms.ts';
import type { Finding, Rule } from './rule.ts';
import type { Import, Source } from './source.ts';

/** Rooms of ours that a room may import, besides itself. */
const MAY_IMPORT: Readonly<Record<Room, readonly Room[] | 'everything'>> = {
  kernel: [],
  ui: [],
  verify: [],
  ledger: ['kernel'],
  policy: ['kernel'],
  advisories: ['kernel'],
  inventory: ['advisories', 'kernel'],
  registers: ['advisories', 'inventory', 'policy', 'ledger', 'kernel'],
  clauses: ['registers', 'advisories', 'inventory', 'policy', 'ledger', 'kernel'],
  connectors: ['advisories', 'inventory', 'kernel'],
  platform: ['kernel', 'ledger', 'policy'],
  server: [
    'kernel',
    'ledger',
    'policy',
    'advisories',
    'inventory',
    'registers',
    'clauses',
    'connectors',
    'platform',
    'sim',
    'verify',
  ],
  sim: [
    'kernel',
    'ledger',
    'policy',
    'advisories',
    'inventory',
    'registers',
    'clauses',
    'connectors',
    'platform',
    'server',
    'verify',
  ],
  web: ['ui'],
  cli: ['kernel', 'verify', 'advisories', 'inventory'],
  tools: 'everything',
  bench: 'everything',
  conformance: 'everything',
  e2e: 'everything',
  root: 'everything',
  nowhere: [],
};

/** Tests of the edge may put what it exported before the verifier. */
const VERIFIED_IN_TESTS = new Set<Room>(['platform', 'server', 'sim']);
/** Pure rooms whose tests need a real database as well. */
const TESTED_ON_PLATFORM = new Set<Room>(['registers', 'clauses', 'connectors']);
const TEST_PACKAGES = new Set(['vitest', 'fast-check']);
/** Files of a clause that may think in SQL. */
const SPEAKS_SQL = new Set(['checks', 'store', 'routes', 'sim']);

/** Who may import whom: the table of the design, and its finer lines inside a clause. */
export const imports: Rule = {
  name: 'imports',
  judge(house: House) {
    const findings: Finding[] = [];
    let seen = 0;
    for (const source of house.sources) {
      const place = placeOf(source.path);
      if (place.room === 'nowhere' && !source.path.endsWith('.d.ts')) {
        findings.push({ path: source.path, line: 1, message: 'lies in no room of the house' });
      }
      for (const one of source.imports) {
        seen += 1;
        const message = objection(source, place, one);
        if (message !== undefined) findings.push({ path: source.path, line: one.line, message });
      }
    }
    return { findings, covered: { imports: seen } };
  },
};

function objection(source: Source, place: Place, one: Import): string | undefined {
  const target = resolveRelative(source.path, one.specifier);
  return target === undefined
    ? objectionToPackage(source, place, one)
    : objectionToOurs(source, place, one, target);
}

function objectionToPackage(source: Source, place: Place, one: Import): string | undefined {
  const { specifier, typeOnly } = one;
  if (source.isTest && TEST_PACKAGES.has(specifier)) return undefined;
  if (place.room === 'verify' && !specifier.startsWith('node:')) {
    return `verify/ uses no package, not even "${specifier}"`;
  }
  if (!isOwned(place)) return undefined;
  if (place.role === 'flow' && !source.isTest && !typeOnly) {
    return `flow imports only its own facts and kernel, not "${specifier}"`;
  }
  if (place.room !== 'clauses') return undefined;
  if (specifier === 'kysely' && !typeOnly && !source.isTest && !SPEAKS_SQL.has(place.role)) {
    return `kysely is for checks, store, routes and sim, not for ${place.role}`;
  }
  return undefined;
}

function objectionToOurs(
  source: Source,
  from: Place,
  one: Import,
  target: string,
): string | undefined {
  const to = placeOf(target);
  const allowed = MAY_IMPORT[from.room];
  if (allowed === 'everything') return undefined;
  if (source.isTest && to.room === 'platform' && TESTED_ON_PLATFORM.has(from.room))
    return undefined;
  if (source.isTest && to.room === 'verify' && VERIFIED_IN_TESTS.has(from.room)) return undefined;
  if (from.role === 'flow' && !source.isTest && isOwned(from))
    return objectionOfFlow(from, one, to, target);
  if (to.room === from.room) return objectionWithinRoom(from, to, one);
  if (from.room === 'clauses' && from.role === 'page' && to.room === 'ui') return undefined;
  if (from.room === 'registers' && from.role === 'page' && to.room === 'ui') return undefined;
  if (from.room === 'connectors' && to.room === 'registers') {
    return to.role === 'facts'
      ? undefined
      : "connectors see a register's facts and nothing else of it";
  }
  if (from.room === 'web' && isPage(to)) return undefined;
  if ((from.room === 'web' || from.room === 'cli') && to.room === 'server') {
    return one.typeOnly ? undefined : `${from.room} takes only types from server`;
  }
  if (allowed.includes(to.room)) return undefined;
  return `${from.room} may not import ${to.room} (${target})`;
}

/** What remains when it runs is pure: types may come from wherever a clause may look. */
function objectionOfFlow(from: Place, one: Import, to: Place, target: string): string | undefined {
  const own = to.room === from.room && to.owner === from.owner;
  if (to.room === 'kernel' || (own && (to.role === 'facts' || to.role === 'flow')))
    return undefined;
  const reachable = MAY_IMPORT[from.room];
  if (one.typeOnly && (own || (reachable !== 'everything' && reachable.includes(to.room))))
    return undefined;
  return `flow imports only its own facts and kernel, not ${target}`;
}

function objectionWithinRoom(from: Place, to: Place, one: Import): string | undefined {
  if (from.owner !== to.owner) {
    if (from.room === 'clauses')
      return `a clause never imports another clause (${to.owner || 'clauses/'})`;
    if (from.room === 'connectors' && to.owner !== '')
      return `a connector never imports another connector (${to.owner})`;
  }
  if (from.role === 'page' && to.role === 'routes' && !one.typeOnly)
    return 'page takes only types from routes';
  if (from.role === 'page' && (to.role === 'store' || to.role === 'checks') && !one.typeOnly) {
    return `page runs in the browser and cannot import ${to.role}`;
  }
  return undefined;
}

const isOwned = (place: Place) => place.owner !== '';
const isPage = (place: Place) =>
  (place.room === 'clauses' || place.room === 'registers') &&
  (place.role === 'page' || place.role === 'words');
