import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CliFault, type Exit, exit } from '../exit.ts';
import { progressOn } from '../progress.ts';
import { answer, type Terminal } from '../terminal.ts';

export interface VerifyFlags {
  readonly key?: string;
  readonly with?: string;
}

/** Verifies an exported ledger, or the proof of one entry, on this machine, without any server. */
export async function verify(terminal: Terminal, name: string, flags: VerifyFlags): Promise<Exit> {
  const [{ verifyExport }, { reportText, proofText }, { verifyProof }] = await Promise.all([
    import('../../../verify/verify.ts'),
    import('../../../verify/main.ts'),
    import('../../../verify/proof.ts'),
  ]);
  const path = resolve(terminal.folder, name);
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) {
    const proven = verifyProof(readFileSync(path, 'utf8'), flags.key);
    answer(terminal, { ...proven }, proofText(proven));
    return proven.ok ? exit.ok : exit.refused;
  }
  const progress = progressOn(terminal);
  const report = await verifyExport(path, {
    ...(flags.key ? { key: flags.key } : {}),
    ...(flags.with ? { with: resolve(terminal.folder, flags.with) } : {}),
    onProgress: (verified, size) => progress.show(`Verifying: ${verified} of ${size} entries`),
  }).catch((cause: unknown) => {
    throw new CliFault(exit.usage, `${name} cannot be read: ${(cause as Error).message}`, cause);
  });
  progress.done();
  answer(terminal, report, reportText(report));
  return report.ok ? exit.ok : exit.refused;
}
