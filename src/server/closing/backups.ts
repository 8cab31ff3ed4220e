import { sql } from 'kysely';
import { nextNight } from '../../clauses/retention/facts.schedule.ts';
import { closureKind, next } from '../../clauses/retention/store.closure.ts';
import type { Db } from '../../kernel/db.ts';
import { type Instant, instantText, isBefore } from '../../kernel/instant.ts';
import { together } from '../../kernel/together.ts';
import type { World } from '../../platform/world.ts';
import type { Context } from '../../policy/event.ts';
import { heldCustomers } from '../../registers/customers/store.holds.ts';
import { scheduleNext } from '../../registers/tasks/store.ts';
import { knownBackups, lastLook, recordBackups } from '../../registers/vault/store.custody.ts';
import { lookThrough } from './looking.ts';

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
  await lookThrough(world);
  await scheduleCustody(world.database.db, context);
}

async function keepKeys(world: World, now: Instant): Promise<void> {
  // A change of the key-encryption key that was cut off is finished.
  await world.keystore.rewrap();
  await world.keystore.backUp(now);
  await expireBackups(world, now);
}

/** Lets backups go that are at their day; those that stay are known by name from now on. */
export async function expireBackups(world: World, now: Instant): Promise<void> {
  const { keystore, database } = world;
  const listed = (await keystore.backups()).map(({ at }) => at);
  await recordBackups(database.db, listed.map(expiring), []);
  const erased = await keystore.expireBackups(now, keepBackupDays);
  await recordBackups(
    database.db,
    [],
    erased.map(({ at }) => at),
  );
}

/**
 * Backups that hold a customer's key, or may: one that was listed once, is not any more, was not
 * erased here and is not at its day lies elsewhere, and nobody knows what is in it.
 */
export async function followedBackups(world: World, customerId: string) {
  const { keystore, database } = world;
  const [holding, listed, known] = await Promise.all([
    keystore.backupsHolding(customerId),
    keystore.backups(),
    knownBackups(database.db, world.now()),
  ]);
  const there = new Set(listed.map(({ at }) => instantText(at)));
  const astray = known.filter((at) => !there.has(instantText(at)));
  return [...holding, ...astray].map(expiring).map(({ madeAt, expiresAt }) => ({
    madeAt: instantText(madeAt),
    expiresAt: instantText(expiresAt),
  }));
}

function expiring(madeAt: Instant) {
  return { madeAt, expiresAt: madeAt.add({ hours: 24 * keepBackupDays }) };
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

/** Nights of the custody are on the clock; the first, or one after a long rest, is at once. */
export async function beginCustody(db: Db, context: Context): Promise<void> {
  const looked = await lastLook(db);
  const isRecent = looked && isBefore(context.now.subtract({ hours: 24 }), looked);
  // A moment from now: what is due already is not looked for when the next is scheduled.
  await scheduleCustody(db, context, isRecent ? undefined : context.now.add({ seconds: 1 }));
}

/** Puts the next night of the custody on the clock, where none is after now. */
export async function scheduleCustody(
  db: Db,
  { now, zone, newId }: Context,
  dueAt: Instant = nextNight(now, zone),
): Promise<void> {
  const night = {
    id: newId(),
    clause: 'retention',
    kind: custodyKind,
    subject: custodySubject,
    dueAt,
  };
  await scheduleNext(db, night, now);
}
