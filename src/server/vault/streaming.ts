import type { ServerResponse } from 'node:http';
import type { Context } from 'hono';
import type { Env } from '../../platform/http/mount.ts';
import { log } from '../../platform/log.ts';
import { letGo } from '../../platform/memory.ts';
import { DoorClosed } from './closed.ts';

/** The answer on the socket, where there is one. */
type Outgoing = Pick<ServerResponse, 'headersSent' | 'writableLength'>;

/**
 * A body of an answer from pieces as they come; a reader who goes away ends their making. An error in
 * the middle cuts the connection: who reads sees that less came than was announced.
 */
export function bodyStream(
  c: Context<Env>,
  bytes: AsyncIterable<Uint8Array>,
): ReadableStream<Uint8Array> {
  const { outgoing } = (c.env ?? {}) as { readonly outgoing?: Outgoing };
  const pieces = bytes[Symbol.asyncIterator]();
  let sent: Uint8Array[] = [];
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        // Whoever asks for the next piece has written all before it, once the headers are; and where
        // nothing waits to be written, the system has them.
        if (outgoing?.headersSent && outgoing.writableLength === 0) {
          for (const piece of sent) letGo(piece);
          sent = [];
        }
        const next = await pieces.next().catch(cutShort);
        if (next.done) return controller.close();
        if (outgoing) sent.push(next.value);
        controller.enqueue(next.value);
      },
      async cancel() {
        await pieces.return?.();
      },
    },
    // Nothing is made before it is asked for: what is asked for tells what was written.
    { highWaterMark: 0 },
  );
}

/** The answer is under way: all that can still be said is said in the log, by ids. */
function cutShort(thrown: unknown): never {
  const what = thrown instanceof DoorClosed ? { ...thrown.refusal.params } : { error: thrown };
  const code = thrown instanceof DoorClosed ? thrown.refusal.code : 'fault';
  log.error('an answer of the vault was cut short', { code, ...what });
  throw thrown;
}
