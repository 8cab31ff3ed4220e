import { instantText } from '../../kernel/instant.ts';
import type { Json } from '../../kernel/json.ts';
import { encryptStream } from '../../platform/age/stream.ts';
import type { ExportForm } from '../../registers/portal/facts.ts';
import type { ExportPart } from '../../registers/portal/store.exports.ts';
import type { Door } from '../vault/reading.ts';
import { readme } from './readme.ts';
import { tracesOf } from './sealed.ts';
import { isTrace, type Trace } from './trace.ts';
import { entryBytes } from './writing.ts';
import { centralHeader, endOfArchive } from './zip.ts';

/** What the manifest says of the account besides what is counted. */
export interface About {
  readonly form: ExportForm;
  readonly madeAt: Temporal.Instant;
  readonly account: Readonly<Record<string, Json>>;
}

/** What an archive holds, counted from what was laid into it. */
export interface Counted {
  objects: number;
  records: number;
  missed: number;
  readonly collections: Map<string, { objects: number; bytes: number; records: number }>;
}

export async function counted(door: Door, parts: readonly ExportPart[]): Promise<Counted> {
  const all: Counted = { objects: 0, records: 0, missed: 0, collections: new Map() };
  for await (const line of tracesOf(door, parts)) {
    if (!isTrace(line)) {
      all.missed += 1;
      continue;
    }
    const { holds } = line;
    if (!holds) continue;
    const of = all.collections.get(holds.collection) ?? { objects: 0, bytes: 0, records: 0 };
    all.collections.set(holds.collection, of);
    if (holds.kind === 'object') {
      all.objects += 1;
      of.objects += 1;
      of.bytes += holds.size;
    } else {
      all.records += holds.count;
      of.records += holds.count;
    }
  }
  return all;
}

/**
 * The end of an archive: the list of objects, the manifest, a page that explains both, the checksums
 * of everything, and the central directory. Only a line at a time is ever held.
 *
 * @returns traces of what it added
 */
export async function* lastBytes(
  door: Door,
  parts: readonly ExportPart[],
  startsAt: number,
  about: About,
): AsyncGenerator<Uint8Array, readonly Trace[]> {
  const all = await counted(door, parts);
  const sealed = about.form === 'age';
  const ending = sealed ? '.age' : '';
  const modified = about.madeAt.epochMilliseconds;
  const added: Trace[] = [];
  let at = startsAt;
  const closing = async function* (path: string, bytes: AsyncIterable<Uint8Array>) {
    const content = { path, modified, size: null, bytes, sha256: null, holds: null };
    const entry = entryBytes(content, at);
    for (let next = await entry.next(); ; next = await entry.next()) {
      if (next.done) {
        added.push(next.value);
        return;
      }
      at += next.value.length;
      yield next.value;
    }
  };
  const sealing = async (bytes: AsyncIterable<Uint8Array>) =>
    sealed
      ? encryptStream([(await door.keyring.current()).identity.recipient], bytes, (count) =>
          door.world.random(count),
        )
      : bytes;
  yield* closing(`objects.jsonl${ending}`, await sealing(objectLines(door, parts)));
  yield* closing(`manifest.json${ending}`, await sealing(one(manifestOf(about, all))));
  yield* closing('README.txt', one(readme(about.form)));
  yield* closing('SHA256SUMS', sums(door, parts, added));
  yield* directoryBytes(door, parts, added, at);
  return added;
}

/** The central directory and what closes it (APPNOTE 4.3.12 to 4.3.16). */
export async function* directoryBytes(
  door: Door,
  parts: readonly ExportPart[],
  added: readonly Trace[],
  offset: number,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  let entries = 0;
  for await (const trace of everyTrace(door, parts, added)) {
    const header = centralHeader(trace);
    size += header.length;
    entries += 1;
    yield header;
  }
  yield endOfArchive(entries, { offset, size });
}

async function* everyTrace(
  door: Door,
  parts: readonly ExportPart[],
  added: readonly Trace[],
): AsyncGenerator<Trace> {
  for await (const line of tracesOf(door, parts)) if (isTrace(line)) yield line;
  yield* added;
}

async function* objectLines(door: Door, parts: readonly ExportPart[]): AsyncGenerator<Uint8Array> {
  for await (const line of tracesOf(door, parts)) {
    if (!isTrace(line) || line.holds?.kind !== 'object') continue;
    const { kind: _, ...object } = line.holds;
    yield Buffer.from(`${JSON.stringify(object)}\n`);
  }
}

/** As `sha256sum` writes them and `sha256sum --check` reads them. */
async function* sums(
  door: Door,
  parts: readonly ExportPart[],
  added: readonly Trace[],
): AsyncGenerator<Uint8Array> {
  for await (const { path, sha256 } of everyTrace(door, parts, [...added])) {
    yield Buffer.from(`${sha256}  ${path}\n`);
  }
}

function manifestOf(about: About, all: Counted): string {
  const collections = [...all.collections].sort(([a], [b]) => (a < b ? -1 : 1));
  const manifest = {
    format: 'kept.export/1',
    form: about.form,
    madeAt: instantText(about.madeAt),
    account: about.account,
    objects: all.objects,
    records: all.records,
    deletedMeanwhile: all.missed,
    collections: collections.map(([collection, counts]) => ({ collection, ...counts })),
    lists: {
      objects: `objects.jsonl${about.form === 'age' ? '.age' : ''}`,
      checksums: 'SHA256SUMS',
    },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

async function* one(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
