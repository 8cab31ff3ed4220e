import { type Exit, exit } from '../exit.ts';
import { ask, findServer } from '../server.ts';
import { answer, type Terminal } from '../terminal.ts';

interface PublicPromise {
  readonly id: string;
  readonly clause: string;
  /** Hidden where the organisation does not publish statuses and no token lets us read them. */
  readonly status: 'kept' | 'due' | 'broken' | 'unknown' | 'hidden';
  readonly reason: string | null;
  readonly provenAt: string | null;
}

const order = ['broken', 'unknown', 'due', 'kept'] as const;

/** Prints how many promises are kept, and each that is not. */
export async function status(terminal: Terminal): Promise<Exit> {
  const server = await findServer(terminal);
  const promises = await ask<readonly PublicPromise[]>(server, '/api/v1/promises');
  const counts = Object.fromEntries(
    order.map((each) => [each, promises.filter((it) => it.status === each).length]),
  );
  answer(terminal, { url: server.url, counts, promises }, statusText(server.url, promises));
  return exit.ok;
}

export function statusText(url: string, promises: readonly PublicPromise[]): string {
  const of = (status: PublicPromise['status']) => promises.filter((it) => it.status === status);
  if (of('hidden').length > 0)
    return `${url}: ${promises.length} promises; how they stand is not published. Set KEPT_TOKEN to read it.`;
  const kept = of('kept').length + of('due').length;
  const lines = [
    `${url}: ${kept} of ${promises.length} promises kept, ${of('broken').length} broken, ${of('unknown').length} unknown, ${of('due').length} due soon`,
  ];
  for (const each of ['broken', 'unknown', 'due'] as const) {
    for (const { id, reason } of of(each))
      lines.push(`  ${each.padEnd(8)} ${id.padEnd(8)} ${reason ?? ''}`.trimEnd());
  }
  return lines.join('\n');
}
