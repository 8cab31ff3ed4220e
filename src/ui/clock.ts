/**
 * The only place that reads the browser's clock. Everything else in `ui/` and `web/`
 * takes the moment as a value, so that a picture of a page can be repeated.
 */
import { useSyncExternalStore } from 'react';

/** Milliseconds since 1970-01-01T00:00Z by the browser's clock. */
export function nowMilliseconds(): number {
  return Date.now();
}

type Ticker = { subscribe: (wake: () => void) => () => void; read: () => number };

const tickers = new Map<number, Ticker>();

/** One shared timer per cadence: a thousand relative times on a page wake once. */
function tickerEvery(seconds: number): Ticker {
  const existing = tickers.get(seconds);
  if (existing) return existing;
  const listeners = new Set<() => void>();
  let moment = nowMilliseconds();
  let timer: ReturnType<typeof setInterval> | undefined;
  const beat = () => {
    moment = nowMilliseconds();
    for (const wake of listeners) wake();
  };
  const ticker: Ticker = {
    subscribe(wake) {
      listeners.add(wake);
      if (timer === undefined) {
        moment = nowMilliseconds();
        timer = setInterval(beat, seconds * 1000);
      }
      return () => {
        listeners.delete(wake);
        if (listeners.size === 0 && timer !== undefined) {
          clearInterval(timer);
          timer = undefined;
        }
      };
    },
    read: () => moment,
  };
  tickers.set(seconds, ticker);
  return ticker;
}

/** The present in milliseconds, renewed every `everySeconds` (default 30) while mounted. */
export function useNow(everySeconds = 30): number {
  const ticker = tickerEvery(everySeconds);
  return useSyncExternalStore(ticker.subscribe, ticker.read, ticker.read);
}
