import { readFile } from 'node:fs/promises';
import type { Match } from '../../inventory/scanned.ts';
import type { Judged } from '../commands/scan.ts';
import { CliFault, exit } from '../exit.ts';
import { ask, findServer } from '../server.ts';
import type { Terminal } from '../terminal.ts';
import type { Inputs } from './inputs.ts';

/** As much as one request may carry. */
const limitBytes = 32 * 1024 * 1024;

interface SentFile {
  readonly name: string;
  readonly text: string;
}

/** What was read, as it stands in the files. @throws CliFault where it is more than a request carries */
async function filesOf({ files }: Inputs): Promise<readonly SentFile[]> {
  const sent: SentFile[] = [];
  let bytes = 0;
  for (const { path, file } of files) {
    if (file === null) {
      throw new CliFault(
        exit.usage,
        `${path} was made on this machine and cannot be sent: scan here`,
      );
    }
    const text = await readFile(file, 'utf8');
    bytes += text.length;
    if (bytes > limitBytes) {
      throw new CliFault(exit.usage, {
        title: `the files have more than ${limitBytes} bytes together, which is what the server takes at once`,
        action: 'name fewer files, each a source of its own',
      });
    }
    sent.push({ name: path, text });
  }
  return sent;
}

/** Has the server match it against its register; nothing is kept there. */
export async function judgedByServer(terminal: Terminal, inputs: Inputs): Promise<Judged> {
  const server = await findServer(terminal);
  const { files, unjudged } = await ask<{
    readonly files: readonly { readonly name: string; readonly matches: readonly Match[] }[];
    readonly unjudged: Judged['unjudged'];
  }>(server, '/api/v1/scans', { method: 'POST', body: { files: await filesOf(inputs) } });
  const byName = new Map(files.map(({ name, matches }) => [name, matches]));
  return { matches: inputs.files.map(({ path }) => byName.get(path) ?? []), unjudged };
}

interface Recorded {
  readonly components: number;
  readonly added: number;
  readonly gone: number;
  /** Components that count as gone once somebody else has confirmed it. */
  readonly doubted?: number | null;
  readonly complete: boolean;
}

/**
 * Records what was read as an audit of a source: what is found goes into the backlog, what is gone out of
 * it. Where a file could not be read the audit says that it is not complete, and proves nothing gone.
 *
 * @param goneBecause why most of what was known is gone: without it the server refuses such an audit
 * @returns how it went, for people
 * @throws CliFault with the server's own words where it refuses
 */
export async function recordAudit(
  terminal: Terminal,
  source: string,
  inputs: Inputs,
  goneBecause?: string,
): Promise<string> {
  const server = await findServer(terminal);
  const body = {
    files: await filesOf(inputs),
    complete: inputs.unread.length === 0,
    way: 'command',
    ...(goneBecause === undefined ? {} : { goneBecause }),
  };
  const path = `/api/v1/sources/${encodeURIComponent(source)}/audits`;
  const done = await ask<Recorded>(server, path, { method: 'POST', body });
  const { components, added, gone, doubted } = done;
  const whole = done.complete ? '' : '; not complete, so nothing counts as gone';
  const inDoubt = doubted
    ? `; ${doubted} more count as gone once somebody else has confirmed it`
    : '';
  return `Recorded as an audit of ${source}: ${components} components, ${added} added, ${gone} gone${whole}${inDoubt}\n`;
}
