import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Db } from '../../kernel/db.ts';
import { type Instant, instantText, isBefore } from '../../kernel/instant.ts';
import { ok } from '../../kernel/result.ts';
import { canonicalJson } from '../../ledger/canonical.ts';
import type { Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';

/** For whom a key was unwrapped. Reads under a case are in the ledger one by one, and counted here too. */
export type UnwrapKind = 'service' | 'case' | 'customer' | 'system';

/** Unwrappings of one customer's key for one purpose, added up. */
export interface UnwrapCount {
  readonly id: string;
  readonly customerId: string;
  readonly kind: UnwrapKind;
  /** Token, case, contact, or what Kept did by itself. */
  readonly byId: string;
  readonly personId: string | null;
  readonly purpose: string;
  readonly operations: number;
  /** The minute, for services and for Kept itself; the moment of the read for people. */
  readonly from: Instant;
  readonly to: Instant;
}

/** Writes counts down: those of services and of Kept itself add up by minute, the others stay apart. */
export async function countUnwraps(db: Db, counts: readonly UnwrapCount[]): Promise<void> {
  const of = <T>(pick: (count: UnwrapCount) => T): T[] => counts.map(pick);
  await sql`
    insert into vault_unwrap as u (id, customer_id, by_kind, by_id, person_id, purpose, operations, from_at, to_at)
    select * from unnest(${of(({ id }) => id)}::uuid[], ${of(({ customerId }) => customerId)}::uuid[],
      ${of(({ kind }) => kind)}::text[], ${of(({ byId }) => byId)}::text[], ${of(({ personId }) => personId)}::uuid[],
      ${of(({ purpose }) => purpose)}::text[], ${of(({ operations }) => operations)}::int[],
      ${of(({ from }) => from.toString())}::timestamptz[], ${of(({ to }) => to.toString())}::timestamptz[])
    on conflict (customer_id, by_kind, by_id, purpose, from_at)
      where entry_id is null and by_kind in ('service', 'system')
      do update set operations = u.operations + excluded.operations, to_at = greatest(u.to_at, excluded.to_at)`.execute(
    db,
  );
}

const command = z.object({
  do: z.literal('tellUnwraps'),
  /** What ended before it; RFC 3339. */
  before: z.iso.datetime({ offset: true }),
});

export interface UnwrapsCounted extends Event {
  readonly type: 'UnwrapsCounted';
  readonly body: {
    readonly telling: string;
    readonly batches: number;
    readonly operations: number;
    readonly customers: number;
    readonly from: string;
    readonly to: string;
    /** SHA-256 of the blob: one line of canonical JSON a batch. */
    readonly unwrapsBlob: string;
  };
  /** The batches told of, each with the salt of its purpose. */
  readonly rows: readonly { readonly id: string; readonly salt: string }[];
}

/** Batches in one entry at most. */
const tellingLimit = 20_000;

/** One entry of the ledger for all that services, customers and Kept itself unwrapped in a while. */
export const unwrapFlow: Flow<
  readonly UnwrapCount[],
  z.output<typeof command>,
  UnwrapsCounted,
  never
> = {
  name: 'vault.unwraps',
  clause: 'vault',
  command,
  async load(tx, { before }) {
    const { rows } = await sql<UnwrapCount>`
      select id, customer_id as "customerId", by_kind as kind, by_id as "byId", person_id as "personId", purpose,
        operations, from_at as "from", to_at as "to"
      from vault_unwrap
      where entry_id is null and by_kind <> 'case' and from_at < ${before}::timestamptz and to_at < ${before}::timestamptz
      order by from_at, id limit ${tellingLimit} for update skip locked`.execute(tx);
    return rows;
  },
  authorize: () => ({ action: 'tellUnwraps' }),
  decide(counts, _, { newId }) {
    const [first] = counts;
    if (!first) return ok([]);
    const last = counts.reduce((latest, each) => (isBefore(latest.to, each.to) ? each : latest));
    const rows = counts.map((count) => ({ ...count, salt: newId() }));
    const blob = Buffer.from(rows.map((row) => `${canonicalJson(lineOf(row))}\n`).join(''));
    const body = {
      telling: newId(),
      batches: counts.length,
      operations: counts.reduce((sum, { operations }) => sum + operations, 0),
      customers: new Set(counts.map(({ customerId }) => customerId)).size,
      from: instantText(first.from),
      to: instantText(last.to),
      unwrapsBlob: createHash('sha256').update(blob).digest('hex'),
    };
    return ok([
      {
        type: 'UnwrapsCounted',
        subject: 'vault/unwraps',
        body,
        blobs: { unwrapsBlob: blob },
        rows,
      },
    ]);
  },
  async project(tx, { body, rows }) {
    await sql`
      update vault_unwrap set entry_id = ${body.telling}, salt = told.salt
      from unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ salt }) => salt)}::uuid[]) as told (id, salt)
      where vault_unwrap.id = told.id`.execute(tx);
  },
};

/**
 * Purposes are prose of a product's developers, and may say of whom: the ledger gets a digest of
 * each. Its salt stands nowhere but beside the purpose and is disposed of with it (RET-1); from then
 * on no guess can be held against the digest.
 */
function lineOf(count: UnwrapCount & { readonly salt: string }) {
  return {
    customer: count.customerId,
    by: `${count.kind}/${count.byId}`,
    purpose: createHash('sha256').update(`${count.salt}\n${count.purpose}`).digest('hex'),
    operations: count.operations,
    from: instantText(count.from),
    to: instantText(count.to),
  };
}
