import { type Caller, digestHeader, jsonOf } from './calling.ts';
import type { Written } from './objects.ts';

/** Bytes that can be read from anywhere: a file, a `Blob`, memory. */
export interface Source {
  /** In bytes. */
  readonly size: number;
  /** Bytes `from` up to, not including, `to`. */
  read(from: number, to: number): Promise<Uint8Array>;
}

export interface UploadOptions {
  readonly mediaType?: string;
  /** Goes on with an upload that was begun before; the source must be the same. */
  readonly resume?: string;
  /** Told once, so that it can be kept and resumed by: the id of the upload. */
  readonly onBegun?: (id: string) => void | Promise<void>;
  /** Told in bytes that are stored. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Parts on their way at a time; 3 where nothing is said. */
  readonly atOnce?: number;
  /** Gives up at the next part; what is there stays, to be resumed. */
  readonly signal?: AbortSignal;
}

interface State {
  readonly id: string;
  readonly size: number;
  readonly partBytes: number;
  readonly parts: number;
  readonly complete: boolean;
  readonly there?: readonly { readonly number: number; readonly size: number }[];
}

interface Places {
  readonly customer: string;
  readonly collection: string;
}

export function sourceOf(bytes: Uint8Array | Blob): Source {
  if (bytes instanceof Blob) {
    const read = async (from: number, to: number) =>
      new Uint8Array(await bytes.slice(from, to).arrayBuffer());
    return { size: bytes.size, read };
  }
  return { size: bytes.length, read: async (from, to) => bytes.subarray(from, to) };
}

/** Sends what is not there yet, part by part, each with its digest, and has the vault join them. */
export async function upload(
  call: Caller,
  { customer, collection }: Places,
  name: string,
  source: Source,
  options: UploadOptions,
): Promise<Written> {
  const state = options.resume
    ? await jsonOf<State>(call({ method: 'GET', path: `${customer}/uploads/${options.resume}` }))
    : await jsonOf<State>(
        call({
          method: 'POST',
          path: `${collection}/uploads`,
          json: { name, size: source.size, mediaType: options.mediaType ?? null },
        }),
      );
  if (state.size !== source.size) {
    throw new RangeError(`the upload is of ${state.size} bytes; the source has ${source.size}`);
  }
  if (!options.resume) await options.onBegun?.(state.id);
  const path = `${customer}/uploads/${state.id}`;
  const digests = await sendParts(call, path, source, state, options);
  const finish = { method: 'POST', path: `${path}/complete`, json: { digests } };
  return jsonOf(call(finish));
}

async function sendParts(
  call: Caller,
  path: string,
  source: Source,
  { parts, partBytes, there = [], complete }: State,
  { onProgress, atOnce = 3, signal }: UploadOptions,
): Promise<readonly string[]> {
  const digests: string[] = Array.from({ length: parts }, () => '');
  const known = new Set(there.map(({ number }) => number));
  let next = 1;
  let done = there.reduce((sum, { size }) => sum + size, 0);
  const work = async (): Promise<void> => {
    for (let number = next++; number <= parts; number = next++) {
      signal?.throwIfAborted();
      const from = (number - 1) * partBytes;
      const bytes = await source.read(from, Math.min(from + partBytes, source.size));
      const digest = await digestHeader(bytes);
      digests[number - 1] = digest;
      // What is there has its digest compared when the parts are joined.
      if (complete || known.has(number)) continue;
      await call({
        method: 'PUT',
        path: `${path}/parts/${number}`,
        body: bytes,
        headers: { 'content-digest': digest, 'content-type': 'application/octet-stream' },
        ...(signal ? { signal } : {}),
      });
      done += bytes.length;
      onProgress?.(done, source.size);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, parts) }, work));
  return digests;
}
