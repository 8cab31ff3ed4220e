/** Ours and the baseline of one round, in whatever unit. */
export interface Round {
  readonly value: number;
  readonly baseline: number;
  readonly ratio: number;
}

/**
 * Measures ours and the baseline in turns, so that a machine that is busy for a while is busy for
 * both, after one round that does not count.
 *
 * @returns the round whose ratio is the median
 */
export async function takingTurns(
  count: number,
  measure: { readonly ours: () => Promise<number>; readonly baseline: () => Promise<number> },
): Promise<Round> {
  const rounds: Round[] = [];
  for (let n = 0; n <= count; n++) {
    const value = await measure.ours();
    const baseline = await measure.baseline();
    if (n > 0) rounds.push({ value, baseline, ratio: value / baseline });
  }
  return rounds.toSorted((a, b) => a.ratio - b.ratio)[Math.floor(rounds.length / 2)] as Round;
}

/** Milliseconds that something takes. */
export async function elapsedMs(act: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await act();
  return performance.now() - from;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which so much (0 to 1) of all values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
