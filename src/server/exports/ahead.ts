/**
 * Does the work for what comes, `width` at a time, and gives it in the order in which it came: what
 * is slow for one (a file to open, a key to agree on) is waited for beside the others.
 */
export async function* ahead<T, R>(
  source: AsyncIterable<T>,
  width: number,
  work: (one: T) => Promise<R>,
): AsyncGenerator<R> {
  const waiting: Promise<R>[] = [];
  for await (const one of source) {
    const doing = work(one);
    // Its failure is told when its turn comes, not before.
    doing.catch(() => undefined);
    waiting.push(doing);
    if (waiting.length < width) continue;
    const first = waiting.shift();
    if (first) yield await first;
  }
  for (const each of waiting) yield await each;
}
