import { sql } from 'kysely';
import { type Tx, write } from '../../kernel/db.ts';
import type { Flow } from '../../policy/flow.ts';
import {
  type AccountCommand,
  type AccountEvent,
  type AccountRefusal,
  accountCommand,
} from './facts.ts';
import { type AccountState, decideAccount } from './flow.ts';

/** Whose an account is and what for; which entitlements are privileged. */
export const accountFlow: Flow<AccountState, AccountCommand, AccountEvent, AccountRefusal> = {
  name: 'accounts.account',
  clause: 'accounts',
  command: accountCommand,
  load: loadAccount,
  authorize: (_, command) => ({ action: command.do }),
  decide: decideAccount,
  project: projectAccount,
};

async function loadAccount(tx: Tx, command: AccountCommand): Promise<AccountState> {
  if (command.do === 'markEntitlement') {
    const { rows } = await sql<NonNullable<AccountState['entitlement']>>`
      select id, privileged from entitlement where id = ${command.id} for no key update`.execute(
      tx,
    );
    return { account: null, entitlement: rows[0] ?? null, personKnown: false };
  }
  const { rows } = await sql<NonNullable<AccountState['account']>>`
    select id, person_id as "personId", kind from account where id = ${command.id}
    for no key update`.execute(tx);
  const personId = command.do === 'linkAccount' ? command.personId : null;
  const known = personId
    ? await sql`select from person where id = ${personId} and erased_at is null for key share`.execute(
        tx,
      )
    : null;
  return { account: rows[0] ?? null, entitlement: null, personKnown: known?.rows.length === 1 };
}

async function projectAccount(tx: Tx, event: AccountEvent): Promise<void> {
  const id = event.subject.split('/')[1];
  switch (event.type) {
    case 'AccountLinked':
      await sql`update account set person_id = ${event.body['personId']} where id = ${id}`.execute(
        tx,
      );
      break;
    case 'AccountMarked':
      await write(tx, sql`update account set kind = ${event.body['kind']} where id = ${id}`);
      break;
    case 'EntitlementMarked':
      await sql`update entitlement set privileged = ${event.body['privileged']} where id = ${id}`.execute(
        tx,
      );
      break;
  }
}
