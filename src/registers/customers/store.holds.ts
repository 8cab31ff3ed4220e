import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import { endOfDay } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import { cancelTasks, completeTasks, openTasks } from '../tasks/store.ts';
import { type HoldCommand, type HoldEvent, type HoldRefusal, holdCommand } from './facts.holds.ts';
import { decideHold, type HoldState } from './flow.holds.ts';
import { lockCustomer } from './store.ts';

/**
 * Ids of all customers on whom a hold is placed, as a subquery: `where not customer_id in
 * ${heldCustomers}`. Whatever deletes by the clock leaves these alone, and does what was due when
 * the last hold is lifted, never before.
 */
export const heldCustomers: RawBuilder<{ customer_id: string }> = sql`(
  select legal_hold.customer_id from legal_hold where legal_hold.lifted_at is null)`;

/** Whether a hold stops every clock of this customer's data. */
export async function isHeld(db: Db, customerId: string): Promise<boolean> {
  const { rows } = await sql<{ held: boolean }>`
    select ${customerId}::uuid in ${heldCustomers} as held`.execute(db);
  return rows[0]?.held ?? false;
}

/** Legal holds: placed, looked at again, lifted by somebody else. */
export const holdFlow: Flow<HoldState, HoldCommand, HoldEvent, HoldRefusal> = {
  name: 'customers.hold',
  clause: 'customers',
  command: holdCommand,
  load: loadHold,
  authorize: (_, command) => ({ action: command.do }),
  decide: decideHold,
  project: projectHold,
};

/** Kind of the task to look at a hold again; its duty stands under RET-2. */
export const reviewTask = 'customers.reviewHold';

async function loadHold(tx: Tx, command: HoldCommand): Promise<HoldState> {
  const holdId = 'holdId' in command ? command.holdId : null;
  const { rows } = await sql<NonNullable<HoldState['hold']> & { customerId: string }>`
    select id, customer_id as "customerId", placed_by as "placedBy", lifted_at is not null as lifted
    from legal_hold where id = ${holdId}`.execute(tx);
  const found = rows[0];
  const customerId = command.do === 'placeHold' ? command.customerId : found?.customerId;
  // Whoever decides on the account holds its row: closure's day 30 and a hold cannot cross.
  const customer = customerId ? await lockCustomer(tx, customerId) : null;
  const others = await sql<{ n: number }>`
    select count(*)::int as n from legal_hold
    where customer_id = ${customerId ?? null} and lifted_at is null and id is distinct from ${holdId}::uuid`.execute(
    tx,
  );
  const hold = found && customer ? await freshHold(tx, found.id) : null;
  const keyLeft = customer ? await hasKeyLeft(tx, customer.id) : false;
  return { customer, keyLeft, hold, others: others.rows[0]?.n ?? 0 };
}

/** Asked once the customer is locked: whoever destroys the key says so under the same lock. */
async function hasKeyLeft(tx: Tx, customerId: string): Promise<boolean> {
  const { rows } = await sql`
    select from customer where id = ${customerId} and key_leaves_at is not null`.execute(tx);
  return rows.length > 0;
}

/** The hold as it is once the customer is locked: two may have wanted to lift it. */
async function freshHold(tx: Tx, id: string): Promise<HoldState['hold']> {
  const { rows } = await sql<NonNullable<HoldState['hold']>>`
    select id, placed_by as "placedBy", lifted_at is not null as lifted
    from legal_hold where id = ${id}`.execute(tx);
  return rows[0] ?? null;
}

async function projectHold(tx: Tx, event: HoldEvent, context: Context): Promise<void> {
  const customerId = event.subject.slice('customer/'.length);
  const { now, zone } = context;
  const { hold, by } = event.body;
  const task = { kind: reviewTask, subject: `hold/${hold}` };
  const dueAt = (reviewOn: string) => endOfDay(Temporal.PlainDate.from(reviewOn), zone);
  switch (event.type) {
    case 'HoldPlaced':
      await sql`
        insert into legal_hold (id, customer_id, reason, placed_at, placed_by, review_on)
        values (${hold}, ${customerId}, ${event.private.reason}, ${now}, ${by}, ${event.body.reviewOn}::date)`.execute(
        tx,
      );
      await openReview(tx, customerId, hold, dueAt(event.body.reviewOn), context);
      break;
    case 'HoldReviewed':
      await sql`
        update legal_hold set review_on = ${event.body.reviewOn}::date, reviewed_at = ${now}
        where id = ${hold}`.execute(tx);
      await completeTasks(tx, task, by, now);
      await openReview(tx, customerId, hold, dueAt(event.body.reviewOn), context);
      break;
    case 'HoldLifted':
      await sql`
        update legal_hold set lifted_at = ${now}, lifted_by = ${by} where id = ${hold}`.execute(tx);
      await cancelTasks(tx, task, now);
      break;
  }
}

/** The reader finds the customer by the path; the task itself keeps no name of theirs. */
async function openReview(
  tx: Tx,
  customerId: string,
  hold: string,
  dueAt: Temporal.Instant,
  { now, newId }: Context,
): Promise<void> {
  const { rows } = await sql<{ key: string }>`
    select key from customer where id = ${customerId}`.execute(tx);
  const key = rows[0]?.key ?? '';
  await openTasks(tx, [
    {
      id: newId(),
      kind: reviewTask,
      promise: 'RET-2',
      subject: `hold/${hold}`,
      assigneeId: null,
      role: 'security-officer',
      openedAt: now,
      dueAt,
      detail: { customer: key },
      path: `/console/customers/${key}`,
    },
  ]);
}
