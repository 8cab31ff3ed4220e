import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { type Actor, actorText } from '../../kernel/actor.ts';
import { type Tx, write } from '../../kernel/db.ts';
import { uuidv7 } from '../../kernel/id.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import type { Json } from '../../kernel/json.ts';
import { commitment, encodeEntry, saltBytes } from '../../ledger/entry.ts';
import type { Event } from '../../policy/event.ts';
import type { World } from '../world.ts';

interface Encoded {
  readonly id: string;
  readonly event: Event;
  readonly bytes: Uint8Array;
}

interface PrivateRow {
  readonly entryId: string;
  readonly field: string;
  readonly salt: Uint8Array;
  readonly value: Json;
  readonly about: string | null;
}

/**
 * Appends events to the ledger inside the caller's transaction. They have no index yet: the
 * sequencer gives one after the commit. Costs one statement however many events there are, one
 * more where there is private data, one more where there are blobs; they travel with the commit.
 */
export async function appendEvents(
  world: World,
  tx: Tx,
  clause: string,
  events: readonly Event[],
  by: { readonly actor: Actor; readonly now: Instant },
): Promise<void> {
  if (events.length === 0) return;
  const privates: PrivateRow[] = [];
  const encoded = events.map((event) => encode(world, clause, event, by, privates));
  await insertEntries(tx, clause, encoded, by);
  if (privates.length > 0) await insertPrivates(tx, privates);
  const blobs = events.flatMap((event) =>
    Object.entries(event.blobs ?? {}).map(([name, bytes]) => ({ event, name, bytes })),
  );
  if (blobs.length > 0) await insertBlobs(world, tx, blobs);
}

function encode(
  world: World,
  clause: string,
  event: Event,
  by: { readonly actor: Actor; readonly now: Instant },
  privates: PrivateRow[],
): Encoded {
  // Of the time of the entry, not of this moment: the verifier holds the one against the other.
  const id = uuidv7(by.now, world.random(10));
  const commitments: Record<string, string> = {};
  for (const [field, value] of Object.entries(event.private ?? {})) {
    const salt = world.random(saltBytes);
    commitments[field] = commitment(salt, value);
    privates.push({ entryId: id, field, salt, value, about: event.about ?? null });
  }
  const bytes = encodeEntry({
    v: 1,
    id,
    at: instantText(by.now),
    actor: actorText(by.actor),
    clause,
    type: event.type,
    subject: event.subject,
    body: event.body,
    private: commitments,
  });
  return { id, event, bytes };
}

async function insertEntries(
  tx: Tx,
  clause: string,
  encoded: readonly Encoded[],
  { actor, now }: { readonly actor: Actor; readonly now: Instant },
): Promise<void> {
  const [only] = encoded;
  if (only && encoded.length === 1) {
    return write(
      tx,
      sql`
        insert into ledger_entry (id, at, actor, clause, type, subject, bytes)
        values (${only.id}, ${now}, ${actorText(actor)}, ${clause}, ${only.event.type}, ${only.event.subject}, ${only.bytes})`,
    );
  }
  await write(
    tx,
    sql`
      insert into ledger_entry (id, at, actor, clause, type, subject, bytes)
      select id, ${now}, ${actorText(actor)}, ${clause}, type, subject, bytes
      from unnest(
        ${encoded.map(({ id }) => id)}::uuid[],
        ${encoded.map(({ event }) => event.type)}::text[],
        ${encoded.map(({ event }) => event.subject)}::text[],
        ${encoded.map(({ bytes }) => bytes)}::bytea[]
      ) with ordinality as e (id, type, subject, bytes, n)
      order by n`,
  );
}

async function insertPrivates(tx: Tx, rows: readonly PrivateRow[]): Promise<void> {
  await write(
    tx,
    sql`
      insert into ledger_private (entry_id, field, salt, value, about)
      select * from unnest(
        ${rows.map((row) => row.entryId)}::uuid[],
        ${rows.map((row) => row.field)}::text[],
        ${rows.map((row) => row.salt)}::bytea[],
        ${rows.map((row) => JSON.stringify(row.value))}::jsonb[],
        ${rows.map((row) => row.about)}::uuid[]
      )`,
  );
}

async function insertBlobs(
  world: World,
  tx: Tx,
  blobs: readonly { readonly event: Event; readonly name: string; readonly bytes: Uint8Array }[],
): Promise<void> {
  for (const { event, name, bytes } of blobs) {
    const digest = createHash('sha256').update(bytes).digest();
    invariant(
      event.body[name] === digest.toString('hex'),
      `${event.type}.${name} names the digest of its blob`,
    );
    await write(
      tx,
      sql`
        insert into blob (sha256, size, sealed) values (${digest}, ${bytes.length}, ${world.keys.seal('blob', bytes)})
        on conflict do nothing`,
    );
  }
}
