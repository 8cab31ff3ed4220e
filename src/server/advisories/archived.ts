import type { ImportProblem } from '../../registers/advisories/facts.ts';

/** A file of an archive: its text, or why it was not read. */
export type ArchivedText =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly reason: string };

/** The archive as a whole cannot be used. */
export class ArchiveFault extends Error {
  override readonly name = 'ArchiveFault';
  readonly code: ImportProblem & `archive${string}`;

  constructor(code: ArchiveFault['code'], message: string, options?: ErrorOptions) {
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

/** @param message what is wrong, without more of the archive than a name */
export function damaged(message: string, cause?: unknown): ArchiveFault {
  return new ArchiveFault('archiveDamaged', message.slice(0, 200), { cause });
}
