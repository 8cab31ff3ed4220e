import {
  allBits,
  type Bits,
  clearBit,
  hasBit,
  membersOf,
  noBits,
  remove,
  retain,
  unite,
} from './mining.bits.ts';
import type { Merged } from './mining.merging.ts';

/**
 * One access: a row holds a column. Two are *compatible* where both rows hold both columns, so that
 * one role can give both; accesses that are compatible in pairs are given by one role together.
 */
export interface Access {
  readonly row: number;
  readonly column: number;
}

/**
 * The accesses that matter. Where the row of `a` holds no more than the row of `b` and the column of
 * `a` is held by no more than the column of `b`, all that is compatible with `a` is so with `b`:
 * every widest role that gives `a` gives `b`, and `b` need not be looked at. (The domination rule of
 * A. Ene et al., Fast exact and heuristic methods for role minimization problems, SACMAT 2008,
 * applied to the whole relation at once.)
 */
export function kernelOf(merged: Merged): Access[] {
  const { rows, columns, rowBits, columnBits } = merged;
  // Enough to look at one side at a time: were (row', column') smaller on both sides, the greater
  // row would hold column' too, and (row, column') is in the way of (row, column) as well.
  const needless = rows.map(() => noBits(columns.length));
  rows.forEach((list, row) => {
    for (const greater of membersOf(sharedBy(list, columnBits, rows.length))) {
      if (greater !== row) unite(needless[greater] as Bits, rowBits[row] as Bits);
    }
  });
  const wider = columns.map((list, column) => {
    const bits = sharedBy(list, rowBits, columns.length);
    return membersOf(bits).filter((other) => other !== column);
  });
  return rows.flatMap((list, row) => {
    const needed = rowBits[row]?.slice() as Bits;
    remove(needed, needless[row] as Bits);
    for (const column of list) {
      for (const other of wider[column] as number[]) clearBit(needed, other);
    }
    return membersOf(needed).map((column) => ({ row, column }));
  });
}

/** What all the listed sets have in common; for none, everything below `size`. */
export function sharedBy(list: readonly number[], sets: readonly Bits[], size: number): Bits {
  const common = allBits(size);
  for (const n of list) retain(common, sets[n] as Bits);
  return common;
}

/** For each access the numbers of those compatible with it, itself among them. */
export function compatibleWith(
  accesses: readonly Access[],
  { rows, columns, columnBits }: Merged,
): (n: number) => number[] {
  const inColumn: number[][] = columns.map(() => []);
  accesses.forEach(({ column }, n) => {
    inColumn[column]?.push(n);
  });
  return (n) => {
    const { row, column } = accesses[n] as Access;
    const holders = columnBits[column] as Bits;
    return (rows[row] as readonly number[]).flatMap((other) =>
      (inColumn[other] as number[]).filter((m) => hasBit(holders, (accesses[m] as Access).row)),
    );
  };
}
