import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../kernel/db.ts';
import { revokeEverything } from '../platform/identity/revoke.ts';
import { erasePrivate } from '../platform/ledger/reading.ts';
import type { Register } from '../policy/clause.ts';
import { forgetActs } from '../registers/connections/store.forgetting.ts';
import { forgetFindingsIn } from '../registers/findings/erasure.ts';
import { forgetNameInTasks } from '../registers/tasks/erasure.ts';

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
        await forgetCases(tx, 'requester', sql`requester_id = ${personId}`);
        await forgetFindingsIn(
          tx,
          'unwrap',
          sql`select id::text from vault_unwrap where person_id = ${personId}`,
        );
        await revokeEverything(tx, personId, context.now);
      });
    },
    RecordsDisposed: async ({ db }, { body }) => {
      if (body['kind'] === 'closedAccounts' || body['kind'] === 'requests') await eraseRemains(db);
      if (body['kind'] === 'cases') await eraseCases(db);
    },
  },
};

/**
 * What the ledger still says in plaintext of accounts whose remains were disposed of, of the contacts
 * there, and of requests whose time is over (RET-6). Over all of them: again is safe.
 */
async function eraseRemains(db: Db): Promise<void> {
  await forgetCases(
    db,
    'customer',
    sql`customer_id in (select id from customer where name is null)`,
  );
  await forgetFindingsIn(
    db,
    'unwrap',
    sql`select used.id::text from vault_unwrap used join customer on customer.id = used.customer_id
      where customer.name is null`,
  );
  await sql`
    delete from ledger_private where about in (
      select id from customer where name is null
      union all select contact.id from customer_contact contact
        join customer on customer.id = contact.customer_id where customer.name is null
      union all select id from customer_request where forgotten_at is not null)`.execute(db);
}

/**
 * What the ledger still says in plaintext of cases that were disposed of, whoever wrote it, and the
 * records of consent that they rested on. Over all of them: again is safe.
 */
async function eraseCases(db: Db): Promise<void> {
  const gone = sql`(
    select subject from ledger_entry entry where type = 'CaseRequested'
      and not exists (select from customer_case it where it.id = substr(entry.subject, 6)::uuid))`;
  await db.transaction().execute(async (tx) => {
    await sql`
      delete from blob where sha256 in (
          select decode(convert_from(bytes, 'UTF8')::jsonb -> 'body' ->> 'consent', 'hex')
          from ledger_entry where type = 'CaseRequested' and subject in ${gone})
        and sha256 not in (
          select decode(consent_sha256, 'hex') from customer_case where consent_sha256 is not null)`.execute(
      tx,
    );
    await sql`
      delete from ledger_private
      where entry_id in (select id from ledger_entry where subject in ${gone})`.execute(tx);
  });
}

/** Tasks and findings about cases bear, for the eye, the names of customer and requester. */
async function forgetCases(
  db: Db,
  name: 'customer' | 'requester',
  which: RawBuilder<unknown>,
): Promise<void> {
  await forgetNameInTasks(db, name, sql`select 'case/' || id from customer_case where ${which}`);
  await forgetFindingsIn(db, 'case', sql`select id::text from customer_case where ${which}`);
  await forgetFindingsIn(
    db,
    'read',
    sql`select read.id::text from case_read read
      where read.case_id in (select id from customer_case where ${which})`,
  );
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
