import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';

/**
 * Findings repeat who they were about, for the eye; when that person is erased they keep the id
 * alone.
 */
export async function forgetFindingsAbout(tx: Tx, person: PersonId): Promise<void> {
  await sql`
    update finding set label = '', detail = '{}'
    where subject_kind = 'person' and subject_id = ${person}::text`.execute(tx);
}

/**
 * The same of accounts of customers whose remains are disposed of. Findings about their holds, cases
 * and uses of keys are told by the name that they bear.
 */
export async function forgetFindingsOfCustomers(
  tx: Tx,
  customers: readonly { readonly id: string; readonly name: string }[],
): Promise<void> {
  await sql`
    update finding set label = '', detail = '{}'
    where subject_kind = 'customer'
        and split_part(subject_id, '/', 1) = any(${customers.map(({ id }) => id)}::text[])
      or label = any(${customers.map(({ name }) => name)}::text[])`.execute(tx);
}

/** The same of whatever else bears names: findings of a kind, about subjects that a query answers as text. */
export async function forgetFindingsIn(
  db: Db,
  kind: string,
  subjects: RawBuilder<unknown>,
): Promise<void> {
  await sql`
    update finding set label = '', detail = '{}'
    where subject_kind = ${kind} and subject_id in (${subjects})`.execute(db);
}
