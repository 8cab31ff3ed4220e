import { resolve } from 'node:path';
import { ArchiveFault } from '../archive.ts';
import { CliFault, type Exit, exit } from '../exit.ts';
import { progressOn, sizeText } from '../progress.ts';
import { call, findServer } from '../server.ts';
import { answer, type Terminal } from '../terminal.ts';
import { refuseFilled, unpack } from '../unpack.ts';

/** Fetches the whole ledger with everything a stranger needs to verify it, into a folder. */
export async function exportLedger(terminal: Terminal, name: string): Promise<Exit> {
  const folder = resolve(terminal.folder, name);
  await refuseFilled(folder);
  const server = await findServer(terminal);
  const response = await call(server, '/api/v1/ledger/export');
  if (!response.body) throw new CliFault(exit.fault, 'the server sent no archive');
  const progress = progressOn(terminal);
  try {
    // Node's web streams can be iterated over; the types of the browser's do not know it.
    const source = response.body as unknown as AsyncIterable<Uint8Array>;
    const written = await unpack(source, folder, ({ files, bytes }) =>
      progress.show(`Exporting: ${files} files, ${sizeText(bytes)}`),
    );
    progress.done();
    answer(
      terminal,
      { folder, ...written },
      `Exported ${written.files} files (${sizeText(written.bytes)}) to ${folder}\nVerify it anywhere: kept verify ${name}`,
    );
    return exit.ok;
  } catch (thrown) {
    progress.done();
    if (thrown instanceof ArchiveFault)
      throw new CliFault(exit.fault, `The export is not used: ${thrown.message}`, thrown);
    if (thrown instanceof TypeError)
      throw new CliFault(
        exit.unreachable,
        'The connection broke before the export was whole',
        thrown,
      );
    throw thrown;
  }
}
