import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Memory of large pieces, given back as soon as it is not needed. What a stream is made of lies
 * outside of the heap, and only a collection of the whole heap would free it: of a server's heap that
 * costs more than sealing the bytes does. So whoever makes a piece for nobody but the next one
 * hands it over, and whoever is the last to use it lets it go.
 */

const handedOver = new WeakSet<ArrayBufferLike>();

/** Says that nobody but who gets these bytes has them; they may be let go of. */
export function handOver<Bytes extends Uint8Array>(bytes: Bytes): Bytes {
  // What shares its memory, as small buffers of Node do, belongs to others too.
  const isWhole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  if (isWhole) handedOver.add(bytes.buffer);
  return bytes;
}

/**
 * Frees the memory of bytes that were handed over, and leaves all others as they are. Afterwards they
 * are empty: nothing may still be under way that reads them, a write of the file system neither.
 */
export function letGo({ buffer }: Uint8Array): void {
  if (handedOver.delete(buffer) && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/**
 * From now on the heap gives speed for memory: the server waits for PostgreSQL most of its time. Asked
 * for at the start it would cost a second there, in collecting what only starting makes.
 */
export function saveMemory(): void {
  setFlagsFromString('--optimize-for-size');
  // The heap is let grow from what is alive now, not from what starting left behind.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
}
