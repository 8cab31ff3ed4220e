import { sql } from 'kysely';
import { nextNight } from '../../clauses/retention/facts.schedule.ts';
import { closureKind, next } from '../../clauses/retention/store.closure.ts';
import type { Db } from '../../kernel/db.ts';
import type { World } from '../../platform/world.ts';
import type { Context } from '../../policy/event.ts';
import { heldCustomers } from '../../registers/customers/store.holds.ts';
import { schedule } from '../../registers/tasks/store.ts';

/**
 * Days that a backup of the keystore is kept. With the key gone on day 30 the last backup that could
 * hold it is gone by day 65, well before day 90.
 */
export const keepBackupDays = 35;

/** Hours after which what was begun in the storage and never became an object is nobody's. */
const abandonedHours = 72;

export const custodyKind = 'closing.custody';
const custodySubject = 'keystore/backups';

/**
 * The night of the custody: a backup of the keystore is made, those that are old enough go, leftovers
 * in the storage go, and every closure that should be on the clock is.
 */
export async function custodyNight(world: World, context: Context): Promise<void> {
  const now = world.now();
  await world.keystore.backUp(now);
  await world.keystore.expireBackups(now, keepBackupDays);
  await world.objects.sweep(now.subtract({ hours: abandonedHours }));
  await wakeClosures(world.database.db, context);
  await scheduleCustody(world.database.db, context);
}

/** Puts closures on the clock that wait for nothing and are not on it: none is ever forgotten. */
export async function wakeClosures(db: Db, context: Context): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select customer_id as id from closure
    where state in ('closing', 'erasing', 'erased') and due_at <= ${context.now}
      and (key_destroyed_at is not null or customer_id not in ${heldCustomers})
      and not exists (
        select from obligation
        where kind = ${closureKind} and subject = 'customer/' || closure.customer_id and done_at is null)`.execute(
    db,
  );
  for (const { id } of rows) {
    await db.transaction().execute((tx) => next(tx, id, context.now, context));
  }
}

/** Puts the next night of the custody on the clock, where none is after now. */
export async function scheduleCustody(db: Db, { now, zone, newId }: Context): Promise<void> {
  const { rows } = await sql`
    select from obligation
    where kind = ${custodyKind} and subject = ${custodySubject} and done_at is null and due_at > ${now}
    limit 1`.execute(db);
  if (rows.length > 0) return;
  const dueAt = nextNight(now, zone);
  await db
    .transaction()
    .execute((tx) =>
      schedule(tx, [
        { id: newId(), clause: 'retention', kind: custodyKind, subject: custodySubject, dueAt },
      ]),
    );
}
