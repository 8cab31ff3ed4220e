import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { Register } from '../../policy/clause.ts';
import { scheduleCustody, wakeClosures } from './backups.ts';

/**
 * The end of accounts, as a room: it owns no noun. Nights of the custody are on its clock, and what
 * the ledger still says in plaintext of what was disposed of goes here.
 */
export const closing: Register = {
  id: 'closing',
  async begin({ db, context }) {
    await scheduleCustody(db, context);
    await wakeClosures(db, context);
  },
  reactions: {
    RecordsDisposed: async ({ db }, { body }) => {
      const { kind } = body;
      if (kind !== 'closedAccounts' && kind !== 'requests') return;
      await db.transaction().execute((tx) => forgetPlaintext(tx, kind));
    },
  },
};

/**
 * The plaintext behind the ledger's commitments about accounts whose name is gone, and requests that
 * were forgotten. Commitments, and so every proof, stay.
 */
async function forgetPlaintext(tx: Tx, kind: 'closedAccounts' | 'requests'): Promise<void> {
  const forgotten =
    kind === 'closedAccounts'
      ? sql`select id from customer where name is null`
      : sql`select id from customer_request where forgotten_at is not null`;
  await sql`delete from ledger_private where about in (${forgotten})`.execute(tx);
}
