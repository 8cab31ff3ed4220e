// Verifies the export in the folder it is given, and says how that went and what it took.
import { verifyExport } from '../verify/verify.ts';

export interface Verified {
  readonly ok: boolean;
  /** The most that was resident at any time. */
  readonly rssBytes: number;
}

const { ok } = await verifyExport(process.argv[2] ?? '');
// POSIX and Node count it in kilobytes of 1024 bytes.
const verified: Verified = { ok, rssBytes: process.resourceUsage().maxRSS * 1024 };
process.stdout.write(JSON.stringify(verified));
