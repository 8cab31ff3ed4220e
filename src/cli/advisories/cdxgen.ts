import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBill } from '../../inventory/bills.ts';
import type { Inventory } from '../../inventory/component.ts';
import { CliFault, exit } from '../exit.ts';

/**
 * Has `@cyclonedx/cdxgen` make a bill of materials of a folder, for what is not read directly. It is a
 * program of its own, which may ask build tools of the folder: for folders that one trusts.
 *
 * @param program name or path of cdxgen
 * @throws CliFault where it is not installed, or makes no bill
 */
export async function billByCdxgen(program: string, folder: string): Promise<Inventory> {
  const work = await mkdtemp(join(tmpdir(), 'kept-cdxgen-'));
  const bill = join(work, 'bom.json');
  try {
    await ran(program, ['--no-install-deps', '--spec-version', '1.6', '-o', bill, folder]);
    return await readBill(await readFile(bill, 'utf8'));
  } catch (cause) {
    if (cause instanceof CliFault) throw cause;
    throw new CliFault(
      exit.refused,
      `cdxgen has made no bill of materials of ${folder}: ${(cause as Error).message}`,
      cause,
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function ran(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(-2_000);
  });
  const code = await once(child, 'close').then(
    ([ended]: readonly unknown[]) => ended,
    (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'ENOENT' ? `there is no ${program}` : cause.message;
      const action = 'npm install --global @cyclonedx/cdxgen, or set KEPT_CDXGEN to its path';
      throw new CliFault(exit.usage, { title: `cdxgen cannot be run: ${why}`, action }, cause);
    },
  );
  if (code === 0) return;
  const detail = said.trim().split('\n').at(-1) ?? '';
  throw new CliFault(exit.refused, { title: `cdxgen ended with ${code}`, detail });
}
