/**
 * The bucket in which OSV publishes (google.github.io/osv.dev/data): for each ecosystem a folder with
 * `all.zip`, every advisory as `<id>.json`, and `modified_id.csv`, the newest change first.
 */

export const usualBucket = 'https://osv-vulnerabilities.storage.googleapis.com';
export const usualEcosystems: readonly string[] = [
  ...['npm', 'PyPI', 'Go', 'Maven', 'NuGet', 'RubyGems', 'crates.io', 'Packagist'],
];

/** An advisory that has changed. */
export interface ChangedAdvisory {
  readonly id: string;
  readonly modifiedAt: Temporal.Instant;
}

/** What was given as a list of changes is none. */
export class ListFault extends Error {
  override readonly name = 'ListFault';
}

/** More changes than this no ecosystem has; whoever is so far behind takes the archive. */
const lineLimit = 2_000_000;
const lineChars = 1_000;

/** Address of a file in an ecosystem's folder. */
export function inBucket(address: string, ecosystem: string, file: string): string {
  return `${address.replace(/\/+$/, '')}/${encodeURIComponent(ecosystem)}/${encodeURIComponent(file)}`;
}

/**
 * What a list says has changed since a time, the oldest change first: whoever is cut off goes on where
 * they were. No more of the list is read than is new, nor than `atMost` changes and one.
 *
 * @param pieces of `modified_id.csv`, of any size
 * @throws ListFault
 */
export async function changesIn(
  pieces: AsyncIterable<Uint8Array>,
  since: Temporal.Instant,
  atMost = Number.POSITIVE_INFINITY,
): Promise<readonly ChangedAdvisory[]> {
  const changes = new Map<string, ChangedAdvisory>();
  let lines = 0;
  for await (const line of linesOf(pieces)) {
    const isList = ++lines <= lineLimit && line.length <= lineChars;
    if (isList && line === '') continue;
    const changed = isList ? changeOf(line) : null;
    if (!changed) throw new ListFault('this is no list of changes');
    // The newest comes first: from here on everything is known.
    if (Temporal.Instant.compare(changed.modifiedAt, since) < 0) break;
    if (!changes.has(changed.id)) changes.set(changed.id, changed);
    if (changes.size > atMost) break;
  }
  return [...changes.values()].toSorted(
    (a, b) => Temporal.Instant.compare(a.modifiedAt, b.modifiedAt) || (a.id < b.id ? -1 : 1),
  );
}

async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield* lines;
    // A line without an end would be gathered for ever: as much of it as there is, it is none.
    if (rest.length > lineChars) break;
  }
  yield rest + decoder.decode();
}

function changeOf(line: string): ChangedAdvisory | null {
  const comma = line.indexOf(',');
  // The list of the whole bucket names the folder as well.
  const id =
    line
      .slice(comma + 1)
      .trim()
      .split('/')
      .at(-1) ?? '';
  if (comma < 0 || id === '' || id.length > 200) return null;
  try {
    return { id, modifiedAt: Temporal.Instant.from(line.slice(0, comma).trim()) };
  } catch {
    return null;
  }
}
