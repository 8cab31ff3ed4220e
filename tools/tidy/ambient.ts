import type { House } from './house.ts';
import { placeOf, type Room } from './rooms.ts';
import type { Finding, Rule } from './rule.ts';
import type { NodeOf, Source } from './source.ts';

type Kind = 'clock' | 'chance' | 'environment';

/** Where the world begins: only these rooms hold a clock, dice and settings. */
const EDGES = new Set<Room>([
  'platform',
  'server',
  'cli',
  'tools',
  'bench',
  'conformance',
  'e2e',
  'root',
]);
/** In the browser one file each. */
const BROWSER_EDGES: Readonly<Record<string, Kind>> = {
  'src/ui/clock.ts': 'clock',
  'src/ui/chance.ts': 'chance',
};

const MEMBERS: Readonly<Record<string, Kind>> = {
  'Date.now': 'clock',
  'Temporal.Now': 'clock',
  'performance.now': 'clock',
  'performance.timeOrigin': 'clock',
  'process.hrtime': 'clock',
  'Math.random': 'chance',
  'crypto.randomUUID': 'chance',
  'crypto.randomUUIDv7': 'chance',
  'crypto.getRandomValues': 'chance',
  'crypto.randomBytes': 'chance',
  'crypto.randomInt': 'chance',
  'crypto.randomFillSync': 'chance',
  'process.env': 'environment',
};
const FROM_MODULES: Readonly<Record<string, RegExp>> = {
  'node:crypto': /^random|^getRandomValues$|^webcrypto$/,
  'node:process': /^(env|hrtime)$/,
  'node:perf_hooks': /^performance$/,
};

/** Time, chance and settings come in as values; pure code never reaches out for them. */
export const ambient: Rule = {
  name: 'ambient',
  judge(house: House) {
    const findings = house.sources
      .filter((source) => !EDGES.has(placeOf(source.path).room))
      .flatMap((source) => [...membersRead(source), ...constructed(source), ...imported(source)]);
    return { findings, covered: {} };
  },
};

function membersRead(source: Source): Finding[] {
  return source.nodes('MemberExpression').flatMap((node) => {
    const name = `${objectName(node.object)}.${propertyName(node)}`;
    const kind = Object.hasOwn(MEMBERS, name) ? MEMBERS[name] : undefined;
    return kind === undefined ? [] : object(source, node.start, name, kind);
  });
}

/** `new Date()` and `Date()` read the clock; `new Date(value)` does not. */
function constructed(source: Source): Finding[] {
  const isDate = (node: { type: string; start: number; end: number }) =>
    node.type === 'Identifier' && source.text.slice(node.start, node.end) === 'Date';
  const news = source
    .nodes('NewExpression')
    .filter((node) => isDate(node.callee) && node.arguments.length === 0);
  const calls = source.nodes('CallExpression').filter((node) => isDate(node.callee));
  return [...news, ...calls].flatMap((node) => object(source, node.start, 'Date()', 'clock'));
}

function imported(source: Source): Finding[] {
  return source.imports
    .filter((one) => !one.typeOnly)
    .flatMap(({ specifier, names, line }) => {
      const ambientNames = FROM_MODULES[specifier];
      return names
        .filter((name) => ambientNames?.test(name))
        .map((name) => ({
          path: source.path,
          line,
          message: `${name} of ${specifier} belongs to the edge; take a value`,
        }));
    });
}

function object(source: Source, offset: number, name: string, kind: Kind): Finding[] {
  if (BROWSER_EDGES[source.path] === kind) return [];
  const way = {
    clock: 'take `now` as a value',
    chance: 'take the bytes as a value',
    environment: 'take the setting as a value',
  };
  return [
    {
      path: source.path,
      line: source.lineAt(offset),
      message: `${name} reads ambient ${kind}; ${way[kind]}`,
    },
  ];
}

function objectName(node: NodeOf<'MemberExpression'>['object']): string {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'MemberExpression' && objectName(node.object) === 'globalThis')
    return propertyName(node);
  return '';
}

function propertyName(node: NodeOf<'MemberExpression'>): string {
  if (node.property.type === 'Identifier' && !node.computed) return node.property.name;
  if (node.property.type === 'Literal') return String(node.property.value);
  return '';
}
