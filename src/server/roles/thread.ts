import { Worker } from 'node:worker_threads';
import type { Mined, MiningProgress, Relation } from '../../clauses/access/mining.ts';
import type { Said } from './worker.ts';

/** What a search may take at most: a system beyond that is told to be too large. */
const mostMemoryMb = 2048;

/** The search needed more memory than it may have. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/**
 * Searches for roles in a thread of its own, so that requests are answered meanwhile.
 *
 * @returns what was found; null where `signal` ended the search
 * @throws TooLarge
 */
export function mineInThread(
  relation: Relation,
  tell: (progress: MiningProgress) => void,
  signal: AbortSignal,
): Promise<Mined | null> {
  if (signal.aborted) return Promise.resolve(null);
  const { promise, resolve, reject } = Promise.withResolvers<Mined | null>();
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: relation,
    resourceLimits: { maxOldGenerationSizeMb: mostMemoryMb },
  });
  const end = (): void => {
    resolve(null);
    void worker.terminate();
  };
  signal.addEventListener('abort', end, { once: true });
  worker.on('message', (said: Said) => {
    if ('progress' in said) tell(said.progress);
    else resolve(said.mined);
  });
  worker.on('error', (cause: NodeJS.ErrnoException) => {
    reject(
      cause.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new TooLarge('too large', { cause }) : cause,
    );
  });
  worker.on('exit', (code) => reject(new Error(`the thread ended with ${code} and no answer`)));
  return promise.finally(() => signal.removeEventListener('abort', end));
}
