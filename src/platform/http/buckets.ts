import type { Instant } from '../../kernel/instant.ts';

/** A token bucket: `burst` at once, and `perMinute` from then on. */
export interface Allowance {
  readonly burst: number;
  readonly perMinute: number;
}

export interface Buckets {
  /** Takes one. 0 where there was one; otherwise the seconds until there is, rounded up. */
  take(key: string, now: Instant): number;
  /** Puts one back: what was taken for turned out not to count. */
  give(key: string): void;
}

interface Bucket {
  left: number;
  at: number;
}

/** Beyond so many callers the ones unheard of longest are forgotten, and begin with a full bucket. */
const limitKeys = 50_000;

/** Buckets in the memory of this node; each node counts for itself. */
export function createBuckets({ burst, perMinute }: Allowance): Buckets {
  const buckets = new Map<string, Bucket>();
  const perMs = perMinute / 60_000;
  return {
    take(key, now) {
      const at = now.epochMilliseconds;
      const before = buckets.get(key) ?? { left: burst, at };
      const left = Math.min(burst, before.left + Math.max(0, at - before.at) * perMs);
      // Taken out and put in again: a Map keeps the order, so its first is the one longest unheard.
      buckets.delete(key);
      buckets.set(key, { left: left >= 1 ? left - 1 : left, at });
      const oldest = buckets.size > limitKeys ? buckets.keys().next() : null;
      if (oldest?.value !== undefined) buckets.delete(oldest.value);
      return left >= 1 ? 0 : Math.max(1, Math.ceil((1 - left) / perMs / 1000));
    },
    give(key) {
      const bucket = buckets.get(key);
      if (bucket) bucket.left = Math.min(burst, bucket.left + 1);
    },
  };
}
