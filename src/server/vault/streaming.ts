import { log } from '../../platform/log.ts';
import { DoorClosed } from './closed.ts';

/**
 * A body of an answer from pieces as they come; a reader who goes away ends their making. An error in
 * the middle cuts the connection: who reads sees that less came than was announced.
 */
export function bodyStream(bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const pieces = bytes[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await pieces.next().catch(cutShort);
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await pieces.return?.();
      },
    },
    { highWaterMark: 4 },
  );
}

/** The answer is under way: all that can still be said is said in the log, by ids. */
function cutShort(thrown: unknown): never {
  const what = thrown instanceof DoorClosed ? { ...thrown.refusal.params } : { error: thrown };
  const code = thrown instanceof DoorClosed ? thrown.refusal.code : 'fault';
  log.error('an answer of the vault was cut short', { code, ...what });
  throw thrown;
}
