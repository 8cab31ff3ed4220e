import { sql } from 'kysely';
import type { Role } from '../../kernel/actor.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Execute } from '../../policy/flow.ts';
import type { ClauseSimulation, SimulationRoom } from '../../policy/simulation.ts';
import { personFlow } from '../../registers/people/store.ts';
import { undertakingsInForce } from '../../registers/people/store.undertakings.ts';
import { questionsOf } from './facts.course.ts';
import { peopleSettings } from './facts.ts';
import {
  checklistFlow,
  disposalFlow,
  settingsFlow,
  trainingFlow,
  undertakingFlow,
} from './flows.ts';
import { publishShipped, shipped } from './shipped.ts';
import { invariants } from './sim.invariants.ts';
import { newestVersion, textIn, versionOf } from './store.course.ts';
import { attemptsAt } from './store.training.ts';

/**
 * How people treat what they owe: most sign at once and learn in time, some put it off until they
 * are reminded, a few need several attempts, and now and then somebody forgets altogether.
 */
export const sim: ClauseSimulation = {
  name: 'people',

  async step(room) {
    await begin(room);
    const staff = await staffOf(room);
    await signSome(room, staff);
    await giveRoles(room, staff);
    await trainSome(room, staff);
    await tickItems(room, staff);
    await disposeSome(room, staff);
    await moveSomebody(room, staff);
  },

  invariants,
};

interface Somebody {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly department: string;
  readonly version: number;
}
type Staff = ReadonlyMap<string, Somebody>;

/** People of today, by id. */
async function staffOf({ db, now, zone }: SimulationRoom): Promise<Staff> {
  const today = dateIn(now, zone);
  const { rows } = await sql<Somebody>`
    select id, name, roles, department, version from person
    where erased_at is null and 'employee' = any(roles)
      and (starts_on is null or starts_on <= ${today}::date)
      and (ends_on is null or ends_on >= ${today}::date) order by id`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

function withRole(staff: Staff, role: Role): Somebody | undefined {
  return [...staff.values()].find(({ roles }) => roles.includes(role));
}

const as = (room: SimulationRoom, { id, roles }: Somebody): Execute => room.as(id, ...roles);

/** Days after which the sample company erases its leavers: soon enough to be seen. */
const erasureDays = 180;

/** On its first day the people team publishes what ships. */
async function begin(room: SimulationRoom): Promise<void> {
  const { rows } = await sql`select 1 from checklist_template limit 1`.execute(room.db);
  if (rows.length > 0) return;
  const team = withRole(await staffOf(room), 'people');
  if (!team) return;
  const settings = { ...peopleSettings.parse({}), erasureDays };
  await as(room, team)(settingsFlow, { do: 'changeSettings', settings });
  await publishShipped(as(room, team), { ...shipped, checklists: true });
}

type Temperament = 'prompt' | 'late' | 'forgetful';

/** A person stays as they are: it follows from their id. */
function temperamentOf(id: string): Temperament {
  const digit = Number.parseInt(id.slice(-2), 16) % 16;
  if (digit < 9) return 'prompt';
  return digit < 14 ? 'late' : 'forgetful';
}

/** Whether somebody sits down today to what is due in so many days. */
function sitsDown({ oneIn }: SimulationRoom, id: string, daysLeft: number): boolean {
  switch (temperamentOf(id)) {
    case 'prompt':
      return oneIn(2);
    case 'late':
      return daysLeft < 8 && oneIn(3);
    case 'forgetful':
      return daysLeft < 0 && oneIn(8);
  }
}

interface Waiting {
  readonly subject: string;
  readonly kind: string;
  readonly person: string;
  readonly daysLeft: number;
}

/** Open tasks of some kinds that people of today have, soonest first. */
async function waiting({ db, now }: SimulationRoom, kinds: readonly string[]) {
  const { rows } = await sql<Waiting>`
    select kind, subject, coalesce(assignee_id::text, role) as person,
      floor(extract(epoch from due_at - ${now}::timestamptz) / 86400)::int as "daysLeft"
    from task where kind = any(${kinds}::text[]) and done_at is null and missed_at is null
      and cancelled_at is null order by due_at, id`.execute(db);
  return rows;
}

async function signSome(room: SimulationRoom, staff: Staff): Promise<void> {
  const tasks = await waiting(room, ['people.signUndertaking', 'people.acknowledgeGuidance']);
  if (tasks.length === 0) return;
  const inForce = new Map((await undertakingsInForce(room.db)).map((it) => [it.document, it]));
  for (const { subject, person, daysLeft } of tasks) {
    const signer = staff.get(person);
    const version = inForce.get(subject.slice('undertaking/'.length));
    if (!signer || !version) continue;
    // Who joined cannot do much before it, so nobody puts it off for long.
    if (!room.oneIn(2) && !sitsDown(room, person, daysLeft)) continue;
    await as(room, signer)(undertakingFlow, {
      do: 'sign',
      versionId: version.id,
      digest: version.digest,
      language: 'ja',
      ...(version.kind === 'undertaking' ? { name: signer.name } : {}),
    });
  }
}

const roleOf: Readonly<Record<string, Role>> = { Engineering: 'engineer', Support: 'support' };

/** Who joined gets the role of their department once they have signed; before, Kept refuses it. */
async function giveRoles(room: SimulationRoom, staff: Staff): Promise<void> {
  const officer = withRole(staff, 'security-officer');
  if (!officer) return;
  for (const { id, roles, department, version } of staff.values()) {
    const role = roleOf[department];
    if (!role || roles.length !== 1 || !room.oneIn(3)) continue;
    await as(room, officer)(personFlow, {
      do: 'updatePerson',
      id,
      version,
      changes: { roles: ['employee', role] },
    });
  }
}

async function trainSome(room: SimulationRoom, staff: Staff): Promise<void> {
  for (const { subject, person, daysLeft } of await waiting(room, ['people.training'])) {
    const trainee = staff.get(person);
    if (!trainee || !sitsDown(room, person, daysLeft)) continue;
    await takeTest(room, trainee, subject.slice('course/'.length));
  }
}

/** One sitting: most know most of it. */
async function takeTest(room: SimulationRoom, trainee: Somebody, course: string): Promise<void> {
  const execute = as(room, trainee);
  const begun = await execute(trainingFlow, { do: 'startAttempt', course });
  if (!begun.ok) return;
  const { rows } = await sql<{ id: string }>`
    select id from training where person_id = ${trainee.id} and course = ${course} and closed_at is null`.execute(
    room.db,
  );
  const [attempt] = await attemptsAt(room.db, rows[0]?.id ?? trainee.id);
  const version = attempt && (await inForceFor(room, attempt.id, course));
  if (!attempt || !version) return;
  const pool = new Map(questionsOf(textIn(version, 'en')).map((each) => [each.id, each]));
  const knows = 3 + Math.floor(room.random() * 12);
  const answers = Object.fromEntries(
    attempt.questions.map(({ id }) => {
      const right = pool.get(id)?.options.flatMap((option, at) => (option.right ? [at] : [])) ?? [];
      return [id, room.oneIn(knows) ? [] : right];
    }),
  );
  await execute(trainingFlow, { do: 'submitAttempt', attemptId: attempt.id, answers });
}

async function inForceFor({ db }: SimulationRoom, attemptId: string, course: string) {
  const { rows } = await sql<{ id: string }>`
    select version_id as id from course_attempt where id = ${attemptId}`.execute(db);
  return rows[0] ? await versionOf(db, rows[0].id) : await newestVersion(db, course);
}

async function tickItems(room: SimulationRoom, staff: Staff): Promise<void> {
  const kinds = ['people.joinerItem', 'people.moverItem', 'people.leaverItem'];
  const team = withRole(staff, 'people');
  for (const { subject, person, daysLeft } of await waiting(room, kinds)) {
    if (daysLeft > 10) continue;
    const doer =
      staff.get(person) ??
      [...staff.values()].find(({ roles }) => roles.some((role) => role === person));
    // What nobody is left to do, the people team does.
    const execute = doer ?? team;
    if (!execute || !sitsDown(room, execute.id, daysLeft)) continue;
    const itemId = subject.slice('checklistItem/'.length);
    await as(room, execute)(checklistFlow, { do: 'completeItem', itemId });
  }
}

/** The people team records what leavers disposed of, mostly in time. */
async function disposeSome(room: SimulationRoom, staff: Staff): Promise<void> {
  const team = withRole(staff, 'people');
  const witness = withRole(staff, 'security-officer');
  if (!team || !witness) return;
  const today = dateIn(room.now, room.zone);
  const { rows } = await sql<{ id: string; days: number }>`
    select p.id, ${today}::date - p.ends_on as days from person p
    where p.ends_on between ${today.subtract({ days: 30 })}::date and ${today}::date
      and p.erased_at is null and not exists (select from disposal d where d.holder_id = p.id)
    order by p.id`.execute(room.db);
  for (const { id } of rows) {
    if (!room.oneIn(3)) continue;
    const nothing = room.oneIn(3);
    await as(room, team)(disposalFlow, {
      do: 'recordDisposal',
      medium: nothing ? 'none' : 'paper',
      what: nothing ? '' : 'Printed lists and notebooks',
      method: nothing ? 'none' : 'destroy',
      how: nothing ? '' : 'Cross-cut shredder',
      disposedOn: today.toString(),
      holderId: id,
      witnessId: nothing ? null : witness.id,
    });
  }
}

const departments = ['Engineering', 'Support', 'Commercial', 'Finance'];

/** Now and then somebody changes department. */
async function moveSomebody(room: SimulationRoom, staff: Staff): Promise<void> {
  if (!room.oneIn(25)) return;
  const team = withRole(staff, 'people');
  const movable = [...staff.values()].filter(({ roles }) => roles.length === 1);
  const mover = movable[Math.floor(room.random() * movable.length)];
  const department = departments.find((each) => each !== mover?.department);
  if (!team || !mover || !department) return;
  await as(room, team)(personFlow, {
    do: 'updatePerson',
    id: mover.id,
    version: mover.version,
    changes: { department },
  });
}
