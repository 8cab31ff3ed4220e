import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import type { ItemCommand, ItemEvent } from './facts.ts';
import type { ItemsState, KnownItem } from './flow.ts';
import { employedOn, evidenceOf, lockBacklog } from './store.acts.ts';
import { drawDay } from './store.days.ts';

/** What people do with items of the backlog. */

export async function loadItems(
  tx: Tx,
  command: ItemCommand,
  { actor, now, zone }: Context,
): Promise<ItemsState> {
  await lockBacklog(tx);
  const assigneeId = command.do === 'assignBacklog' ? command.assigneeId : null;
  const day = now.toZonedDateTimeISO(zone).toPlainDate();
  return {
    items: await knownItems(tx, command.ids),
    assigneeKnown: assigneeId === null || (await worksHere(tx, assigneeId, day)),
    callerId: personOf(actor),
    evidenceOf,
  };
}

export async function knownItems(db: Db, ids: readonly string[]): Promise<readonly KnownItem[]> {
  const { rows } = await sql<KnownItem>`
    select id, number, state, assignee_id as "assigneeId" from backlog_item
    where id = any(${ids}::uuid[]) order by id`.execute(db);
  return rows;
}

async function worksHere(db: Db, id: string, day: Temporal.PlainDate): Promise<boolean> {
  const { rows } = await sql`select from person where id = ${id} and ${employedOn(day)}`.execute(
    db,
  );
  return rows.length > 0;
}

export async function projectItems(tx: Tx, event: ItemEvent, context: Context): Promise<void> {
  const these = sql`id = any(${event.ids}::uuid[])`;
  switch (event.type) {
    case 'BacklogAssigned':
      await write(
        tx,
        sql`update backlog_item set assignee_id = ${event.assigneeId} where ${these}`,
      );
      break;
    case 'BacklogStarted':
      await write(
        tx,
        sql`
        update backlog_item set state = 'working',
          assignee_id = coalesce(assignee_id, ${event.assigneeId}::uuid)
        where ${these}`,
      );
      break;
    case 'BacklogPutBack':
      await write(tx, sql`update backlog_item set state = 'open' where ${these}`);
      break;
  }
  await drawDay(tx, context);
}
