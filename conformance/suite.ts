import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * An outside suite: cases that we did not write. A module `*.suite.ts` in this folder exports
 * `name` and `run`; the runner finds it by its file name.
 */
export interface SuiteModule {
  readonly name: string;
  readonly run: () => Promise<Outcome>;
}

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** Cases that could not be tried here; each reason stands in `notes`. */
  readonly skipped: number;
  readonly notes: readonly string[];
}

/** The folder of the shared test data: `KEPT_SHARED_DATA`, or `../shared/data` beside the repository. */
export const sharedFolder =
  process.env.KEPT_SHARED_DATA ?? join(import.meta.dirname, '..', '..', 'shared', 'data');

/** A folder of the shared data, or null with nothing to run on. */
export function sharedCases(...path: readonly string[]): string | null {
  const folder = join(sharedFolder, ...path);
  return existsSync(folder) ? folder : null;
}

export function withoutCases(...path: readonly string[]): Outcome {
  const missing = join(sharedFolder, ...path);
  return {
    passed: 0,
    failed: 0,
    skipped: 1,
    notes: [`not run: ${missing} is not there (set KEPT_SHARED_DATA)`],
  };
}

/** Counts cases; a case that does not agree is noted with what it said. */
export class Tally {
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  readonly #notes: string[] = [];

  /** Counts a case. `detail` is shown where it failed. */
  expect(agrees: boolean, name: string, detail = ''): void {
    if (agrees) this.#passed += 1;
    else {
      this.#failed += 1;
      this.#notes.push(`FAILED ${name}${detail === '' ? '' : `: ${detail}`}`);
    }
  }

  skip(reason: string): void {
    this.#skipped += 1;
    this.#notes.push(`not run: ${reason}`);
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  outcome(): Outcome {
    return {
      passed: this.#passed,
      failed: this.#failed,
      skipped: this.#skipped,
      notes: this.#notes,
    };
  }
}
