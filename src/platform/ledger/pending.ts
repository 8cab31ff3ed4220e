import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';

/** Time of the oldest entry that has no place in the tree yet; null where all have. */
export async function oldestPending(db: Db): Promise<Instant | null> {
  const { rows } = await sql<{ at: Instant }>`
    select at from ledger_entry where index is null order by seq limit 1`.execute(db);
  return rows[0]?.at ?? null;
}
