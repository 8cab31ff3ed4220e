import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';

/** What a write answers: ids and numbers, nothing that anybody wrote. */
export interface Written {
  readonly id: string;
  readonly revision: number;
  /** There was none before. */
  readonly made: boolean;
  readonly at: string;
}

/** A caller's promise to itself that a write happens once; both are keyed hashes. */
export interface KeyedWrite {
  readonly keyIndex: Uint8Array;
  readonly requestIndex: Uint8Array;
}

/** A keyed write with what it answered. */
type Kept = KeyedWrite & { readonly answer: readonly Written[] };

export interface AnswerRow {
  readonly requestIndex: Uint8Array;
  readonly answer: readonly Written[];
}

/** What the same key was answered before; null where it is new. */
export async function answerOf(
  db: Db,
  customerId: string,
  keyIndex: Uint8Array,
): Promise<AnswerRow | null> {
  const { rows } = await sql<AnswerRow>`
    select request_index as "requestIndex", answer from vault_answer
    where customer_id = ${customerId} and key_index = ${keyIndex}`.execute(db);
  return rows[0] ?? null;
}

/** @returns false where one of the keys was used meanwhile: the transaction is to be given up */
export async function keepAnswers(
  tx: Tx,
  customerId: string,
  kept: readonly Kept[],
  now: Instant,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    ${inserting(customerId, kept, now)} on conflict do nothing`.execute(tx);
  return Number(numAffectedRows ?? 0n) === kept.length;
}

/** As `keepAnswers`, on the way to the commit: where one of the keys was used meanwhile, the transaction fails. */
export async function insertAnswers(
  tx: Tx,
  customerId: string,
  kept: readonly Kept[],
  now: Instant,
): Promise<void> {
  if (kept.length > 0) await write(tx, inserting(customerId, kept, now));
}

function inserting(customerId: string, kept: readonly Kept[], now: Instant) {
  return sql`
    insert into vault_answer (customer_id, key_index, request_index, answer, at)
    select ${customerId}, t.key_index, t.request_index, t.answer, ${now}
    from unnest(${kept.map(({ keyIndex }) => keyIndex)}::bytea[],
      ${kept.map(({ requestIndex }) => requestIndex)}::bytea[],
      ${kept.map(({ answer }) => JSON.stringify(answer))}::jsonb[]) as t (key_index, request_index, answer)`;
}

export async function forgetAnswers(db: Db, before: Instant): Promise<void> {
  await sql`delete from vault_answer where at < ${before}`.execute(db);
}
