import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { writeExport } from '../../ledger/exported.ts';
import { leafHash } from '../../ledger/hash.ts';
import { exportSource } from '../../platform/ledger/export.ts';
import { ledgerKeys, rotateKey } from '../../platform/ledger/keys.ts';
import {
  newestCheckpoint,
  proveConsistency,
  proveInclusion,
  type ReadEntry,
  readEntry,
} from '../../platform/ledger/reading.ts';
import type { World } from '../../platform/world.ts';
import { type Routes, route } from '../../policy/route.ts';
import {
  type EntryLine,
  entryInput,
  entryPage,
  listInput,
  nothing,
  type Proof,
  proof,
  rotated,
  summary,
  type WholeEntry,
  wholeEntry,
} from '../../registers/evidence/facts.ledger.ts';
import { tarOf } from './tar.ts';

interface EntryRow extends Omit<EntryLine, 'at'> {
  readonly at: Temporal.Instant;
}

/** Routes of the ledger: read by everyone whose role reads evidence, written by nobody. */
export function ledgerRoutes(world: World, promises: () => Promise<unknown>): Routes {
  return { ...entryRoutes(world), ...proofRoutes(world), ...keeperRoutes(world, promises) };
}

function entryRoutes(world: World): Routes {
  return {
    listEntries: route({
      method: 'get',
      path: '/ledger/entries',
      summary: 'Entries of the ledger, newest first',
      permission: 'readLedger',
      input: listInput,
      output: entryPage,
      handle: async (_, query) => ok(await listEntries(world, query)),
    }),
    getEntry: route({
      method: 'get',
      path: '/ledger/entries/{index}',
      summary: 'One entry: its exact bytes, and the private values that were not erased',
      permission: 'readLedger',
      input: entryInput,
      output: wholeEntry,
      handle: async ({ db, may }, { index }) => {
        const found = await readEntry(db, index);
        return found ? ok(shown(found, may('readPrivate'))) : refuse('notFound');
      },
    }),
    getLedger: route({
      method: 'get',
      path: '/ledger',
      summary: 'Size, root, checkpoint and keys of the ledger',
      permission: 'readLedger',
      input: nothing,
      output: summary,
      handle: async () => ok(await ledgerSummary(world)),
    }),
  };
}

function shown({ index, entry, bytes, opened }: ReadEntry, seesPrivate: boolean): WholeEntry {
  const values = (seesPrivate ? opened : []).map(
    ({ field, salt, value }) =>
      [field, { salt: base64(salt), value: value as z.core.util.JSONType }] as const,
  );
  return {
    index,
    entry: entry as unknown as z.core.util.JSONType,
    bytes: base64(bytes),
    private: Object.fromEntries(values),
  };
}

function proofRoutes(world: World): Routes {
  return {
    proveEntry: route({
      method: 'get',
      path: '/ledger/entries/{index}/proof',
      summary: 'Inclusion proof of an entry in the newest signed tree (RFC 6962, section 2.1.1)',
      permission: 'readLedger',
      input: entryInput,
      output: proof,
      handle: async (_, { index }) => {
        const proven = await proofOf(world, index);
        return proven ? ok(proven) : refuse('notFound');
      },
    }),
    proveConsistent: route({
      method: 'get',
      path: '/ledger/consistency',
      summary: 'Consistency proof between two sizes of the ledger (RFC 6962, section 2.1.2)',
      permission: 'readLedger',
      input: z.object({ from: z.coerce.number().int().min(1), to: z.coerce.number().int().min(1) }),
      output: z.object({ from: z.int(), to: z.int(), hashes: z.array(z.string()) }),
      handle: async ({ db }, { from, to }) => {
        const checkpoint = await newestCheckpoint(db);
        if (!checkpoint || to > checkpoint.size || from > to) return refuse('notFound');
        return ok({ from, to, hashes: (await proveConsistency(db, from, to)).map(base64) });
      },
    }),
  };
}

/** What proves that an entry is in the newest signed tree; null where it is not yet. */
export async function proofOf({ database: { db } }: World, index: number): Promise<Proof | null> {
  const [checkpoint, entry] = [await newestCheckpoint(db), await readEntry(db, index)];
  if (!checkpoint || !entry || index >= checkpoint.size) return null;
  const hashes = await proveInclusion(db, index, checkpoint.size);
  return {
    index,
    size: checkpoint.size,
    leafHash: base64(leafHash(entry.bytes)),
    root: base64(checkpoint.root),
    hashes: hashes.map(base64),
    checkpoint: checkpoint.note,
    keys: (await ledgerKeys(db)).map(({ vkey }) => vkey),
  };
}

/**
 * The file that proves one entry to whoever has the ledger's key: `verify/` reads it, offline. `says`
 * is the entry for the eye; what counts is its exact bytes in `entry`.
 */
export async function proofFile(world: World, index: number): Promise<string | null> {
  const [found, proven] = [await readEntry(world.database.db, index), await proofOf(world, index)];
  if (!found || !proven) return null;
  return JSON.stringify({ says: found.entry, entry: base64(found.bytes), ...proven }, null, 2);
}

function keeperRoutes(world: World, promises: () => Promise<unknown>): Routes {
  return {
    rotateLedgerKey: route({
      method: 'post',
      path: '/ledger/rotate-key',
      summary:
        'Makes a new signing key; the old and the new one sign the checkpoint that brings it in',
      permission: 'rotateLedgerKey',
      input: nothing,
      output: rotated,
      handle: async ({ actor }) =>
        actor ? ok(await rotateKey(world, actor)) : refuse('notAllowed'),
    }),
    exportLedger: route({
      method: 'get',
      path: '/ledger/export',
      summary: 'The whole ledger with everything a stranger needs to verify it, as a tar archive',
      permission: 'exportLedger',
      input: nothing,
      output: z.null(),
      handle: async () => {
        const source = await exportSource(world, JSON.parse(JSON.stringify(await promises())));
        return {
          stream: tarOf((sink) => writeExport(source, sink)),
          mediaType: 'application/x-tar',
          filename: 'ledger.tar',
        };
      },
    }),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function conditionsOf(query: z.output<typeof listInput>): RawBuilder<unknown> {
  const conditions = [sql`e.index is not null`];
  if (query.type) conditions.push(sql`e.type = ${query.type}`);
  if (query.clause) conditions.push(sql`e.clause = ${query.clause}`);
  if (query.subject) conditions.push(sql`e.index in (${entriesOf(query.subject)})`);
  if (query.actor) conditions.push(sql`e.actor = ${query.actor}`);
  if (query.q) {
    const like = `%${query.q.replace(/[\\%_]/g, '\\$&')}%`;
    conditions.push(
      sql`(e.type ilike ${like} or e.subject ilike ${like} or e.actor ilike ${like})`,
    );
  }
  return sql.join(conditions, sql` and `);
}

/** Indices of what happened to a thing: to it alone, or in one act over many. */
function entriesOf(subject: string): RawBuilder<unknown> {
  return sql`
    select own.index from ledger_entry own where own.subject = ${subject} and own.index is not null
    union all
    select one.index from ledger_touched touched join ledger_entry one on one.id = touched.entry_id
    where touched.subject = ${subject} and one.index is not null`;
}

async function listEntries(world: World, query: z.output<typeof listInput>) {
  const { db } = world.database;
  const where = conditionsOf(query);
  const below = query.cursor === undefined ? sql`` : sql`and e.index < ${query.cursor}`;
  const { rows } = await sql<EntryRow>`
    select e.index, e.id, e.at, e.actor, e.clause, e.type, e.subject, p.name as "actorName",
      (select touched.what from ledger_touched touched
        where touched.entry_id = e.id and touched.subject = ${query.subject ?? null}) as what
    from ledger_entry e left join person p on e.actor = 'person/' || p.id::text
    where ${where} ${below} order by e.index desc
    limit ${query.limit + 1} offset ${query.offset}`.execute(db);
  const { rows: counted } = await sql<{ total: number }>`
    select count(*)::int as total from ledger_entry e where ${where}`.execute(db);
  const items = rows.slice(0, query.limit).map((row) => ({ ...row, at: instantText(row.at) }));
  const last = items.at(-1);
  return {
    items,
    total: counted[0]?.total ?? 0,
    next: rows.length > query.limit && last ? String(last.index) : null,
  };
}

async function ledgerSummary(world: World) {
  const { db } = world.database;
  const checkpoint = await newestCheckpoint(db);
  const { rows } = await sql<{ type: string; clause: string }>`
    select distinct type, clause from ledger_entry where index is not null order by 1`.execute(db);
  return {
    size: checkpoint?.size ?? 0,
    root: checkpoint ? base64(checkpoint.root) : null,
    checkpoint: checkpoint?.note ?? null,
    at: checkpoint ? instantText(checkpoint.at) : null,
    keys: (await ledgerKeys(db)).map((key) => ({
      ...key,
      since: key.since ? instantText(key.since) : null,
    })),
    types: [...new Set(rows.map((row) => row.type))],
    clauses: [...new Set(rows.map((row) => row.clause))],
  };
}
