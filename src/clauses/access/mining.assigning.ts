import { invariant } from '../../kernel/invariant.ts';
import {
  type Bits,
  isEmpty,
  membersOf,
  noBits,
  remove,
  setBit,
  sharedCount,
} from './mining.bits.ts';
import { sharedBy } from './mining.kernel.ts';
import type { Merged } from './mining.merging.ts';

/** A suggested role: what it gives, and who would hold it; both ascending. */
export interface MinedRole {
  readonly permissions: readonly number[];
  readonly users: readonly number[];
}

/** The columns of each role: to walk over, and to compare. */
interface Roles {
  readonly columns: readonly (readonly number[])[];
  readonly bits: readonly Bits[];
}

/**
 * Gives every row as few of the roles as it needs, none that would give it more than it holds, and
 * numbers by users and permissions again. A role that nobody needs is left out.
 *
 * @param roles the columns of each role; together they cover the relation
 */
export function assign(roles: readonly (readonly number[])[], merged: Merged): MinedRole[] {
  const { rows, columns, columnBits } = merged;
  const given: Roles = { columns: roles, bits: roles.map((role) => bitsOf(role, columns.length)) };
  const fitting: number[][] = rows.map(() => []);
  roles.forEach((role, n) => {
    for (const row of membersOf(sharedBy(role, columnBits, rows.length))) fitting[row]?.push(n);
  });
  const holders: number[][] = roles.map(() => []);
  fitting.forEach((fit, row) => {
    for (const n of needed(fit, given, merged.rowBits[row] as Bits)) holders[n]?.push(row);
  });
  return roles
    .map((role, n) => ({
      permissions: membersOfGroups(role, merged.permissionsOf),
      users: membersOfGroups(holders[n] as number[], merged.usersOf),
    }))
    .filter(({ users }) => users.length > 0)
    .sort(heldByMostFirst);
}

/** The role that gives most of what is still missing, until nothing is; then those it made needless go. */
function needed(fit: readonly number[], roles: Roles, row: Bits): number[] {
  const missing = row.slice();
  const chosen: number[] = [];
  // What a role gives of the missing only shrinks: who gave too little before needs no second look.
  const gains = fit.map((n) => (roles.columns[n] as readonly number[]).length);
  while (!isEmpty(missing)) {
    let most = 0;
    let best = -1;
    for (let at = 0; at < fit.length; at++) {
      if ((gains[at] as number) <= most) continue;
      const gain = sharedCount(roles.bits[fit[at] as number] as Bits, missing);
      gains[at] = gain;
      if (gain > most) [most, best] = [gain, fit[at] as number];
    }
    invariant(best >= 0, 'the roles cover all that is held');
    chosen.push(best);
    remove(missing, roles.bits[best] as Bits);
  }
  return withoutNeedless(chosen, roles);
}

/** Drops each role all of whose columns the others give, the first chosen first. */
function withoutNeedless(chosen: readonly number[], { columns }: Roles): number[] {
  const givers = new Map<number, number>();
  for (const n of chosen) {
    for (const column of columns[n] as readonly number[]) {
      givers.set(column, (givers.get(column) ?? 0) + 1);
    }
  }
  return chosen.filter((n) => {
    const own = columns[n] as readonly number[];
    if (own.some((column) => givers.get(column) === 1)) return true;
    for (const column of own) givers.set(column, (givers.get(column) as number) - 1);
    return false;
  });
}

function bitsOf(list: readonly number[], size: number): Bits {
  const bits = noBits(size);
  for (const n of list) setBit(bits, n);
  return bits;
}

const membersOfGroups = (groups: readonly number[], members: readonly (readonly number[])[]) =>
  groups.flatMap((group) => members[group] as readonly number[]).sort((a, b) => a - b);

/** No two roles give the same, so the order is one. */
function heldByMostFirst(one: MinedRole, other: MinedRole): number {
  return (
    other.users.length - one.users.length ||
    other.permissions.length - one.permissions.length ||
    compareLists(one.permissions, other.permissions)
  );
}

function compareLists(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((n, place) => n !== other[place]);
  return at < 0 ? 0 : (one[at] as number) - (other[at] ?? -1);
}
