import type { Ground } from './ground.ts';

/** What a figure has to reach. */
export interface Target {
  /** Whether it is the ratio to the baseline that counts, or the value itself. */
  readonly of: 'ratio' | 'value';
  readonly atLeast?: number;
  readonly atMost?: number;
}

export type Unit = 'per second' | 's' | 'ms' | 'µs' | 'MB' | 'kB' | 'roles';

/** A figure as it came out. */
export interface Measured {
  readonly name: string;
  /** What was measured and against what, for people. */
  readonly says: string;
  readonly value: number;
  readonly unit: Unit;
  /** The same unit, measured in the same run; for what has none, the limit it must keep. */
  readonly baseline: number;
  /** `value / baseline`. */
  readonly ratio: number;
  readonly target: Target;
}

/** One measurement, which may give several figures that belong together. */
export interface Figure {
  readonly name: string;
  measure(ground: Ground): Promise<readonly Measured[]>;
}

/** A value that must keep a limit and has nothing to be compared with. */
export function within(
  limit: number,
  measured: Pick<Measured, 'name' | 'says' | 'value' | 'unit'>,
): Measured {
  return {
    ...measured,
    baseline: limit,
    ratio: measured.value / limit,
    target: { of: 'value', atMost: limit },
  };
}

/** Whether a figure reached what it has to reach. */
export function reaches({ value, ratio, target }: Measured): boolean {
  const counts = target.of === 'ratio' ? ratio : value;
  return (
    counts >= (target.atLeast ?? Number.NEGATIVE_INFINITY) &&
    counts <= (target.atMost ?? Number.POSITIVE_INFINITY)
  );
}
