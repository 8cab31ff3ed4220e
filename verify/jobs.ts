import { join } from 'node:path';
import type { Listed } from './manifest.ts';
import { type PartJob, type PartResult, verifyPart } from './part.ts';
import { type CheckName, type Problem, Problems } from './problem.ts';
import { fileDigest } from './stream.ts';

/** Digests of files that are compared with MANIFEST and with nothing else. */
export interface FilesJob {
  readonly folder: string;
  readonly files: readonly (readonly [path: string, listed: Listed])[];
}

export interface FilesResult {
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  readonly failed: readonly CheckName[];
}

export type Job =
  | { readonly kind: 'part'; readonly job: PartJob }
  | { readonly kind: 'files'; readonly job: FilesJob };
export type JobResult = PartResult | FilesResult;

/** Does one job; what a worker thread does, and the only thread of a small export. */
export function runJob(job: Job): JobResult {
  return job.kind === 'part' ? verifyPart(job.job) : verifyFiles(job.job);
}

function verifyFiles({ folder, files }: FilesJob): FilesResult {
  const problems = new Problems();
  for (const [file, listed] of files) {
    const found = digestOrNull(join(folder, file));
    if (found === null || found === listed.digest) continue;
    const message = 'the file is not the one that MANIFEST lists';
    problems.add({ check: 'files', file, message, expected: listed.digest, found });
  }
  return { problems: problems.listed, problemCount: problems.count, failed: [...problems.failed] };
}

/** Null where the file cannot be read: reported by the comparison of MANIFEST with the folder. */
function digestOrNull(path: string): string | null {
  try {
    return fileDigest(path);
  } catch {
    return null;
  }
}
