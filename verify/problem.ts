/** The checks of an export, in the order in which they are reported. */
export const checkNames = [
  'manifest',
  'files',
  'keys',
  'checkpoint',
  'entries',
  'tree',
  'register',
  'private',
  'blobs',
  'consistency',
] as const;
export type CheckName = (typeof checkNames)[number];

/** One thing that is wrong, exactly: where, what was found, what should have been there. */
export interface Problem {
  readonly check: CheckName;
  readonly message: string;
  /** Path inside the export. */
  readonly file?: string;
  /** Index of the entry. */
  readonly index?: number;
  readonly expected?: string;
  readonly found?: string;
}

/** What a check looked at: `examined` counts its items, the whole population, never a sample. */
export interface Check {
  readonly name: CheckName;
  readonly ok: boolean;
  readonly examined: number;
  readonly says: string;
}

/** More than this many problems of one job are counted, not listed. */
const listedLimit = 25;

/** Collects what is wrong; keeps the first few in full and counts them all. */
export class Problems {
  readonly listed: Problem[] = [];
  count = 0;
  readonly failed = new Set<CheckName>();

  add(problem: Problem): void {
    this.count += 1;
    this.failed.add(problem.check);
    if (this.listed.length < listedLimit) this.listed.push(problem);
  }

  /** Takes over what another collector found. */
  take(other: {
    readonly listed: readonly Problem[];
    readonly count: number;
    readonly failed: Iterable<CheckName>;
  }): void {
    this.count += other.count;
    for (const name of other.failed) this.failed.add(name);
    this.listed.push(...other.listed.slice(0, Math.max(0, 4 * listedLimit - this.listed.length)));
  }
}

/** Foreign text for a message: quoted, and cut where it is long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
