import { log } from '../platform/log.ts';

export interface Heart {
  /** Beats soon instead of at its next turn. */
  hurry(): void;
  /** Lets the beat under way end and makes no other. */
  stop(): Promise<void>;
}

/** A command that appended entries is followed so soon; what comes within it is one beat. */
const hurryMs = 50;

/**
 * Under load a hurried beat waits so many times as long as the last one took, within bounds: those
 * who write have most of the machine, and a beat has more to do at once, which costs it less.
 */
const restTimes = 4;
const restLimitMs = 300;

/**
 * Calls `beat` again and again, never twice at once: `everyMs` after the last has ended, or sooner
 * when hurried. A beat that throws is logged and followed by the next; the tick is idempotent.
 */
export function startHeart(beat: () => Promise<unknown>, everyMs: number): Heart {
  let timer: NodeJS.Timeout | null = null;
  let beating: Promise<void> | null = null;
  let hurried = false;
  let stopped = false;
  let restUntil = 0;

  const soonMs = (): number => Math.max(hurryMs, restUntil - performance.now());
  const schedule = (ms: number): void => {
    if (timer) clearTimeout(timer);
    timer = stopped ? null : setTimeout(run, ms);
  };
  const run = (): void => {
    timer = null;
    hurried = false;
    const from = performance.now();
    beating = beat()
      .then(
        () => undefined,
        (error: unknown) => log.error('tick failed', { error }),
      )
      .finally(() => {
        beating = null;
        const now = performance.now();
        restUntil = now + Math.min(restLimitMs, restTimes * (now - from));
        schedule(hurried ? soonMs() : everyMs);
      });
  };
  schedule(0);
  return {
    hurry: () => {
      if (hurried) return;
      hurried = true;
      if (!beating) schedule(soonMs());
    },
    stop: async () => {
      stopped = true;
      if (timer) clearTimeout(timer);
      await beating;
    },
  };
}
