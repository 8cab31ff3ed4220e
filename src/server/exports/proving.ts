import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Fault } from '../../kernel/fault.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { ExportPart } from '../../registers/portal/store.exports.ts';
import { heldSince } from '../../registers/vault/store.clearing.ts';
import type { Door } from '../vault/reading.ts';
import { Front } from './bytes.ts';
import { directoryBytes } from './last.ts';
import { archiveBytes, archiveSize, tracesOf } from './sealed.ts';
import { isTrace, type Trace } from './trace.ts';
import { descriptor, localHeader } from './zip.ts';

/** What was found by reading an archive back. */
export interface Proven {
  /** Of the whole archive; hexadecimal. */
  readonly sha256: string;
  readonly size: number;
  readonly objects: number;
  readonly records: number;
  readonly missed: number;
}

/**
 * Reads a whole archive back, as it is stored, and compares it with what it should be: each header
 * byte for byte, each content with the digest that the vault itself has of it, the directory, and
 * how much there is with what was held when the export began.
 *
 * @param alive called now and then; throws where the work is to stop
 * @throws Fault where anything differs, with where
 */
export async function prove(
  door: Door,
  parts: readonly ExportPart[],
  began: Instant,
  alive: () => Promise<void>,
): Promise<Proven> {
  const size = archiveSize(parts);
  const whole = createHash('sha256');
  const front = new Front(hashed(archiveBytes(door, parts, { from: 0, to: size }), whole));
  const found = { objects: 0, records: 0, missed: 0, before: 0 };
  try {
    for await (const line of tracesOf(door, parts)) {
      await alive();
      if (!isTrace(line)) {
        found.missed += 1;
        continue;
      }
      await proveEntry(front, line);
      count(found, line, began);
    }
    for await (const expected of directoryBytes(door, parts, [], front.at)) {
      mustBe(await front.take(expected.length), expected, 'the directory', front.at);
    }
    if (!(await front.isOver())) differs('the end', front.at);
  } finally {
    await front.end();
  }
  // What is there now and was there before can only have become less since: all of it must be in it.
  const held = await heldSince(door.world.database.db, door.customerId, began);
  if (found.before + found.missed < held.objects + held.records) {
    throw new Fault(
      `the archive holds ${found.before} of ${held.objects + held.records} objects and records`,
      { retryable: true },
    );
  }
  const { objects, records, missed } = found;
  return { sha256: whole.digest('hex'), size, objects, records, missed };
}

async function proveEntry(front: Front, trace: Trace): Promise<void> {
  const { path, modified, size, crc, trailing, offset } = trace;
  if (front.at !== offset) differs(`the place of an entry`, front.at);
  const known = trailing ? { size: announced(trace), crc: null } : { size, crc };
  const header = localHeader({ path, modified, ...known });
  mustBe(await front.take(header.length), header, 'a header', offset);
  const digest = createHash('sha256');
  let sum = 0;
  await front.pass(size, (piece) => {
    digest.update(piece);
    sum = crc32(piece, sum);
  });
  if (digest.digest('hex') !== trace.sha256) differs('a content', offset);
  if (sum !== crc) differs('a checksum', offset);
  if (!trailing) return;
  const behind = descriptor(announced(trace), size, crc);
  mustBe(await front.take(behind.length), behind, 'a descriptor', front.at);
}

/** What the header announced: lists that close an archive were not measured before. */
const announced = ({ holds, size }: Trace): number | null => (holds ? size : null);

function count(
  found: { objects: number; records: number; before: number },
  { holds }: Trace,
  began: Instant,
): void {
  if (holds?.kind === 'object') {
    found.objects += 1;
    if (Temporal.Instant.compare(Temporal.Instant.from(holds.madeAt), began) <= 0)
      found.before += 1;
  } else if (holds) {
    found.records += holds.count;
    found.before += holds.before;
  }
}

function mustBe(bytes: Buffer, expected: Uint8Array, what: string, at: number): void {
  if (!bytes.equals(expected)) differs(what, at);
}

/** Names of entries are the customer's: only places are said. */
function differs(what: string, at: number): never {
  throw new Fault(`read back, ${what} differs from what was written, at byte ${at}`, {
    retryable: true,
  });
}

async function* hashed(
  bytes: AsyncIterable<Uint8Array>,
  digest: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    digest.update(piece);
    yield piece;
  }
}
