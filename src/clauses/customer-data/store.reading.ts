import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Tx } from '../../kernel/db.ts';
import { refuseByGuard } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import {
  type CaseReadRefusal,
  type ReadUnderCase,
  readUnderCase as readUnderCaseCommand,
  type StaffDecrypted,
} from './facts.reading.ts';
import { decideReading, type ReadingState } from './flow.reading.ts';
import { caseAllows } from './store.allows.ts';

/** The case is locked against closing until the read is written down. */
async function loadReading(
  tx: Tx,
  command: ReadUnderCase,
  { actor, now }: Context,
): Promise<ReadingState> {
  const personId = personOf(actor);
  await sql`select from customer_case where id = ${command.caseId} for share`.execute(tx);
  if (!personId) return { personId, allowed: refuseByGuard('CUS-3', 'caseNotYours') };
  const { caseId, customerId, collection, itemId, changedAt } = command;
  return {
    personId,
    allowed: await caseAllows(tx, {
      caseId,
      customerId,
      personId,
      collection,
      objectId: itemId,
      changedAt: changedAt === null ? null : Temporal.Instant.from(changedAt),
      now,
    }),
  };
}

async function projectRead(tx: Tx, event: StaffDecrypted, context: Context): Promise<void> {
  const { person, what, collection, item, changedAt, copy } = event.body;
  await sql`
    insert into case_read (id, case_id, person_id, what, collection, item_id, changed_at, copied, at)
    values (${context.newId()}, ${event.subject.slice('case/'.length)}, ${person}, ${what}, ${collection}, ${item},
      ${changedAt}::timestamptz, ${copy}, ${context.now})`.execute(tx);
}

/**
 * One read under a case, before its first byte flows: asked for, decided, and in the ledger as one
 * `StaffDecrypted`. Executed by the door as the person who reads; nothing else writes reads.
 */
export const readUnderCase: Flow<ReadingState, ReadUnderCase, StaffDecrypted, CaseReadRefusal> = {
  name: 'customer-data.readUnderCase',
  clause: 'customer-data',
  command: readUnderCaseCommand,
  load: loadReading,
  authorize: () => ({ action: 'readUnderCase' }),
  decide: decideReading,
  project: projectRead,
};
