import { sql } from 'kysely';
import type { Certificate } from '../../clauses/people/store.certificate.ts';
import type { Db } from '../../kernel/db.ts';

/** Index of the ledger entry that a certificate rests on; null while it has none yet. */
export async function entryOfCertificate(
  db: Db,
  { personId, code }: Pick<Certificate, 'personId' | 'code'>,
): Promise<number | null> {
  const { rows } = await sql<{ index: number; bytes: Buffer }>`
    select index, bytes from ledger_entry
    where subject = ${`person/${personId}`} and type = 'TrainingCompleted' and index is not null
    order by index desc`.execute(db);
  const sought = `"certificate":"${code}"`;
  return rows.find(({ bytes }) => bytes.includes(sought))?.index ?? null;
}
