/**
 * Asks once for all who want to know the same while an earlier question is under way: what is
 * answered was read after each of them asked, so that a revocation holds at once.
 */
export function shared<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const asking = new Map<string, Promise<T>>();
  const waiting = new Map<string, Promise<T>>();
  const start = (key: string): Promise<T> => {
    waiting.delete(key);
    const answer = ask(key).finally(() => {
      if (asking.get(key) === answer) asking.delete(key);
    });
    asking.set(key, answer);
    return answer;
  };
  return (key) => {
    const before = asking.get(key);
    if (!before) return start(key);
    const next =
      waiting.get(key) ??
      before.then(
        () => start(key),
        () => start(key),
      );
    waiting.set(key, next);
    return next;
  };
}
