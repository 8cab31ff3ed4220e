import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { ExportSink } from '../../ledger/exported.ts';

const blockBytes = 512;

/**
 * An export as an uncompressed POSIX (ustar) archive, written while it is read: one file in memory
 * at a time.
 */
export function tarOf(write: (sink: ExportSink) => Promise<unknown>): AsyncIterable<Uint8Array> {
  const out = new PassThrough({ highWaterMark: 1024 * 1024 });
  const push = async (bytes: Uint8Array): Promise<void> => {
    if (!out.write(bytes)) await once(out, 'drain');
  };
  const sink: ExportSink = {
    async create(path) {
      const pieces: Uint8Array[] = [];
      return {
        write: async (bytes) => {
          pieces.push(bytes.slice());
        },
        close: async () => {
          const content = Buffer.concat(pieces);
          await push(header(path, content.length));
          await push(content);
          await push(Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes));
        },
      };
    },
  };
  write(sink).then(
    async () => {
      await push(Buffer.alloc(2 * blockBytes));
      out.end();
    },
    (error: unknown) => out.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return out;
}

/** A ustar header (IEEE Std 1003.1, pax): paths of an export are short and plain. */
function header(path: string, size: number): Uint8Array {
  const block = Buffer.alloc(blockBytes);
  block.write(path, 0, 100);
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
