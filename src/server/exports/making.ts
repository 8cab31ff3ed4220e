import type { Json } from '../../kernel/json.ts';
import type { World } from '../../platform/world.ts';
import { contactsOf } from '../../registers/customers/store.contacts.ts';
import { findCustomer } from '../../registers/customers/store.ts';
import {
  type ExportPart,
  type ExportPlace,
  type ExportRow,
  noteProgress,
  partsOf,
  savePart,
} from '../../registers/portal/store.exports.ts';
import { claimFile } from '../../registers/vault/store.discards.ts';
import { collectionsOf } from '../../registers/vault/store.objects.ts';
import type { Door } from '../vault/reading.ts';
import { dropStored } from '../vault/storing.ts';
import { contentsFrom, type Gone, type Item, type Source } from './contents.ts';
import { lastBytes } from './last.ts';
import { Paths } from './paths.ts';
import { type Proven, prove } from './proving.ts';
import { archiveSize, tracesOf } from './sealed.ts';
import { type StoredPart, storePartOf } from './storing.ts';
import { isTrace, type TraceLine, writtenLines } from './trace.ts';
import { entryBytes } from './writing.ts';

/** A part is closed once it has so much: what a crash costs is at most one part. */
const partLimit = { bytes: 64 * 1024 * 1024, items: 10_000 } as const;
const progressMs = 1_000;
const start: ExportPlace = { phase: 'objects', collection: '', id: null, file: 0 };

/** The export was cancelled, or another worker has it: what this one wrote of the part is given up. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

interface Job {
  readonly world: World;
  readonly door: Door;
  readonly row: ExportRow;
  readonly worker: string;
  readonly stop: AbortSignal;
  readonly progress: {
    itemsTotal: number;
    bytesTotal: number;
    itemsDone: number;
    bytesDone: number;
  };
  saidAt: number;
}

/**
 * Makes an archive, part by part, from wherever an earlier worker was cut off, and proves it.
 *
 * @throws Stopped where it was cancelled, taken over, or `stop` was pressed
 */
export async function makeArchive(
  world: World,
  door: Door,
  row: ExportRow,
  worker: string,
  stop: AbortSignal,
): Promise<Proven> {
  const parts = [...(await partsOf(world.database.db, row.id))];
  const progress = await totals(world, row, parts);
  const job: Job = { world, door, row, worker, stop, progress, saidAt: Number.NEGATIVE_INFINITY };
  const began = row.beganAt ?? row.askedAt;
  let place = parts.at(-1)?.continues ?? start;
  if (place.phase !== 'closing' && place.phase !== 'end') {
    const paths = new Paths();
    for await (const line of tracesOf(door, parts)) if (isTrace(line)) paths.remember(line.path);
    const items = contentsFrom({ door, form: row.form, paths, began } satisfies Source, place);
    try {
      while (place.phase !== 'closing') {
        const part = await writePart(job, items, parts, place);
        parts.push(part);
        place = part.continues;
      }
    } finally {
      await items.return(undefined);
    }
  }
  if (place.phase === 'closing') parts.push(await writeLastPart(job, parts));
  return prove(door, parts, began, () => say(job));
}

async function totals(
  world: World,
  { customerId }: ExportRow,
  parts: readonly ExportPart[],
): Promise<Job['progress']> {
  const collections = await collectionsOf(world.database.db, customerId);
  const sum = (of: (each: (typeof collections)[number]) => number) =>
    collections.reduce((all, each) => all + Number(of(each)), 0);
  return {
    itemsTotal: sum(({ objects }) => objects) + sum(({ records }) => records),
    bytesTotal: sum(({ objectBytes }) => objectBytes) + sum(({ recordBytes }) => recordBytes),
    itemsDone: parts.reduce((all, { items }) => all + items, 0),
    bytesDone: archiveSize(parts),
  };
}

/** Says how far it is, at most once a second, and hears whether to go on. @throws Stopped */
async function say(job: Job, now = false): Promise<void> {
  if (job.stop.aborted) throw new Stopped();
  if (!now && performance.now() - job.saidAt < progressMs) return;
  job.saidAt = performance.now();
  const { world, row, worker, progress } = job;
  const goesOn = await noteProgress(world.database.db, row.id, worker, progress, world.now());
  if (!goesOn) throw new Stopped();
}

async function writePart(
  job: Job,
  items: AsyncGenerator<Item | Gone>,
  parts: readonly ExportPart[],
  from: ExportPlace,
): Promise<ExportPart> {
  const startsAt = archiveSize(parts);
  const lines: TraceLine[] = [];
  const made = { continues: from, items: 0 };
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    let at = startsAt;
    while (at - startsAt < partLimit.bytes && lines.length < partLimit.items) {
      const next = await items.next();
      if (next.done) {
        made.continues = { phase: 'closing', collection: '', id: null, file: 0 };
        return;
      }
      const item = next.value;
      made.continues = item.after;
      if (item.kind === 'gone') {
        lines.push({ missed: item.id });
        continue;
      }
      const entry = entryBytes(item, at);
      let step = await entry.next();
      for (; !step.done; step = await entry.next()) {
        at += step.value.length;
        job.progress.bytesDone += step.value.length;
        await say(job);
        yield step.value;
      }
      lines.push(step.value);
      const held = item.holds.kind === 'records' ? item.holds.count : 1;
      made.items += held;
      job.progress.itemsDone += held;
    }
  };
  return storePart(job, { number: parts.length, startsAt, made, lines, bytes: bytes() });
}

async function writeLastPart(job: Job, parts: readonly ExportPart[]): Promise<ExportPart> {
  const startsAt = archiveSize(parts);
  const lines: TraceLine[] = [];
  const made = {
    continues: { phase: 'end', collection: '', id: null, file: 0 } as ExportPlace,
    items: 0,
  };
  const about = {
    form: job.row.form,
    madeAt: job.row.beganAt ?? job.row.askedAt,
    account: await accountOf(job.world, job.row.customerId),
  };
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    const last = lastBytes(job.door, parts, startsAt, about);
    let step = await last.next();
    for (; !step.done; step = await last.next()) {
      await say(job);
      yield step.value;
    }
    lines.push(...step.value);
  };
  return storePart(job, { number: parts.length, startsAt, made, lines, bytes: bytes() });
}

interface Made {
  readonly number: number;
  readonly startsAt: number;
  readonly made: { readonly continues: ExportPlace; readonly items: number };
  readonly lines: readonly TraceLine[];
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Both files durable, then the row that makes them a part: a crash in between leaves discards. */
async function storePart(job: Job, part: Made): Promise<ExportPart> {
  const { world, door, row, worker } = job;
  await door.keyring.refresh();
  const stored = await storePartOf(door, part.bytes);
  const trail = await storeTrail(door, part, stored);
  const { number, startsAt } = part;
  const saved: ExportPart = {
    number,
    storedAs: stored.storedAs,
    trailAs: trail.storedAs,
    keyVersion: stored.keyVersion,
    startsAt,
    size: stored.size,
    trailSize: trail.size,
    items: part.made.items,
    continues: part.made.continues,
  };
  const kept = await world.database.db.transaction().execute(async (tx) => {
    const isOurs = await savePart(tx, row.id, worker, saved);
    return (
      isOurs && (await claimFile(tx, stored.storedAs)) && (await claimFile(tx, trail.storedAs))
    );
  });
  if (!kept) {
    await dropStored(door, stored.storedAs);
    await dropStored(door, trail.storedAs);
    throw new Stopped();
  }
  await say(job, true);
  return saved;
}

async function storeTrail(door: Door, { lines }: Made, part: StoredPart): Promise<StoredPart> {
  const bytes = (async function* () {
    yield* writtenLines(lines);
  })();
  try {
    return await storePartOf(door, bytes);
  } catch (thrown) {
    await dropStored(door, part.storedAs);
    throw thrown;
  }
}

/** The account as its owner knows it: who it is, on which terms, who its contacts are. */
async function accountOf(world: World, customerId: string): Promise<Record<string, Json>> {
  const customer = await findCustomer(world.database.db, customerId);
  if (!customer) return {};
  const contacts = await contactsOf(world.database.db, customerId);
  const { id, key, name, basis, basisReference, termMonths, told, approvesCases, language } =
    customer;
  return {
    id,
    key,
    name,
    since: customer.since.toString(),
    basis,
    basisReference,
    termMonths,
    told,
    approvesCases,
    language,
    contacts: contacts.map(({ name: who, email, part, language: speaks }) => ({
      name: who,
      email,
      part,
      language: speaks,
    })),
  };
}
