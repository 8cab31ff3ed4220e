import { sql } from 'kysely';
import type { Db } from '../kernel/db.ts';
import { invariant } from '../kernel/invariant.ts';
import { parseEntry } from '../ledger/entry.ts';
import { contextFor, executeAs } from '../platform/execute.ts';
import type { World } from '../platform/world.ts';
import type { ReactionHandler } from '../policy/flow.ts';
import type { Rooms } from './rooms.ts';

/** Entries shown to the clauses at once. */
const batchLimit = 500;
/** Entries that nobody reacts to, after which the cursor moves past them. */
const passedOverLimit = 100;

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
  if (handlers.size === 0) return 0;
  const { from, size, rows } = await unseen(db, [...handlers.keys()]);
  if (from >= size) return 0;
  for (const { index, bytes } of rows) await show(world, handlers, index, bytes);
  // Where nobody reacts to what is new it costs less to look at it again than to say so each time.
  if (rows.length === 0 && size - from < passedOverLimit) return 0;
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

interface Unseen {
  /** Where the cursor stands. */
  readonly from: number;
  /** Of the ledger. */
  readonly size: number;
  /** Entries between the two that somebody reacts to. */
  readonly rows: readonly { readonly index: number; readonly bytes: Buffer }[];
}

async function unseen(db: Db, types: readonly string[]): Promise<Unseen> {
  // The types are always the same: as one text they leave the statement to be prepared.
  const { rows } = await sql<{ from: number; size: number; index: number | null; bytes: Buffer }>`
    select s.from, s.size, e.index, e.bytes
    from (select coalesce((select next_index from reaction_cursor), 0) as from,
      coalesce((select max(size) from ledger_checkpoint), 0) as size) s
    left join lateral (
      select index, bytes from ledger_entry
      where index >= s.from and index < s.size and type = any(string_to_array(${types.join(' ')}, ' '))
      order by index limit ${batchLimit}) e on true
    order by e.index`.execute(db);
  const shown = rows.flatMap(({ index, bytes }) => (index === null ? [] : [{ index, bytes }]));
  return { from: rows[0]?.from ?? 0, size: rows[0]?.size ?? 0, rows: shown };
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
