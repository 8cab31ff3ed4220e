import { sql } from 'kysely';
import { invariant } from '../kernel/invariant.ts';
import { parseEntry } from '../ledger/entry.ts';
import { contextFor, executeAs } from '../platform/execute.ts';
import type { World } from '../platform/world.ts';
import type { ReactionHandler } from '../policy/flow.ts';
import type { Rooms } from './rooms.ts';
import { ledgerSize } from './status/engine.ts';

/** Entries shown to the clauses at once. */
const batchLimit = 500;

/**
 * Shows new ledger entries to the clauses that react to their type, in the order of the ledger.
 * The cursor moves after the handlers are done, so that a crash shows an entry again rather than
 * never; the entry's index is the idempotency key of what a handler executes.
 *
 * @returns how many reactions ran
 */
export async function react(world: World, rooms: Rooms): Promise<number> {
  const handlers = reactionsOf(rooms);
  const { db } = world.database;
  const size = await ledgerSize(db);
  const from = await cursorOf(world);
  if (from >= size || handlers.size === 0) return 0;
  const { rows } = await sql<{ index: number; bytes: Buffer }>`
    select index, bytes from ledger_entry
    where index >= ${from} and index < ${size} and type = any(${[...handlers.keys()]}::text[])
    order by index limit ${batchLimit}`.execute(db);
  for (const { index, bytes } of rows) await show(world, handlers, index, bytes);
  const last = rows.at(-1);
  const next = rows.length === batchLimit && last ? last.index + 1 : size;
  await sql`
    insert into reaction_cursor (next_index) values (${next})
    on conflict (single) do update set next_index = greatest(reaction_cursor.next_index, excluded.next_index)`.execute(
    db,
  );
  return rows.length;
}

async function show(
  world: World,
  handlers: ReadonlyMap<string, readonly ReactionHandler[]>,
  index: number,
  bytes: Uint8Array,
): Promise<void> {
  const entry = parseEntry(bytes);
  invariant(entry.ok, `entry ${index} parses`);
  const { type, subject, body } = entry.value;
  const actor = { kind: 'system', id: 'reaction' } as const;
  const context = await contextFor(world, actor);
  for (const [n, handler] of (handlers.get(type) ?? []).entries()) {
    const execute = executeAs(world, actor, `reaction/${index}/${n}`);
    await handler(
      { db: world.database.db, execute, context },
      { entryIndex: index, type, subject, body },
    );
  }
}

async function cursorOf(world: World): Promise<number> {
  const { rows } = await sql<{
    next_index: number;
  }>`select next_index from reaction_cursor`.execute(world.database.db);
  return rows[0]?.next_index ?? 0;
}

function reactionsOf(rooms: Rooms): ReadonlyMap<string, readonly ReactionHandler[]> {
  const handlers = new Map<string, ReactionHandler[]>();
  for (const room of [...rooms.registers, ...rooms.clauses]) {
    for (const [type, handler] of Object.entries(room.reactions ?? {})) {
      handlers.set(type, [...(handlers.get(type) ?? []), handler]);
    }
  }
  return handlers;
}
