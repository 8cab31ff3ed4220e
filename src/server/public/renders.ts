import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** Bytes of an answer, ready to be sent again and again. */
export interface Rendered {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly zipped: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

export function rendered(text: string): Rendered {
  const bytes = new TextEncoder().encode(text);
  const digest = createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
  return { bytes, zipped: new Uint8Array(gzipSync(bytes)), etag: `W/"${digest}"` };
}

/**
 * Pages kept in memory until what they show has changed. The state is asked for at most once a
 * second and node, however many readers come; nothing else is read while it stays the same.
 */
export class Renders {
  readonly #state: () => Promise<string>;
  readonly #clock: () => number;
  #known = '';
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;
  readonly #pages = new Map<string, { readonly state: string; readonly page: Promise<Rendered> }>();

  /** @param clock milliseconds; only differences count */
  constructor(state: () => Promise<string>, clock: () => number) {
    this.#state = state;
    this.#clock = clock;
  }

  /** Says that something changed: the next reader asks anew. */
  forget(): void {
    this.#askedAt = Number.NEGATIVE_INFINITY;
  }

  /**
   * The page of a key, rendered anew where the state, or `moment` (the minute its times are true
   * for), is another one. A failed rendering is not remembered.
   */
  async get(key: string, moment: string, render: () => Promise<string>): Promise<Rendered> {
    if (this.#clock() - this.#askedAt >= freshMs) await this.#ask();
    const state = `${this.#known} ${moment}`;
    const held = this.#pages.get(key);
    if (held?.state === state) return held.page;
    if (this.#pages.size >= pagesLimit) this.#pages.clear();
    const page = render().then(rendered);
    this.#pages.set(key, { state, page });
    page.catch(() => this.#pages.delete(key));
    return page;
  }

  async #ask(): Promise<void> {
    this.#asking ??= (async () => {
      try {
        this.#known = await this.#state();
        this.#askedAt = this.#clock();
      } finally {
        this.#asking = null;
      }
    })();
    await this.#asking;
  }
}

const freshMs = 1_000;
/** Versions of all numbers and languages; far more than anyone publishes. */
const pagesLimit = 500;
