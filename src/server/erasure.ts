import { sql } from 'kysely';
import type { Db, Tx } from '../kernel/db.ts';
import { revokeEverything } from '../platform/identity/revoke.ts';
import { erasePrivate } from '../platform/ledger/reading.ts';
import type { Register } from '../policy/clause.ts';
import { forgetActs } from '../registers/connections/store.forgetting.ts';

/**
 * What follows when a person is erased, or what remains of a customer is disposed of, in the rooms
 * that hold traces of them: the plaintext behind the ledger's commitments and every way in.
 * Commitments, and so every proof, stay.
 */
export const erasure: Register = {
  id: 'erasure',
  reactions: {
    PersonErased: async ({ db, context }, { subject }) => {
      const personId = subject.slice('person/'.length);
      await db.transaction().execute(async (tx) => {
        await erasePrivate(tx, personId);
        await erasePapers(tx, personId);
        await eraseActs(tx, personId);
        await revokeEverything(tx, personId, context.now);
      });
    },
    RecordsDisposed: async ({ db }, { body }) => {
      if (body['kind'] === 'closedAccounts' || body['kind'] === 'requests') await eraseRemains(db);
    },
  },
};

/**
 * What the ledger still says in plaintext of accounts whose remains were disposed of, of the contacts
 * there, and of requests whose time is over (RET-6). Over all of them: again is safe.
 */
async function eraseRemains(db: Db): Promise<void> {
  await sql`
    delete from ledger_private where about in (
      select id from customer where name is null
      union all select contact.id from customer_contact contact
        join customer on customer.id = contact.customer_id where customer.name is null
      union all select id from customer_request where forgotten_at is not null)`.execute(db);
}

/** The papers that a person signed; that they were signed, and the digest of each, stays. */
async function erasePapers(tx: Tx, personId: string): Promise<void> {
  await sql`
    delete from blob where sha256 in (
      select decode(file, 'hex') from undertaking where person_id = ${personId} and file is not null)`.execute(
    tx,
  );
}

/** As whom a person was known outside, in what was done there for orders about their accounts. */
async function eraseActs(tx: Tx, personId: string): Promise<void> {
  await forgetActs(
    tx,
    sql`(
      select said.origin_id, said.no, said.ordered_at, account.id as account_id
      from revoke_order said join account on account.id = said.account_id
      where account.person_id = ${personId})`,
  );
}
