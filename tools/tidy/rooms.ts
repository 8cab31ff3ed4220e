/** Where a file lives, which decides what it may do. */
export interface Place {
  readonly room: Room;
  /** Folder inside `registers`, `clauses` and `connectors`; empty elsewhere. */
  readonly owner: string;
  /** First part of the file's name: `store` of `store.grants.ts`. */
  readonly role: string;
}

const ROOMS = [
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
  'cli',
  'ui',
  'web',
  'sim',
  'verify',
  'tools',
  'bench',
  'conformance',
  'e2e',
] as const;

export type Room = (typeof ROOMS)[number] | 'root' | 'nowhere';

const BELOW_SRC = new Set<string>(ROOMS.slice(0, ROOMS.indexOf('verify')));
const AT_ROOT = new Set<string>(ROOMS.slice(ROOMS.indexOf('verify')));
const OWNED = new Set<string>(['registers', 'clauses', 'connectors']);

/** Reads a path such as `src/clauses/access/page.review.tsx`. */
export function placeOf(path: string): Place {
  const parts = path.split('/');
  const role = (parts.at(-1) ?? '').split('.')[0] ?? '';
  const [first = '', second = '', third = ''] = parts;
  if (parts.length === 1) return { room: 'root', owner: '', role };
  if (AT_ROOT.has(first)) return { room: first as Room, owner: '', role };
  if (first !== 'src') return { room: 'root', owner: '', role };
  if (!BELOW_SRC.has(second)) return { room: 'nowhere', owner: '', role };
  return { room: second as Room, owner: OWNED.has(second) && parts.length > 3 ? third : '', role };
}

/** Resolves a relative specifier against the file that holds it; undefined for packages. */
export function resolveRelative(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const parts = from.split('/').slice(0, -1);
  for (const step of (specifier.split('?')[0] ?? '').split('/')) {
    if (step === '.' || step === '') continue;
    if (step === '..') parts.pop();
    else parts.push(step);
  }
  return parts.join('/');
}
