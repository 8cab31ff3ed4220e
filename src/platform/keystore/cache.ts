import type { AgeIdentity } from '../age/identity.ts';

interface Held {
  readonly identity: AgeIdentity;
  /** By the clock of the process, in milliseconds. */
  readonly until: number;
}

/**
 * Opened identities, for seconds and so many at most, so that a product's thousand reads in a row
 * are one call to KMS. Whoever takes one out asks first whether its key is still there.
 */
export class IdentityCache {
  readonly #lifeMs: number;
  readonly #limit: number;
  readonly #held = new Map<string, Held>();
  #sweeping: NodeJS.Timeout | null = null;

  constructor(lifeMs: number, limit: number) {
    this.#lifeMs = lifeMs;
    this.#limit = limit;
  }

  get(customer: string, version: number): AgeIdentity | null {
    const held = this.#held.get(nameOf(customer, version));
    return held && held.until > performance.now() ? held.identity : null;
  }

  put(customer: string, version: number, identity: AgeIdentity): void {
    if (this.#limit === 0) return;
    const [oldest] = this.#held.keys();
    if (this.#held.size >= this.#limit && oldest !== undefined) this.#held.delete(oldest);
    this.#held.set(nameOf(customer, version), {
      identity,
      until: performance.now() + this.#lifeMs,
    });
    this.#sweepLater();
  }

  drop(customer: string, version: number): void {
    this.#held.delete(nameOf(customer, version));
  }

  dropAll(customer: string): void {
    for (const name of this.#held.keys()) {
      if (name.startsWith(`${customer}.`)) this.#held.delete(name);
    }
  }

  /** What nobody asks for again must not stay in memory until somebody asks for another. */
  #sweepLater(): void {
    this.#sweeping ??= setTimeout(() => {
      this.#sweeping = null;
      const now = performance.now();
      for (const [name, { until }] of this.#held) if (until <= now) this.#held.delete(name);
      if (this.#held.size > 0) this.#sweepLater();
    }, this.#lifeMs).unref();
  }
}

function nameOf(customer: string, version: number): string {
  return `${customer}.${version}`;
}
