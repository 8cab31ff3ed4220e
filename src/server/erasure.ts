import { sql } from 'kysely';
import type { Tx } from '../kernel/db.ts';
import { revokeEverything } from '../platform/identity/revoke.ts';
import { erasePrivate } from '../platform/ledger/reading.ts';
import type { Register } from '../policy/clause.ts';

/**
 * What follows when a person is erased, in the rooms that hold traces of them: the plaintext behind
 * the ledger's commitments and every way in. Commitments, and so every proof, stay.
 */
export const erasure: Register = {
  id: 'erasure',
  reactions: {
    PersonErased: async ({ db, context }, { subject }) => {
      const personId = subject.slice('person/'.length);
      await db.transaction().execute(async (tx) => {
        await erasePrivate(tx, personId);
        await erasePapers(tx, personId);
        await revokeEverything(tx, personId, context.now);
      });
    },
  },
};

/** The papers that a person signed; that they were signed, and the digest of each, stays. */
async function erasePapers(tx: Tx, personId: string): Promise<void> {
  await sql`
    delete from blob where sha256 in (
      select decode(file, 'hex') from undertaking where person_id = ${personId} and file is not null)`.execute(
    tx,
  );
}
