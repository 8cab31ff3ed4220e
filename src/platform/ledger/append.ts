import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import { type Actor, actorText } from '../../kernel/actor.ts';
import { type Tx, write } from '../../kernel/db.ts';
import { uuidv7 } from '../../kernel/id.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import type { Json } from '../../kernel/json.ts';
import { blobsOf, commitment, encodeEntry, saltBytes } from '../../ledger/entry.ts';
import type { Event, Touched } from '../../policy/event.ts';
import type { World } from '../world.ts';

/** What all entries of one act have in common. */
interface Common {
  readonly actor: string;
  readonly now: Instant;
  readonly at: string;
}

/** An event, and the clause under which a reader looks for its entry. */
export interface ClauseEvent {
  readonly clause: string;
  readonly event: Event;
}

interface EntryRow {
  readonly id: string;
  readonly clause: string;
  readonly type: string;
  readonly subject: string;
  readonly bytes: Uint8Array;
}

interface PrivateRow {
  readonly entryId: string;
  readonly field: string;
  readonly salt: Uint8Array;
  readonly value: Json;
  readonly about: string | null;
}

interface TouchedRow extends Touched {
  readonly entryId: string;
}

/** Events of an act, encoded. */
interface Batch {
  readonly entries: readonly EntryRow[];
  readonly privates: readonly PrivateRow[];
  readonly touched: readonly TouchedRow[];
}

/** Entries of one statement. One batch is encoded while PostgreSQL takes in the one before. */
const batchEntries = 500;

/**
 * Appends events to the ledger inside the caller's transaction. They have no index yet: the
 * sequencer gives one after the commit. Costs one statement a batch, one more where there is
 * private data or where it touches several things, one more a blob; the last ones travel with the commit.
 */
export async function appendEvents(
  world: World,
  tx: Tx,
  clause: string,
  events: readonly Event[],
  by: { readonly actor: Actor; readonly now: Instant },
): Promise<void> {
  const all = events.map((event) => ({ clause, event }));
  await appendAll(world, tx, all, by);
}

/** Appends events of several clauses as one act, in this order; as `appendEvents` does. */
export async function appendAll(
  world: World,
  tx: Tx,
  events: readonly ClauseEvent[],
  { actor, now }: { readonly actor: Actor; readonly now: Instant },
): Promise<void> {
  const common: Common = { actor: actorText(actor), now, at: instantText(now) };
  let before: Promise<unknown> | null = null;
  for (let from = 0; from < events.length; from += batchEntries) {
    const batch = encode(world, events.slice(from, from + batchEntries), common);
    await before;
    if (batch.privates.length > 0) await write(tx, insertPrivates(batch.privates));
    if (batch.touched.length > 0) await write(tx, insertTouched(batch.touched));
    const entries = insertEntries(batch.entries, common);
    if (from + batchEntries >= events.length) await write(tx, entries);
    else {
      before = entries.execute(tx);
      // It is on its way before the next batch is encoded.
      await setImmediate();
    }
  }
  await storeBlobs(world, tx, events);
}

function encode(world: World, events: readonly ClauseEvent[], { now, at, actor }: Common): Batch {
  const privates: PrivateRow[] = [];
  const touched: TouchedRow[] = [];
  const entries = events.map(({ clause, event }) => {
    const { type, subject, body, private: values = {}, about = null } = event;
    // Of the time of the entry, not of this moment: the verifier holds the one against the other.
    const id = uuidv7(now, world.random(10));
    const commitments: Record<string, string> = {};
    for (const [field, value] of Object.entries(values)) {
      const salt = world.random(saltBytes);
      commitments[field] = commitment(salt, value);
      privates.push({ entryId: id, field, salt, value, about });
    }
    for (const each of event.touches ?? []) touched.push({ ...each, entryId: id });
    const bytes = encodeEntry({
      v: 1,
      id,
      at,
      actor,
      clause,
      type,
      subject,
      body,
      private: commitments,
    });
    return { id, clause, type, subject, bytes };
  });
  return { entries, privates, touched };
}

function insertEntries(rows: readonly EntryRow[], { actor, now }: Common): RawBuilder<unknown> {
  const [only] = rows;
  if (only && rows.length === 1) {
    return sql`
      insert into ledger_entry (id, at, actor, clause, type, subject, bytes)
      values (${only.id}, ${now}, ${actor}, ${only.clause}, ${only.type}, ${only.subject}, ${only.bytes})`;
  }
  return sql`
    insert into ledger_entry (id, at, actor, clause, type, subject, bytes)
    select id, ${now}, ${actor}, clause, type, subject, bytes
    from unnest(
      ${rows.map(({ id }) => id)}::uuid[],
      ${rows.map(({ clause }) => clause)}::text[],
      ${rows.map(({ type }) => type)}::text[],
      ${rows.map(({ subject }) => subject)}::text[],
      ${rows.map(({ bytes }) => bytes)}::bytea[]
    ) with ordinality as e (id, clause, type, subject, bytes, n)
    order by n`;
}

function insertPrivates(rows: readonly PrivateRow[]): RawBuilder<unknown> {
  return sql`
    insert into ledger_private (entry_id, field, salt, value, about)
    select * from unnest(
      ${rows.map((row) => row.entryId)}::uuid[],
      ${rows.map((row) => row.field)}::text[],
      ${rows.map((row) => row.salt)}::bytea[],
      ${rows.map((row) => JSON.stringify(row.value))}::jsonb[],
      ${rows.map((row) => row.about)}::uuid[]
    )`;
}

function insertTouched(rows: readonly TouchedRow[]): RawBuilder<unknown> {
  return sql`
    insert into ledger_touched (subject, entry_id, what)
    select * from unnest(
      ${rows.map(({ subject }) => subject)}::text[],
      ${rows.map(({ entryId }) => entryId)}::uuid[],
      ${rows.map(({ what }) => what ?? null)}::text[]
    ) on conflict do nothing`;
}

/**
 * Stores what the events bring beside their entries. Every digest that a body holds under a name
 * ending in `Blob` is stored afterwards, and nothing else is so named: an export takes along what
 * is, and a verifier misses what is not there.
 */
async function storeBlobs(world: World, tx: Tx, events: readonly ClauseEvent[]): Promise<void> {
  const named = new Set<string>();
  const stored = new Set<string>();
  for (const { event } of events) {
    for (const digest of blobsOf(event)) named.add(digest);
    for (const [name, bytes] of Object.entries(event.blobs ?? {})) {
      invariant(name.endsWith('Blob'), `${event.type}.${name} is evidence: its name ends in Blob`);
      stored.add(await insertBlob(world, tx, { event, name, bytes }));
    }
    for (const [name, bytes] of Object.entries(event.erasable ?? {})) {
      invariant(!name.endsWith('Blob'), `${event.type}.${name} is erasable: no export promises it`);
      await insertBlob(world, tx, { event, name, bytes });
    }
  }
  await requireStored(tx, [...named.difference(stored)]);
}

/** @returns SHA-256 in hex */
async function insertBlob(
  world: World,
  tx: Tx,
  {
    event,
    name,
    bytes,
  }: { readonly event: Event; readonly name: string; readonly bytes: Uint8Array },
): Promise<string> {
  const digest = createHash('sha256').update(bytes).digest();
  const hex = digest.toString('hex');
  invariant(event.body[name] === hex, `${event.type}.${name} names the digest of its blob`);
  await write(
    tx,
    sql`
      insert into blob (sha256, size, sealed)
      values (${digest}, ${bytes.length}, ${world.keys.seal('blob', bytes)})
      on conflict do nothing`,
  );
  return hex;
}

/** An entry may name a blob that came with an earlier one; one that nobody brought, it may not. */
async function requireStored(tx: Tx, digests: readonly string[]): Promise<void> {
  if (digests.length === 0) return;
  const { rows } = await sql<{ digest: string }>`
    select digest from unnest(${[...digests]}::text[]) as digest
    where not exists (select from blob where sha256 = decode(digest, 'hex'))`.execute(tx);
  invariant(rows.length === 0, `blob ${rows[0]?.digest} is named by an entry, and not brought`);
}
