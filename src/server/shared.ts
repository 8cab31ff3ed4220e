/** Questions under way at the same time: while one is being answered, the next is on its way. */
export const abreast = 3;

/**
 * Asks once for all who want to know the same: those of one turn of the event loop, and, once enough
 * such questions are under way, those who come before one of them is answered. What is answered was
 * read after each of them asked, so that a revocation holds at once.
 */
export function shared<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const asking = new Map<string, Set<Promise<unknown>>>();
  const waiting = new Map<string, Promise<T>>();
  const start = (key: string): Promise<T> => {
    waiting.delete(key);
    const others = asking.get(key) ?? new Set();
    asking.set(key, others);
    const answer = ask(key);
    const over: Promise<void> = answer.then(
      () => end(key, over),
      () => end(key, over),
    );
    others.add(over);
    return answer;
  };
  const end = (key: string, over: Promise<unknown>): void => {
    const others = asking.get(key);
    others?.delete(over);
    if (others?.size === 0) asking.delete(key);
  };
  return (key) => {
    const there = waiting.get(key);
    if (there) return there;
    const others = asking.get(key);
    const isBusy = others !== undefined && others.size >= abreast;
    const next = (isBusy ? Promise.race(others) : endOfTurn()).then(() => start(key));
    waiting.set(key, next);
    return next;
  };
}

/** Settles when all who ask in this turn of the event loop have asked. */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Answers remembered; beyond that it begins anew. */
const rememberedMost = 10_000;

/** Answers that are asked for anew each time, and remembered all the same. */
export interface Remembered<T extends object> {
  /** What was answered last; whoever goes on with it asks at the same time whether it still holds. */
  last(key: string): T | null;
  /** An answer that equals the last one is the same object. */
  ask(key: string): Promise<T | null>;
}

/** Asks as `shared` does, and remembers what was answered last, so that nobody has to wait before going on. */
export function remembered<T extends object>(
  ask: (key: string) => Promise<T | null>,
): Remembered<T> {
  const known = new Map<string, { readonly answer: T; readonly text: string }>();
  return {
    last: (key) => known.get(key)?.answer ?? null,
    ask: shared(async (key) => {
      const answer = await ask(key);
      const before = known.get(key);
      if (!answer) {
        known.delete(key);
        return null;
      }
      const text = JSON.stringify(answer);
      if (before?.text === text) return before.answer;
      if (known.size >= rememberedMost) known.clear();
      known.set(key, { answer, text });
      return answer;
    }),
  };
}
