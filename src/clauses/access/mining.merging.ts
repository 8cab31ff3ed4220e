import { type Bits, noBits, setBit } from './mining.bits.ts';

/** Who holds what: `pairs` is user, permission, user, permission …, both numbered from 0. */
export interface Relation {
  readonly users: number;
  readonly permissions: number;
  readonly pairs: Uint32Array;
}

/**
 * The relation without its repetitions: users who hold the same are one row, permissions that the
 * same users hold are one column. A cover of the one is a cover of the other with as many roles.
 */
export interface Merged {
  /** The users of each row, ascending. */
  readonly usersOf: readonly (readonly number[])[];
  /** The permissions of each column, ascending. */
  readonly permissionsOf: readonly (readonly number[])[];
  /** The columns of each row, ascending. */
  readonly rows: readonly (readonly number[])[];
  /** The rows of each column, ascending. */
  readonly columns: readonly (readonly number[])[];
  readonly rowBits: readonly Bits[];
  readonly columnBits: readonly Bits[];
}

/** Whoever holds nothing, and what nobody holds, is in no row and no column. */
export function merge({ users, permissions, pairs }: Relation): Merged {
  const held: Set<number>[] = Array.from({ length: users }, () => new Set());
  for (let n = 0; n < pairs.length; n += 2) held[pairs[n] as number]?.add(pairs[n + 1] as number);
  const byUsers = group(held.map((set) => [...set].sort((a, b) => a - b)));
  const holders: number[][] = Array.from({ length: permissions }, () => []);
  byUsers.lists.forEach((list, row) => {
    for (const permission of list) holders[permission]?.push(row);
  });
  const byPermissions = group(holders);
  const columns = byPermissions.lists;
  const rows: number[][] = byUsers.lists.map(() => []);
  columns.forEach((list, column) => {
    for (const row of list) rows[row]?.push(column);
  });
  return {
    usersOf: byUsers.members,
    permissionsOf: byPermissions.members,
    rows,
    columns,
    rowBits: rows.map((list) => bitsOf(list, columns.length)),
    columnBits: columns.map((list) => bitsOf(list, rows.length)),
  };
}

/** Equal lists become one, in the order of their first appearance; empty ones are left out. */
function group(lists: readonly (readonly number[])[]) {
  const places = new Map<string, number>();
  const kept: (readonly number[])[] = [];
  const members: number[][] = [];
  lists.forEach((list, n) => {
    if (list.length === 0) return;
    const key = list.join(' ');
    const place = places.get(key);
    if (place !== undefined) {
      members[place]?.push(n);
      return;
    }
    places.set(key, kept.length);
    kept.push(list);
    members.push([n]);
  });
  return { lists: kept, members };
}

function bitsOf(list: readonly number[], size: number): Bits {
  const bits = noBits(size);
  for (const n of list) setBit(bits, n);
  return bits;
}
