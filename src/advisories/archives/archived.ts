/** A file of an archive: what is in it, or why it was not read. */
export type ArchivedFile =
  | {
      readonly name: string;
      /** Only until the next file is asked for. */
      readonly content: Buffer;
    }
  | { readonly name: string; readonly reason: string };

/** Why an archive as a whole cannot be used. */
type ArchiveFaultCode = 'archiveDamaged' | 'archiveUnknown' | 'archiveTooLarge';

export class ArchiveFault extends Error {
  override readonly name = 'ArchiveFault';
  readonly code: ArchiveFaultCode;

  constructor(code: ArchiveFaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface ArchiveLimits {
  /** Bytes of one file; a larger one is set aside. */
  readonly fileBytes: number;
  /** Bytes of everything in it, unpacked. */
  readonly totalBytes: number;
  readonly files: number;
}

/** The largest advisory there is has some megabytes; everything of OSV together some gigabytes. */
export const archiveLimits: ArchiveLimits = {
  fileBytes: 32 * 1024 * 1024,
  totalBytes: 32 * 1024 * 1024 * 1024,
  files: 5_000_000,
};

/** An archive that lies open: as `open` of `node:fs/promises` gives it. */
export interface OpenArchive {
  stat(): Promise<{ readonly size: number }>;
  read(
    into: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
}

/** So many bytes from a place on; fewer where the archive ends. */
export async function bytesAt(
  file: OpenArchive,
  position: number,
  length: number,
): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** @param message what is wrong, without more of the archive than a name */
export function damaged(message: string, cause?: unknown): ArchiveFault {
  return new ArchiveFault('archiveDamaged', message.slice(0, 200), { cause });
}
