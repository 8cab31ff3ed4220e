import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file for as long as a block lasts: archives are read by position, which only a file allows. */
export interface Scratch extends AsyncDisposable {
  readonly path: string;
  /** Open to be read. */
  readonly file: FileHandle;
  readonly bytes: number;
}

/** Writes a stream into a file that nobody else may read, and that goes with the block. */
export async function scratchOf(source: AsyncIterable<Uint8Array>): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), 'kept-advisories-'));
  const path = join(folder, 'archive');
  const file = await open(path, 'wx+', 0o600);
  const remove = async (): Promise<void> => {
    await file.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    let bytes = 0;
    for await (const piece of source) {
      await file.writeFile(piece);
      bytes += piece.length;
    }
    return { path, file, bytes, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
