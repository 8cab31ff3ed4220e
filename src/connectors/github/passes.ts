import type { Page } from './api.ts';

/** Passes through one list at most; one that changes each time is told as a gap. */
const atMost = 5;

/** What of a page was not seen before, and the page to ask for next; null at the end of the list. */
export interface Turn extends Page {
  /** False at the end of a list that changed with each pass: something of it may never have been shown. */
  readonly steady: boolean;
}

/**
 * A list that is paged by number shifts while it is read: whoever leaves it lets those behind move up,
 * and one of them slips from a page that is still to come to one that was read. So a list of several
 * pages is gone through until two passes show the same; a list of one page is shown at once.
 */
export class Passes {
  readonly #seen = new Set<number>();
  /** What the pass before this one showed; null where that did not begin at the first page. */
  #before: ReadonlySet<number> | null = null;
  #now = new Set<number>();
  #passes = 1;
  #whole: boolean;

  /** @param from page with which the first pass begins: a reading goes on where it was cut off */
  constructor(from = 1) {
    this.#whole = from === 1;
  }

  /** Takes a page of the list, whose items all have an `id`. */
  take(number: number, { items, next }: Page): Turn {
    const fresh = items.filter((item) => {
      const id = idOf(item);
      this.#now.add(id);
      return !this.#seen.has(id);
    });
    for (const item of fresh) this.#seen.add(idOf(item));
    if (next !== null) return { items: fresh, next, steady: true };
    const steady = (number === 1 && this.#whole) || isSame(this.#before, this.#now);
    if (steady || this.#passes === atMost) return { items: fresh, next: null, steady };
    this.#before = this.#whole ? this.#now : null;
    this.#now = new Set();
    this.#whole = true;
    this.#passes += 1;
    return { items: fresh, next: 1, steady: true };
  }
}

function isSame(before: ReadonlySet<number> | null, now: ReadonlySet<number>): boolean {
  return before !== null && before.size === now.size && before.isSubsetOf(now);
}

/** @throws TypeError where GitHub lists something without one */
function idOf(item: unknown): number {
  const id = typeof item === 'object' && item !== null && 'id' in item ? item.id : null;
  if (typeof id !== 'number') throw new TypeError('an item of a list has no id');
  return id;
}
