import type { Db } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import { dateIn, startOfDay } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import { together } from '../../kernel/together.ts';
import type { Context } from '../../policy/event.ts';
import type { ObligationHandler, ReactionHandler } from '../../policy/flow.ts';
import { personFlow } from '../../registers/people/store.ts';
import { isScheduled, schedule, unschedule } from '../../registers/tasks/store.ts';
import type { PeopleSettings } from './facts.ts';
import { rosterFlow } from './flows.ts';
import { erasuresUnplanned, lastDayOf, peopleSettingsOf } from './store.staff.ts';

/** What the clock makes happen in this clause, and what follows from entries of other rooms. */

type Room = Parameters<ObligationHandler>[0];

/** Once a day, as soon as it begins. Plans the next day itself, once. */
const readStaff = async ({ db, execute, context }: Room): Promise<void> => {
  const read = await execute(rosterFlow, { do: 'readStaff' });
  invariant(read.ok, 'the system may read the staff');
  const tomorrow = dateIn(context.now, context.zone).add({ days: 1 });
  const next = { clause: 'people', kind: 'people.readStaff', subject: `roster/${tomorrow}` };
  const journey = together(db);
  const [settings, leavers, planned] = await Promise.all([
    peopleSettingsOf(journey),
    erasuresUnplanned(journey),
    isScheduled(journey, next.kind, next.subject),
  ]);
  await planErasures(db, leavers, settings, context);
  if (planned) return;
  const dueAt = startOfDay(tomorrow, context.zone);
  await db.transaction().execute((tx) => schedule(tx, [{ ...next, id: context.newId(), dueAt }]));
};

/** Puts the erasure of every leaver on the clock whose it is not yet. */
async function planErasures(
  db: Db,
  leavers: Awaited<ReturnType<typeof erasuresUnplanned>>,
  { erasureDays }: PeopleSettings,
  { zone, newId }: Context,
): Promise<void> {
  const obligations = leavers.map(({ id, endsOn }) => ({
    id: newId(),
    clause: 'people',
    kind: 'people.erase',
    subject: `person/${id}`,
    dueAt: startOfDay(endsOn.add({ days: erasureDays + 1 }), zone),
  }));
  await db.transaction().execute((tx) => schedule(tx, obligations));
}

/** Days after which a blocked erasure is tried again. */
const againDays = 7;

/** Erases a leaver whose time has come; notes what is in the way and comes back. */
const erase: ObligationHandler = async ({ db, execute, context }, { subject }) => {
  const id: PersonId = subject.slice('person/'.length);
  const { erasureDays } = await peopleSettingsOf(db);
  const endsOn = await lastDayOf(db, id);
  if (!endsOn) return;
  const due = startOfDay(endsOn.add({ days: erasureDays + 1 }), context.zone);
  // The last day or the setting may have changed since this was put on the clock.
  if (Temporal.Instant.compare(context.now, due) < 0) return await again(db, id, due, context);
  const erased = await execute(personFlow, { do: 'erasePerson', id });
  if (erased.ok) return;
  const { code, params } = erased.refusal;
  const count = Number(params['count'] ?? 0);
  await execute(rosterFlow, { do: 'noteErasureBlocked', personId: id, code, count });
  await again(db, id, context.now.add({ hours: 24 * againDays }), context);
};

async function again(
  db: Db,
  id: PersonId,
  dueAt: Temporal.Instant,
  { newId }: Context,
): Promise<void> {
  const next = { clause: 'people', kind: 'people.erase', subject: `person/${id}`, dueAt };
  await db.transaction().execute((tx) => schedule(tx, [{ ...next, id: newId() }]));
}

/**
 * Somebody joined, changed or left: the staff is read in the next tick, once for however many did. A
 * personnel system may bring thousands at a time.
 */
const staffChanged: ReactionHandler = async ({ db, context }) => {
  const soon = { clause: 'people', kind: 'people.readStaff', subject: 'roster/soon' };
  if (await isScheduled(db, soon.kind, soon.subject)) return;
  const dueAt = context.now;
  await db.transaction().execute((tx) => schedule(tx, [{ ...soon, id: context.newId(), dueAt }]));
};

/** The end was moved or withdrawn: what was on the clock for the old one is not any more. */
const endChanged: ReactionHandler = async (room, entry) => {
  await room.db.transaction().execute((tx) => unschedule(tx, entry.subject, 'people.erase'));
  await staffChanged(room, entry);
};

export const obligations: Readonly<Record<string, ObligationHandler>> = {
  'people.readStaff': readStaff,
  'people.erase': erase,
};

export const reactions: Readonly<Record<string, ReactionHandler>> = {
  // The first publication starts the daily reading; later ones find it planned.
  UndertakingPublished: staffChanged,
  CoursePublished: staffChanged,
  ChecklistTemplateSaved: staffChanged,
  PersonRegistered: staffChanged,
  PersonUpdated: staffChanged,
  PeopleImported: staffChanged,
  // Groups of a directory bring and take roles.
  GroupProvisioned: staffChanged,
  GroupChanged: staffChanged,
  GroupDeleted: staffChanged,
  GroupMapped: staffChanged,
  RolesSettled: staffChanged,
  EmploymentEnded: endChanged,
  AccessEnded: staffChanged,
  EmploymentContinued: endChanged,
};
