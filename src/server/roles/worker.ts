import { parentPort, workerData } from 'node:worker_threads';
import {
  type Mined,
  type MiningProgress,
  mineRoles,
  type Relation,
} from '../../clauses/access/mining.ts';

/** What the thread says: how far it is, now and then, and at the end what it found. */
export type Said = { readonly progress: MiningProgress } | { readonly mined: Mined };

/** Between two words about the progress. */
const sayMs = 200;

function search(relation: Relation, say: (said: Said) => void): void {
  const steps = mineRoles(relation);
  let saidAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const step = steps.next();
    if (step.done) {
      say({ mined: step.value });
      return;
    }
    const now = performance.now();
    if (now - saidAt < sayMs) continue;
    saidAt = now;
    say({ progress: step.value });
  }
}

search(workerData as Relation, (said) => parentPort?.postMessage(said));
