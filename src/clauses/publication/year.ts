import type { Instant } from '../../kernel/instant.ts';
import type { Status } from '../../policy/status.ts';

/** One promise took another status. */
export interface StatusChange {
  readonly promise: string;
  readonly at: Instant;
  readonly status: Status;
}

/** From a time on, so many promises are in each state. */
export interface YearPoint extends Record<Status, number> {
  readonly at: Instant;
}

/**
 * How many promises were in which state, from `from` until now: one point at the beginning and one
 * for each time at which a count changed. A promise is unknown before anything was known of it.
 *
 * @param changes ordered by time; of those before `from`, the last of each promise suffices
 */
export function yearOf(
  promises: readonly string[],
  changes: readonly StatusChange[],
  from: Instant,
): readonly YearPoint[] {
  const state = new Map<string, Status>(promises.map((promise) => [promise, 'unknown']));
  const counts: Record<Status, number> = { kept: 0, due: 0, broken: 0, unknown: promises.length };
  const points: YearPoint[] = [{ at: from, ...counts }];
  for (const { promise, at, status } of changes) {
    const before = state.get(promise);
    if (before === undefined || before === status) continue;
    state.set(promise, status);
    counts[before] -= 1;
    counts[status] += 1;
    const when = Temporal.Instant.compare(at, from) < 0 ? from : at;
    const point: YearPoint = { at: when, ...counts };
    if (points.at(-1)?.at.equals(when)) points[points.length - 1] = point;
    else points.push(point);
  }
  return points;
}
