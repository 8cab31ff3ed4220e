import { sql } from 'kysely';
import type { Db } from '../kernel/db.ts';
import { dateIn, earliest, type Instant, isBefore } from '../kernel/instant.ts';
import { together } from '../kernel/together.ts';
import { executeAs } from '../platform/execute.ts';
import { newestCheckpoint } from '../platform/ledger/reading.ts';
import type { World } from '../platform/world.ts';
import type { ClauseSimulation, SimulationRoom } from '../policy/simulation.ts';
import type { Rooms } from '../server/rooms.ts';
import { nextDueAt, tick, work } from '../server/tick.ts';
import type { Chance } from './chance.ts';
import type { Company } from './company.ts';
import type { CrashPoint } from './crash.ts';
import { brokenInvariants, finalInvariants, houseInvariants } from './invariants.ts';
import type { SimulatedOutside } from './outside.ts';

/** The simulator's clock: moves only when told. */
export interface SimulatedClock {
  now: Instant;
}

export interface Life {
  readonly world: World;
  readonly rooms: Rooms;
  readonly company: Company;
  readonly simulations: readonly ClauseSimulation[];
  readonly clock: SimulatedClock;
  readonly chance: Chance;
  readonly until: Instant;
  /** Working days between two on which people act: 1 lives every day. */
  readonly stride: number;
  /** Sources outside that are connected; absent: none is. */
  readonly outside?: SimulatedOutside;
  /** Where the process may die; absent: it never does. */
  readonly crash?: CrashPoint;
  /**
   * Hours from one step to the next at most, where things fall due close upon each other: each time so
   * many are drawn, from 1 on. What fell due meanwhile is met late, as by a process that slept.
   */
  readonly restHours: number;
  /**
   * Hours that what nobody waits for (nightly rounds, reminders) may wait for something else to happen:
   * quiet nights are then met together, as by a process that slept. Absent: each at its time.
   */
  readonly nightsWaitHours?: number;
  /** Hours between two times that promises are judged; 0: at every step. What is due is done at its time. */
  readonly judgedEveryHours: number;
  /**
   * Hours after which a check runs though nothing asks for it. The longer, the plainer it shows where a
   * check does not say what changes its answer, and when. Absent: as in production.
   */
  readonly refreshHours?: number;
  /** Asserts the invariants after every step. */
  readonly asserted: boolean;
  /** Ticks missed: the process slept through so many steps, about once in `n`; 0 for never. */
  readonly missedTicks: number;
  readonly onStep?: (now: Instant) => void;
}

/** What an invariant found, with all that is needed to see it again. */
export class InvariantBreach extends Error {
  override readonly name = 'InvariantBreach';
}

export interface Lived {
  readonly steps: number;
  readonly crashes: number;
  /** Root of the ledger, hex: the same seed gives the same one. */
  readonly head: string;
  readonly entries: number;
}

/**
 * Lives the company's life: jumps from one thing that is due to the next, lets people act on
 * working days, ticks, and asserts what must hold.
 *
 * @throws InvariantBreach naming the time and what was wrong
 */
export async function live(life: Life): Promise<Lived> {
  const { steps, crashes } = await liveOn(life);
  await settle(life);
  if (life.asserted) await assertAll(life, { ...houseInvariants, ...finalInvariants });
  const head = await newestCheckpoint(life.world.database.db);
  return { steps, crashes, head: head?.root.toString('hex') ?? '', entries: head?.size ?? 0 };
}

/** Lives until the time of the life has come, and leaves what is due then to whoever goes on. */
export async function liveOn(life: Life): Promise<Pick<Lived, 'steps' | 'crashes'>> {
  const { clock, until } = life;
  let [steps, crashes, morning] = [0, 0, nextMorning(clock.now, 1)];
  let judged = clock.now;
  while (isBefore(clock.now, until)) {
    const due = await nextDue(life, judged);
    const rest = life.restHours > 1 ? 1 + life.chance.below(life.restHours) : 1;
    const soonest = clock.now.add({ hours: rest });
    const later = due && isBefore(soonest, due) ? due : soonest;
    const next = due && isBefore(later, morning) ? later : morning;
    clock.now = isBefore(until, next) ? until : next;
    const people = clock.now.equals(morning);
    if (people) morning = nextMorning(clock.now, life.stride);
    // Where it would fall due before people act again it is done now: nothing happens in between.
    const judgement = judged.add({ hours: life.judgedEveryHours });
    const judges = !isBefore(people ? morning : clock.now, judgement);
    if (judges) judged = clock.now;
    crashes += await step(life, { people, judges });
    steps += 1;
    life.onStep?.(clock.now);
  }
  return { steps, crashes };
}

/** Where the clock jumps to, if nobody acts before: the next thing that is due, or the next judgement. */
async function nextDue(life: Life, judged: Instant): Promise<Instant | null> {
  const { db } = life.world.database;
  if (life.judgedEveryHours === 0) return await nextDueAt(db, life.clock.now);
  const judgement = judged.add({ hours: life.judgedEveryHours });
  const { patient, other } = await nextObligations(db);
  const night = patient?.add({ hours: life.nightsWaitHours ?? 0 });
  return earliest([judgement, night ?? judgement, other ?? judgement]);
}

/** What comes back every night, and does nothing else than on the night before where nothing happened; and reminders. */
const patientKinds = [
  'access.remind',
  'closing.custody',
  'people.readStaff',
  'publication.readRoster',
  'publication.remind',
  'retention.night',
  'vulnerabilities.drawDay',
];

interface NextObligations {
  readonly patient: Instant | null;
  readonly other: Instant | null;
}

async function nextObligations(db: Db): Promise<NextObligations> {
  const { rows } = await sql<NextObligations>`
    select min(at) filter (where patient) as patient, min(at) filter (where not patient) as other
    from (
      select coalesce(retry_at, due_at) as at, kind = any(${patientKinds}::text[]) as patient
      from obligation where done_at is null) open`.execute(db);
  return rows[0] ?? { patient: null, other: null };
}

/** 09:00 on the next working day that people act on, in the zone of the sample company. */
const zone = 'Asia/Tokyo';

function nextMorning(after: Instant, workingDays: number): Instant {
  let day = dateIn(after, zone);
  for (let left = workingDays; left > 0; ) {
    day = day.add({ days: 1 });
    if (day.dayOfWeek <= 5) left -= 1;
  }
  return day.toZonedDateTime({ timeZone: zone, plainTime: '09:00' }).toInstant();
}

interface Step {
  readonly people: boolean;
  readonly judges: boolean;
}

/** @returns how many times the process died in it */
async function step(life: Life, { people, judges }: Step): Promise<number> {
  const { chance, crash } = life;
  if (crash && chance.oneIn(12)) crash.arm(1 + chance.below(24));
  let crashes = 0;
  try {
    if (people) await actOut(life);
    const asleep = life.missedTicks > 0 && chance.oneIn(life.missedTicks);
    if (asleep) return 0;
    if (judges) await settle(life);
    else await work(life.world, life.rooms);
  } catch (thrown) {
    if (!(await crash?.restart())) throw thrown;
    crashes = 1;
  } finally {
    await crash?.restart();
  }
  // The next start of the process recovers by itself: what was acknowledged is there.
  if (crashes > 0) await settle(life);
  if (life.asserted) await assertAll(life, houseInvariants);
  return crashes;
}

async function actOut(life: Life): Promise<void> {
  const today = dateIn(life.clock.now, zone);
  await life.company.live(today);
  for (const simulation of life.simulations) await simulation.step(roomOf(life));
}

function roomOf({ world, company, clock, chance, stride }: Life): SimulationRoom {
  return {
    db: world.database.db,
    now: clock.now,
    zone,
    as: (person, ...roles) => company.as(person, ...roles),
    asSystem: executeAs(world, { kind: 'system', id: 'simulator' }),
    random: () => chance.random(),
    oneIn: (n) =>
      stride > usualStride ? chance.random() * n * usualStride < stride : chance.oneIn(n),
  };
}

/** Working days for which clauses say how often something happens; where people act less often, it is likelier. */
const usualStride = 3;

/** Everything that is due is done. */
async function settle({ world, rooms, outside, refreshHours }: Life): Promise<void> {
  await tick(world, rooms, refreshHours);
  if (await outside?.run()) await tick(world, rooms, refreshHours);
}

async function assertAll(life: Life, own: typeof houseInvariants): Promise<void> {
  // All that is asked after every step is one journey.
  const db = together(life.world.database.db);
  const { simulations, outside, clock } = life;
  const [broken, misled] = await Promise.all([
    brokenInvariants(db, simulations, clock.now, zone, own),
    outside?.problems(db) ?? [],
  ]);
  const problems = [...broken, ...misled];
  if (problems.length > 0) {
    throw new InvariantBreach(
      `at ${life.clock.now.toString()}:\n  ${problems.slice(0, 20).join('\n  ')}`,
    );
  }
}
