// Verifies the export in the folder it is given, and says how that went and what it took.
import { readFileSync } from 'node:fs';
import { verifyExport } from '../verify/verify.ts';

export interface Verified {
  readonly ok: boolean;
  /** The most that was resident at any time. */
  readonly rssBytes: number;
}

const { ok } = await verifyExport(process.argv[2] ?? '');
const verified: Verified = { ok, rssBytes: mostResident() * 1024 };
process.stdout.write(JSON.stringify(verified));

/**
 * In kilobytes of 1024 bytes. What getrusage tells is, on Linux, at least what the program that
 * started this one had; the kernel's own mark begins anew with this program.
 */
function mostResident(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS;
  const [, mark = ''] =
    /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(mark);
}
