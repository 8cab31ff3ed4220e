/**
 * Takes one thing after the other, going on while those that were taken wait for whoever uses them.
 * Where one cannot be taken nothing after it is; whoever stops using them stops the taking.
 *
 * @param take answers null at the end
 * @param limit things that wait at most
 */
export async function* ahead<T>(
  take: () => Promise<T | null>,
  limit: number,
): AsyncGenerator<T, void, void> {
  let over = false;
  let newest: Promise<T | null> = Promise.resolve(null);
  const takeNext = (): Promise<T | null> => {
    const before = newest;
    const taken = before.then(() => (over ? null : take()));
    // It fails for whoever uses it, and for those after it; until then it is not to end the process.
    taken.catch(() => undefined);
    newest = taken;
    return taken;
  };
  const waiting = Array.from({ length: limit }, takeNext);
  try {
    for (;;) {
      const thing = await waiting.shift();
      if (thing === null || thing === undefined) return;
      waiting.push(takeNext());
      yield thing;
    }
  } finally {
    over = true;
  }
}
