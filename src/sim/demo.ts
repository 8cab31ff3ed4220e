import { sql } from 'kysely';
import { type Role, roles } from '../kernel/actor.ts';
import { dateIn, type Instant } from '../kernel/instant.ts';
import { invariant } from '../kernel/invariant.ts';
import { durableAtTheEnd } from '../platform/durable.ts';
import { issueToken } from '../platform/identity/identity.ts';
import { currentSigner } from '../platform/ledger/keys.ts';
import { openDatabase } from '../platform/postgres/database.ts';
import { createWorld, type World } from '../platform/world.ts';
import { rooms } from '../server/composition.ts';
import type { DemoProgress, FillDemo, Persona } from '../server/demo-file.ts';
import { tick } from '../server/tick.ts';
import { soonEnding, waiting } from './asked.ts';
import { chanceOf } from './chance.ts';
import { connectCloud } from './cloud.ts';
import { Company, personActor, type Temper } from './company.ts';
import { casesToday, chapters, lateChapter } from './customerlife.ts';
import { foundCompany } from './found.ts';
import { type Life, live, liveOn, type SimulatedClock } from './life.ts';
import { simulations } from './simulations.ts';
import { propose, slip } from './slip.ts';
import { broughtToday, taken, vulnerabilityChapters } from './vulnerabilities.ts';

/** A company that means well: now and then something slips, and one can see it. */
const gentle: Temper = {
  people: 22,
  readsFail: 0,
  readsPartial: 0,
  ordersLie: 25,
  hireEvery: 5,
  leaveEvery: 7,
  readsADay: 3,
};

const months = 15;
const seed = 'demo';
const tokenDays = 90;
/** A life says the same over and over, on few connections: all of it is prepared. */
const everyStatement = 2_000;
/** Days before today from which on the past is lived closely: what one looks at lies there. */
const closelyDays = 34;
/** Days before today on which what the reader finds waiting begins. */
const lastDays = 8;

type Rhythm = Pick<Life, 'stride' | 'judgedEveryHours' | 'nightsWaitHours' | 'simulations'>;

/**
 * The longer ago, the more is met together: people act once a week, and quiet nights wait for them. What
 * has to be answered within days is left to the chapters: those who act once a week are always late.
 */
const distant: Rhythm = {
  stride: 5,
  judgedEveryHours: 360,
  nightsWaitHours: 168,
  simulations: simulations.filter(({ name }) => name !== 'customer-data'),
};
/** From the first thing of a night to the last one. */
const near: Rhythm = { stride: 3, judgedEveryHours: 96, nightsWaitHours: 3, simulations };
const lately: Rhythm = { stride: 1, judgedEveryHours: 24, nightsWaitHours: 3, simulations };

/**
 * Fills an empty installation with the sample company and fifteen months of its life, through the
 * real commands, up to now. Ids and times repeat; secrets (salts, keys, tokens) are the world's own.
 */
export const fillDemo: FillDemo = async (world, progress) => {
  const { pool } = world.database;
  // A filling that is cut short begins afresh, so nothing in it waits for the disk. What was written
  // is safely there before anybody is let in.
  const hasty = openDatabase(hastily(pool.options.connectionString ?? ''), 4, {
    prepared: everyStatement,
    lateCommits: true,
  });
  try {
    await durableAtTheEnd(() => fill({ ...world, database: hasty }, progress));
  } finally {
    await hasty.close();
  }
  world.forgetOrganisation();
  // The first of these that commits is waited for, and takes along to the disk all that was before it.
  return { personas: await personasOf(world), tokens: await tokensOf(world) };
};

function hastily(url: string): string {
  const options = '-c synchronous_commit=off -c plan_cache_mode=force_generic_plan';
  return `${url}${url.includes('?') ? '&' : '?'}options=${encodeURIComponent(options)}`;
}

async function fill(world: World, progress: DemoProgress): Promise<void> {
  const end = world.now();
  const begin = end.toZonedDateTimeISO('UTC').subtract({ months }).toInstant();
  const clock: SimulatedClock = { now: begin };
  // The key that signs is a secret also in a demo; everything else repeats.
  const secret = createWorld({ ...world, now: () => clock.now });
  await world.database.db.transaction().execute((tx) => currentSigner(secret, tx));
  const bytes = chanceOf(seed, 'bytes');
  const past = createWorld({
    ...world,
    now: () => clock.now,
    random: (count) => bytes.bytes(count),
  });
  const chance = chanceOf(seed);
  const company = new Company(past, chance, gentle);
  const total = Math.round(begin.until(end).total('hours') / 24);
  const what = (now: Instant) => dateIn(now, 'UTC').toPlainYearMonth().toString();
  const onStep = (now: Instant) =>
    progress({ done: Math.round(begin.until(now).total('hours') / 24), total, what: what(now) });
  progress({ done: 0, total, what: 'the company is founded' });
  await foundCompany(past, company);
  const life: Life = {
    world: past,
    rooms,
    company,
    clock,
    chance,
    until: end.subtract({ hours: 24 * lastDays }),
    restHours: 1,
    ...distant,
    asserted: false,
    missedTicks: 0,
    onStep,
  };
  const told = [...chapters, ...vulnerabilityChapters];
  for (const { daysBefore, tell } of told.toSorted((a, b) => b.daysBefore - a.daysBefore)) {
    const rhythm = daysBefore < closelyDays ? near : distant;
    await liveOn({ ...life, ...rhythm, until: end.subtract({ hours: 24 * daysBefore }) });
    await tell(company);
  }
  await liveOn({ ...life, ...near });
  // Whoever left long ago is erased by now: one who leaves these days is there to be looked at.
  await company.giveNotice(dateIn(clock.now, 'UTC'), () => 2);
  await lateChapter(company);
  await slip(company);
  await taken(company);
  await soonEnding(company);
  await live({ ...life, ...lately, until: end });
  await company.hire();
  await propose(company);
  await waiting(company);
  await casesToday(company);
  await broughtToday(company);
  await connectCloud(past, company);
  await tick(past, rooms);
}

/** For each role that somebody of the company has, the first person who has it. */
async function personasOf(world: World): Promise<readonly Persona[]> {
  const { rows } = await sql<Persona>`
    select id, name, email, roles from person
    where ends_on is null and erased_at is null order by starts_on, id`.execute(world.database.db);
  const chosen = roles.flatMap((role) => rows.find((person) => person.roles.includes(role)) ?? []);
  return [...new Map(chosen.map((person) => [person.id, person])).values()];
}

/** A token for each role; one that belongs to a person where the role is a person's. */
async function tokensOf(world: World): Promise<Record<string, string>> {
  const personas = await personasOf(world);
  const tokens: Record<string, string> = {};
  for (const role of roles) {
    const holder = personas.find((persona) => persona.roles.includes(role));
    tokens[role] = await tokenFor(world, role, holder);
  }
  return tokens;
}

async function tokenFor(world: World, role: Role, holder: Persona | undefined): Promise<string> {
  const held: Role[] = holder ? [...new Set<Role>([role, 'employee'])] : [role];
  const actor = holder ? personActor(holder.id, held) : { kind: 'system' as const, id: 'demo' };
  const issued = await issueToken(world, actor, {
    name: `demo ${role}`,
    roles: held,
    days: tokenDays,
    personId: holder?.id ?? null,
  });
  invariant(issued.ok, `a token for ${role}: ${issued.ok ? '' : issued.refusal.code}`);
  return issued.value.token;
}
