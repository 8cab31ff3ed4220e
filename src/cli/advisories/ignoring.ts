import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Match } from '../../inventory/scanned.ts';
import { CliFault, exit } from '../exit.ts';

const ignoring = z.strictObject({
  ignore: z.array(
    z.strictObject({
      id: z.string().min(1),
      /** Name of the package; every one where it is missing. */
      package: z.string().optional(),
      reason: z.string().min(1),
      /** The last day on which it is ignored. */
      until: z.iso.date(),
    }),
  ),
});

export type Ignored = z.output<typeof ignoring>['ignore'][number];

export interface Sorted {
  readonly counted: readonly Match[];
  readonly ignored: readonly {
    readonly match: Match;
    readonly reason: string;
    readonly until: string;
  }[];
  /** Entries whose day has passed: what they ignored counts again. */
  readonly expired: readonly Ignored[];
}

/** Sorts out what is to be ignored: each with a reason and a last day. */
export function sortIgnored(
  matches: readonly Match[],
  entries: readonly Ignored[],
  today: Temporal.PlainDate,
): Sorted {
  const isCurrent = ({ until }: Ignored) => Temporal.PlainDate.compare(until, today) >= 0;
  const current = entries.filter(isCurrent);
  const counted: Match[] = [];
  const ignored: { match: Match; reason: string; until: string }[] = [];
  for (const match of matches) {
    const found = current.find((entry) => concerns(entry, match));
    if (found) ignored.push({ match, reason: found.reason, until: found.until });
    else counted.push(match);
  }
  const expired = entries.filter(
    (entry) => !isCurrent(entry) && matches.some((match) => concerns(entry, match)),
  );
  return { counted, ignored, expired };
}

function concerns(entry: Ignored, { ids, component }: Match): boolean {
  return ids.includes(entry.id) && (entry.package ?? component.name) === component.name;
}

/** The file that says what to ignore. @throws CliFault naming the entry that is wrong */
export async function readIgnored(path: string): Promise<readonly Ignored[]> {
  let value: unknown;
  try {
    value = parse(await readFile(path, 'utf8'), { maxAliasCount: 0, logLevel: 'error' });
  } catch (cause) {
    throw new CliFault(exit.usage, `${path} cannot be read: ${(cause as Error).message}`, cause);
  }
  const read = ignoring.safeParse(value);
  if (read.success) return read.data.ignore;
  const [issue] = read.error.issues;
  throw new CliFault(exit.usage, {
    title: `${path} is no list of what to ignore`,
    detail: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    action: 'give each entry an id, a reason and the last day it counts: until: 2027-01-31',
  });
}
