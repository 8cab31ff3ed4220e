import { turn } from '../../advisories/archives/archive.ts';
import type { ArchivedFile } from '../../advisories/archives/archived.ts';
import { readExploited } from '../../advisories/exploited.ts';
import { readPredictions } from '../../advisories/predictions.ts';
import type { Actor } from '../../kernel/actor.ts';
import { invariant } from '../../kernel/invariant.ts';
import { execute } from '../../platform/execute.ts';
import type { World } from '../../platform/world.ts';
import {
  readAdvisory,
  type SetAside,
  type TakenAdvisory,
} from '../../registers/advisories/facts.reading.ts';
import type { BatchPlace, TakeAdvisories } from '../../registers/advisories/facts.ts';
import { beginPart, type HeldImport } from '../../registers/advisories/store.imports.ts';
import { scoresFlow } from '../../registers/advisories/store.scores.ts';
import { takingFlow } from '../../registers/advisories/store.taking.ts';

const actor: Actor = { kind: 'system', id: 'advisories' };

/** Advisories taken in one transaction, and bytes of them: memory holds two such lots. */
export const advisoriesAtOnce = 5_000;
const bytesAtOnce = 4 * 1024 * 1024;
/** Between two turns of everybody else. */
const turnEvery = 50;
const predictionsAtOnce = 50_000;

/** The import belongs to somebody else by now, or has ended: nothing more is done for it. */
export class ImportLost extends Error {
  override readonly name = 'ImportLost';
}

/**
 * Begins a part of an import, or goes on with the one that was begun.
 *
 * @returns from which of its entries on
 * @throws ImportLost
 */
export async function begin(
  world: World,
  run: HeldImport,
  part: string,
  how: 'goesOn' | 'anew',
): Promise<number> {
  const from = await beginPart(world.database.db, run, part, how);
  if (from === null) throw new ImportLost('another process has it');
  return from;
}

/** Of which archive or page of an import something is taken, and from which of its entries on. */
export interface Part {
  readonly importId: string;
  readonly part: string;
  readonly from: number;
  /** Called before each batch; throws where the import is no longer ours. */
  readonly hold: () => Promise<void>;
  /** Advisories taken in one transaction. */
  readonly atOnce: number;
}

/**
 * Takes files of an archive in batches, each in a transaction that also moves the import on: cut off
 * anywhere, it goes on at the next batch.
 *
 * @param files from `from` on
 * @param entries that the archive has; null where nobody knows yet
 * @returns entries of the part that were taken
 * @throws ArchiveFault, ImportLost
 */
export async function takeFiles(
  world: World,
  files: AsyncIterable<ArchivedFile> | Iterable<ArchivedFile>,
  entries: number | null,
  { importId, part, from, hold, atOnce }: Part,
): Promise<number> {
  let at = from;
  let lot = emptyLot();
  let taking: Promise<void> = Promise.resolve();
  const take = async (): Promise<void> => {
    await taking;
    await hold();
    const { advisories, setAside, count } = lot;
    const place = { importId, part, from: at - count, to: at, entries };
    // The next ones are read while these are written.
    taking = takeLot(world, { do: 'takeAdvisories', place, advisories, setAside });
    // It is awaited before the next lot; a failure until then is not to end the process.
    taking.catch(() => undefined);
    lot = emptyLot();
  };
  try {
    for await (const each of files) {
      at += 1;
      addTo(lot, each);
      if (lot.count >= atOnce || lot.bytes >= bytesAtOnce) await take();
      if (at % turnEvery === 0) await turn();
    }
    if (lot.count > 0) await take();
  } finally {
    await taking;
  }
  return at;
}

async function takeLot(world: World, command: TakeAdvisories): Promise<void> {
  const done = await execute(world, takingFlow, command, actor);
  if (!done.ok) throw new ImportLost(done.refusal.code);
}

interface Lot {
  advisories: TakenAdvisory[];
  setAside: SetAside[];
  count: number;
  bytes: number;
}

function emptyLot(): Lot {
  return { advisories: [], setAside: [], count: 0, bytes: 0 };
}

function addTo(lot: Lot, each: ArchivedFile): void {
  lot.count += 1;
  const read = 'content' in each ? readAdvisory(each.content.toString('utf8')) : each;
  if ('advisory' in read) lot.advisories.push(read.advisory);
  else lot.setAside.push({ name: printable(each.name), reason: printable(read.reason) });
  lot.bytes += 'content' in each ? each.content.length : 0;
}

/** Names in archives of strangers, and what parsers quote of them. */
function printable(text: string): string {
  return text.slice(0, 300).replaceAll('\0', '').toWellFormed();
}

/** @throws CatalogueFault, ImportLost */
export async function takeExploited(world: World, json: string, part: Part): Promise<void> {
  const { releasedAt, entries, setAside } = readExploited(json);
  // It is taken at once: whoever comes after that finds it done.
  if (part.from > 0) return;
  await part.hold();
  const place = placeOf(part, part.from, entries.length);
  const command = { do: 'takeExploited', place, releasedAt, entries, setAside } as const;
  const done = await execute(world, scoresFlow, command, actor);
  if (!done.ok) throw new ImportLost(done.refusal.code);
}

/** @throws CatalogueFault, ImportLost */
export async function takePredictions(world: World, csv: string, part: Part): Promise<void> {
  const { scoredOn, entries, setAside } = readPredictions(csv);
  for (let at = part.from; at < entries.length; at += predictionsAtOnce) {
    await part.hold();
    const some = entries.slice(at, at + predictionsAtOnce);
    const place = { ...placeOf(part, at, entries.length), to: at + some.length };
    const aside = at === 0 ? setAside : [];
    const command = {
      do: 'takePredictions',
      place,
      scoredOn,
      entries: some,
      setAside: aside,
    } as const;
    const done = await execute(world, scoresFlow, command, actor);
    if (!done.ok) throw new ImportLost(done.refusal.code);
    await turn();
  }
}

function placeOf({ importId, part }: Part, from: number, entries: number): BatchPlace {
  invariant(from <= entries, 'an import goes on within what it imports');
  return { importId, part, from, to: entries, entries };
}
