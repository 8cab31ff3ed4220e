import { sql } from 'kysely';
import { nextNight } from '../../clauses/retention/facts.schedule.ts';
import { closureKind, next } from '../../clauses/retention/store.closure.ts';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import { together } from '../../kernel/together.ts';
import type { World } from '../../platform/world.ts';
import type { Context } from '../../policy/event.ts';
import { heldCustomers } from '../../registers/customers/store.holds.ts';
import { scheduleNext } from '../../registers/tasks/store.ts';

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
 * The night of the custody: every key is wrapped by the newest key-encryption key, a backup of the
 * keystore is made, those that are old enough go, leftovers in the storage go, and every closure that should be on the clock is.
 */
export async function custodyNight(world: World, context: Context): Promise<void> {
  const now = world.now();
  // Three things that know nothing of each other, and the last of them none of the disk.
  await Promise.all([
    keepKeys(world, now),
    world.objects.sweep(now.subtract({ hours: abandonedHours })),
    wakeClosures(world.database.db, context),
  ]);
  await scheduleCustody(world.database.db, context);
}

async function keepKeys({ keystore }: World, now: Instant): Promise<void> {
  // A change of the key-encryption key that was cut off is finished.
  await keystore.rewrap();
  await keystore.backUp(now);
  await keystore.expireBackups(now, keepBackupDays);
}

/**
 * Puts closures on the clock that are not on it where they should be: forgotten by a crash, or put
 * far away by a clock that was ahead. Those that are held wait for the lifting.
 */
export async function wakeClosures(db: Db, context: Context): Promise<void> {
  const { now } = context;
  const farAway = now.add({ hours: 24 * (keepBackupDays + 1) });
  // As one of a journey it is prepared: it comes every night.
  const { rows } = await sql<{ id: string; at: Instant }>`
    select customer_id as id, case when state = 'closing' then greatest(due_at, ${now}) else ${now} end as at
    from closure
    where state in ('closing', 'erasing', 'erased')
      and (key_destroyed_at is not null or customer_id not in ${heldCustomers})
      and not exists (
        select from obligation
        where kind = ${closureKind} and subject = 'customer/' || closure.customer_id and done_at is null
          and obligation.due_at <= case state when 'closing' then greatest(closure.due_at, ${now})
            when 'erasing' then ${now} else ${farAway} end)`.execute(together(db));
  for (const { id, at } of rows) {
    await db.transaction().execute((tx) => next(tx, id, at, context));
  }
}

/** Puts the next night of the custody on the clock, where none is after now. */
export async function scheduleCustody(db: Db, { now, zone, newId }: Context): Promise<void> {
  const dueAt = nextNight(now, zone);
  const night = {
    id: newId(),
    clause: 'retention',
    kind: custodyKind,
    subject: custodySubject,
    dueAt,
  };
  await scheduleNext(db, night, now);
}
