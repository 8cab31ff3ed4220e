import type { Caller } from './calling.ts';
import { VaultProblem } from './problem.ts';

export interface Place {
  readonly path: string;
  readonly etag: string;
  readonly from: number;
  readonly to: number;
}

/** How often in a row a connection may be cut before anything more has come. */
const barrenLimit = 5;

/**
 * The bytes of an answer, whole: where the connection is cut, the rest is asked for, of the very
 * object that was begun. One that was overwritten meanwhile ends the reading with
 * `preconditionFailed`; what is damaged, with `storedObjectDamaged`.
 */
export function readOn(
  call: Caller,
  { path, etag, from, to }: Place,
  first: Response,
): ReadableStream<Uint8Array> {
  let at = from;
  let barren = 0;
  let reader = first.body?.getReader();
  const resume = async (cause: unknown): Promise<void> => {
    barren += 1;
    if (barren > barrenLimit) throw cause;
    const headers = { range: `bytes=${at}-${to - 1}`, 'if-match': etag };
    reader = (await call({ method: 'GET', path, headers })).body?.getReader();
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        if (at === to) return controller.close();
        try {
          const next = await reader?.read();
          if (next?.value) {
            at += next.value.length;
            barren = 0;
            return controller.enqueue(next.value);
          }
          await resume(new Error(`the answer ended ${to - at} bytes early`));
        } catch (thrown) {
          if (thrown instanceof VaultProblem) throw thrown;
          await resume(thrown);
        }
      }
    },
    cancel: (reason) => reader?.cancel(reason),
  });
}
