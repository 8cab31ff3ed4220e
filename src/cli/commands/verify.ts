import { resolve } from 'node:path';
import { CliFault, type Exit, exit } from '../exit.ts';
import { progressOn } from '../progress.ts';
import { answer, type Terminal } from '../terminal.ts';

export interface VerifyFlags {
  readonly key?: string;
  readonly with?: string;
}

/** Verifies an exported ledger on this machine, without any server. */
export async function verify(terminal: Terminal, name: string, flags: VerifyFlags): Promise<Exit> {
  const [{ verifyExport }, { reportText }] = await Promise.all([
    import('../../../verify/verify.ts'),
    import('../../../verify/main.ts'),
  ]);
  const progress = progressOn(terminal);
  const report = await verifyExport(resolve(terminal.folder, name), {
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
