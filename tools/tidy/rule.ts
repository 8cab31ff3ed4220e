import type { House } from './house.ts';

/** Something a rule objects to, where the reader can click it. */
export interface Finding {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly message: string;
}

/** What a rule looked at, by the noun it counts: proof that it saw something. */
export type Covered = Readonly<Record<string, number>>;

export interface Verdict {
  readonly findings: readonly Finding[];
  readonly covered: Covered;
}

/** One mechanical rule of the house. It reads the tree it is given and nothing else. */
export interface Rule {
  /** As printed before each finding, and as STYLE.md cites it. */
  readonly name: string;
  judge(house: House): Verdict;
}
