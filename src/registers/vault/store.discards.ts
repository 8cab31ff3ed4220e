import { sql } from 'kysely';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';

/**
 * Files of the object storage that no row names, or not yet. Whoever begins to write a file
 * announces it here first; the transaction that gives it a row takes the announcement back. What
 * is left when its time has come belonged to nobody and is removed.
 */

/** Announces a file that is about to be written. It is left alone until then; see `holdFile`. */
export async function announceFile(
  db: Db,
  file: { readonly storedAs: string; readonly customerId: string; readonly until: Instant },
  now: Instant,
): Promise<void> {
  await sql`
    insert into vault_discard (stored_as, customer_id, since, not_before)
    values (${file.storedAs}, ${file.customerId}, ${now}, ${file.until})`.execute(db);
}

/** Puts off when an announced file may be removed: it is still being written. False where it was taken. */
export async function holdFile(db: Db, storedAs: string, until: Instant): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update vault_discard set not_before = ${until} where stored_as = ${storedAs}`.execute(db);
  return (numAffectedRows ?? 0n) > 0n;
}

/**
 * Takes an announcement back, because the file has its row now.
 *
 * @returns false where the file was given up meanwhile, and must not be named by a row
 */
export async function claimFile(tx: Tx, storedAs: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from vault_discard where stored_as = ${storedAs}`.execute(tx);
  return (numAffectedRows ?? 0n) > 0n;
}

/** Says that no row names these files any more. They may be removed from `now` on. */
export async function discardFiles(
  tx: Tx,
  customerId: string,
  storedAs: readonly string[],
  now: Instant,
): Promise<void> {
  if (storedAs.length === 0) return;
  await write(
    tx,
    sql`
      insert into vault_discard (stored_as, customer_id, since, not_before)
      select name, ${customerId}, ${now}, ${now} from unnest(${[...storedAs]}::text[]) as t (name)
      on conflict (stored_as) do update set not_before = excluded.not_before`,
  );
}

/** Files whose time has come, oldest first, locked for this transaction: each node takes others. */
export async function dueFiles(
  tx: Tx,
  now: Instant,
  limit: number,
  customerId: string | null = null,
): Promise<readonly string[]> {
  const { rows } = await sql<{ storedAs: string }>`
    select stored_as as "storedAs" from vault_discard
    where not_before <= ${now} and (${customerId}::uuid is null or customer_id = ${customerId}::uuid)
    order by not_before limit ${limit} for update skip locked`.execute(tx);
  return rows.map(({ storedAs }) => storedAs);
}

/** Forgets files that are gone from the storage. */
export async function forgetFiles(tx: Tx, storedAs: readonly string[]): Promise<void> {
  await sql`
    delete from vault_discard where stored_as = any(${[...storedAs]}::text[])`.execute(tx);
}
