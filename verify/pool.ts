import { Worker } from 'node:worker_threads';
import { type Job, type JobResult, runJob } from './jobs.ts';

/**
 * Does jobs on `threads` worker threads and tells each result with the place of its job. With one
 * thread, the work is done here. A thread that dies stops everything: half a verification is none.
 */
export async function runJobs(
  jobs: readonly Job[],
  threads: number,
  onResult: (result: JobResult, place: number) => void,
): Promise<void> {
  if (threads <= 1) {
    for (const [place, job] of jobs.entries()) {
      onResult(runJob(job), place);
      await new Promise(setImmediate); // lets progress be drawn
    }
    return;
  }
  let next = 0;
  const lanes = Array.from({ length: Math.min(threads, jobs.length) }, async () => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      // Most of what a worker holds lies outside the heap; this keeps garbage from piling up in it.
      resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 },
    });
    try {
      for (let place = next++; place < jobs.length; place = next++) {
        onResult(await ask(worker, jobs[place] as Job), place);
      }
    } finally {
      await worker.terminate();
    }
  });
  await Promise.all(lanes);
}

function ask(worker: Worker, job: Job): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const onMessage = (result: JobResult) => settle(() => resolve(result));
    const onError = (error: unknown) => settle(() => reject(error));
    const onExit = (code: number) =>
      settle(() => reject(new Error(`a verifying thread ended with code ${code}`)));
    // One by one: removing all listeners would remove Node's own, without which nothing arrives.
    const settle = (act: () => void) => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      act();
    };
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(job);
  });
}
