import { sql } from 'kysely';
import { nothingPastItsDate, whatRemainsHasItsDate } from '../clauses/retention/checks.schedule.ts';
import { closureFlow } from '../clauses/retention/flows.closure.ts';
import { scheduleFlow } from '../clauses/retention/flows.schedule.ts';
import { invariants } from '../clauses/retention/sim.invariants.ts';
import type { Actor } from '../kernel/actor.ts';
import type { PersonId } from '../kernel/id.ts';
import { dateIn, type Instant, isBefore } from '../kernel/instant.ts';
import { invariant } from '../kernel/invariant.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { executeAs } from '../platform/execute.ts';
import { newestCheckpoint } from '../platform/ledger/reading.ts';
import { insertOrganisation } from '../platform/organisation.ts';
import type { World } from '../platform/world.ts';
import { holdFlow } from '../registers/customers/store.holds.ts';
import { productFlow } from '../registers/customers/store.products.ts';
import { customerFlow } from '../registers/customers/store.ts';
import { personFlow } from '../registers/people/store.ts';
import { beginRooms } from '../server/begin.ts';
import { rooms, sources } from '../server/composition.ts';
import { nextObligationAt, work } from '../server/tick.ts';
import type { OpenCustomer } from '../server/vault/door.ts';
import { openCustomer } from '../server/vault/opening.ts';
import type { Chance } from './chance.ts';
import type { CrashPoint } from './crash.ts';
import { InvariantBreach, type Lived, type SimulatedClock } from './life.ts';

/** Ten years of customers alone: they open, use, close, reopen, are put on hold, and end. */
export interface AccountsLife {
  readonly world: World;
  readonly clock: SimulatedClock;
  readonly chance: Chance;
  readonly until: Instant;
  readonly crash: CrashPoint | null;
}

/** A customer as the simulator remembers it: what was written and not deleted. */
interface Remembered {
  readonly id: string;
  readonly key: string;
  readonly owner: Actor;
  /** Text of each object of `files`, which no schedule ends. */
  readonly files: Map<string, string>;
}

interface Company {
  readonly productId: string;
  readonly officers: readonly PersonId[];
  readonly customers: Remembered[];
}

const zone = 'Asia/Tokyo';
const system = { kind: 'system', id: 'simulator' } as const;
/** Accounts that are in use at a time at most. */
const openAtMost = 6;

/** @throws InvariantBreach naming the time and what was wrong */
export async function liveAccounts(life: AccountsLife): Promise<Lived> {
  const { clock, until, world, chance } = life;
  const company = await found(life);
  let [steps, crashes] = [0, 0];
  let morning = clock.now.add({ hours: 24 });
  while (isBefore(clock.now, until)) {
    const due = await nextObligationAt(world.database.db);
    const later = clock.now.add({ minutes: 1 });
    const soonest = due && isBefore(later, due) ? due : later;
    clock.now = isBefore(soonest, morning) ? soonest : morning;
    if (clock.now.equals(morning)) {
      await act(life, company);
      // Now and then the node is down, for a day or for a week.
      const days = chance.oneIn(40) ? 1 + chance.below(7) : 1;
      morning = clock.now.add({ hours: 24 * days });
      if (days > 1) clock.now = morning.subtract({ hours: 1 });
      await lookBack(life, company);
    }
    crashes += await tickOver(life);
    await assertAll(life, company);
    steps += 1;
  }
  const head = await newestCheckpoint(world.database.db);
  return { steps, crashes, head: head?.root.toString('hex') ?? '', entries: head?.size ?? 0 };
}

async function found({ world }: AccountsLife): Promise<Company> {
  const { db } = world.database;
  await db
    .transaction()
    .execute((tx) =>
      insertOrganisation(
        tx,
        { id: world.newId(), name: 'Example', zone, languages: ['en'], domain: 'example.com' },
        world.now(),
      ),
    );
  world.forgetOrganisation();
  await beginRooms(world, rooms, sources);
  const execute = executeAs(world, system);
  const officers: PersonId[] = [];
  for (const name of ['First Officer', 'Second Officer']) {
    const person = personFlow.command.parse({ do: 'registerPerson', person: { name } });
    officers.push(idIn(await execute(personFlow, person)) as PersonId);
  }
  const product = { key: 'scheduler', name: 'Sample Scheduler', kind: 'cloud', custody: 'vault' };
  const added = productFlow.command.parse({ do: 'addProduct', product });
  const productId = idIn(await execute(productFlow, added));
  const schedule = scheduleFlow(kinds).command.parse({
    do: 'setSchedule',
    kind: 'contents',
    productId,
    collection: 'passing',
    after: 'changed',
    period: 'P2M',
    version: 0,
    purpose: { en: 'Sample', ja: '見本' },
    ground: { en: 'Sample', ja: '見本' },
  });
  idIn(await execute(scheduleFlow(kinds), schedule));
  return { productId, officers, customers: [] };
}

const kinds = () => [...rooms.registers, ...rooms.clauses].flatMap((room) => room.kinds ?? []);

function idIn(done: Result<readonly { readonly subject: string }[], Refusal>): string {
  invariant(done.ok, `the simulator was refused: ${done.ok ? '' : done.refusal.code}`);
  return done.value[0]?.subject.split('/')[1] ?? '';
}

const as = (id: PersonId): Actor => ({
  kind: 'person',
  id,
  roles: ['security-officer', 'commercial-officer'],
  secondFactor: true,
  language: 'en',
});

/** A day of customers and officers: whatever they are refused, they leave alone. */
async function act(life: AccountsLife, company: Company): Promise<void> {
  const { world, chance } = life;
  const states = await statesOf(world);
  const of = (state: string) => company.customers.filter(({ id }) => states.get(id) === state);
  const open = of('open');
  if (open.length < openAtMost && chance.oneIn(20))
    company.customers.push(await join(life, company));
  for (const customer of open) if (chance.oneIn(12)) await use(life, customer);
  const [leaving] = open;
  if (leaving && chance.oneIn(90)) {
    await executeAs(world, leaving.owner)(closureFlow, {
      do: 'requestClosure',
      customerId: leaving.id,
      confirmation: leaving.key,
      requestId: null,
    });
  }
  for (const { id, owner } of of('closing'))
    if (chance.oneIn(60))
      await executeAs(world, owner)(closureFlow, { do: 'reopen', customerId: id });
  await holds(life, company, [...open, ...of('closing')]);
}

async function statesOf(world: World): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ id: string; state: string }>`
    select id, state from customer`.execute(world.database.db);
  return new Map(rows.map(({ id, state }) => [id, state]));
}

async function join(
  { world }: AccountsLife,
  { productId, customers }: Company,
): Promise<Remembered> {
  const execute = executeAs(world, system);
  const key = `sample-${customers.length + 1}`;
  const customer = {
    key,
    name: `Sample ${key}`,
    productId,
    basis: 'terms',
    basisReference: '1',
    contacts: [{ name: 'Owner', email: `${key}@example.com`, language: 'en', part: 'owner' }],
  };
  const command = customerFlow.command.parse({ do: 'registerCustomer', customer });
  const id = idIn(await execute(customerFlow, command));
  const { rows } = await sql<{ id: string }>`
    select id from customer_contact where customer_id = ${id}`.execute(world.database.db);
  const owner: Actor = {
    kind: 'contact',
    id: rows[0]?.id ?? '',
    customerId: id,
    part: 'owner',
    roles: ['customer'],
    language: 'en',
  };
  return { id, key, owner, files: new Map() };
}

/** Writes, overwrites and deletes; what lies in `passing` ends by its schedule. */
async function use({ world, chance }: AccountsLife, customer: Remembered): Promise<void> {
  const vault = await vaultOf(world, customer);
  if (!vault) return;
  const name = `file-${chance.below(4)}`;
  const text = Buffer.from(chance.bytes(24)).toString('hex');
  const found = await vault.find('files', name);
  if (found && chance.oneIn(3)) {
    const gone = await vault.removeObject(found.id);
    if (gone.ok) customer.files.delete(name);
    return;
  }
  const written = await vault.writeObject({ collection: 'files', name, bytes: once(text) });
  if (written.ok) customer.files.set(name, text);
  await vault.writeRecords('passing', [{ key: text, value: { text } }]);
}

async function vaultOf(world: World, { id }: Remembered): Promise<OpenCustomer | null> {
  const opened = await openCustomer(world, id, { by: 'system', what: 'simulator' });
  return opened.ok ? opened.value : null;
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function holds(
  { world, chance }: AccountsLife,
  { officers }: Company,
  able: readonly Remembered[],
): Promise<void> {
  const [first, second] = officers;
  if (!first || !second) return;
  const { rows } = await sql<{ id: string }>`
    select id from legal_hold where lifted_at is null order by id`.execute(world.database.db);
  for (const { id } of rows)
    if (chance.oneIn(45))
      await executeAs(world, as(second))(holdFlow, { do: 'liftHold', holdId: id, note: 'over' });
  if (able.length === 0 || !chance.oneIn(120)) return;
  const reviewOn = dateIn(world.now(), zone).add({ days: 200 }).toString();
  await executeAs(world, as(first))(holdFlow, {
    do: 'placeHold',
    customerId: chance.pick(able).id,
    reason: 'a claim',
    reviewOn,
  });
}

/** @returns how often the process died */
async function tickOver({ world, chance, crash }: AccountsLife): Promise<number> {
  if (crash && chance.oneIn(15)) crash.arm(1 + chance.below(80));
  let died = 0;
  try {
    await work(world, rooms);
  } catch (thrown) {
    if (!(await crash?.restart())) throw thrown;
    died = 1;
  }
  if (await crash?.restart()) died = 1;
  if (died > 0) await work(world, rooms);
  return died;
}

/** What somebody wrote is there, to the byte, as long as their account is. */
async function lookBack({ world, chance, clock }: AccountsLife, company: Company): Promise<void> {
  const states = await statesOf(world);
  const there = company.customers.filter(({ id }) =>
    ['open', 'closing'].includes(states.get(id) ?? ''),
  );
  if (there.length === 0) return;
  const customer = chance.pick(there);
  const vault = await vaultOf(world, customer);
  for (const [name, text] of customer.files) {
    const row = await vault?.find('files', name);
    const read = row && (await vault?.readObject(row.id));
    const parts: Uint8Array[] = [];
    if (read?.ok) for await (const part of read.value.bytes) parts.push(part.slice());
    if (Buffer.concat(parts).toString() !== text)
      throw new InvariantBreach(
        `at ${clock.now}: ${name} of ${customer.key} is not what was written`,
      );
  }
}

const past = [nothingPastItsDate(kinds), whatRemainsHasItsDate(kinds)];

async function assertAll({ world, clock }: AccountsLife, company: Company): Promise<void> {
  const { db } = world.database;
  const problems: string[] = [];
  for (const each of Object.values(invariants)) {
    const { rows } = await each(clock.now, zone).execute(db);
    problems.push(...rows.map(({ problem }) => problem));
  }
  for (const check of past) {
    const { rows } = await check.violations(clock.now, zone).execute(db);
    problems.push(
      ...rows.map((row) => `${check.id}: ${row.subject_id} ${JSON.stringify(row.detail)}`),
    );
  }
  problems.push(...(await keyProblems(world, company)));
  if (problems.length > 0)
    throw new InvariantBreach(`at ${clock.now}:\n  ${problems.slice(0, 20).join('\n  ')}`);
}

/** The keystore has the key of everybody whose key the register has, and of nobody else. */
async function keyProblems(world: World, company: Company): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct customer_id as id from vault_key where destroyed_at is null`.execute(
    world.database.db,
  );
  const registered = new Set(rows.map(({ id }) => id));
  const problems: string[] = [];
  for (const { id, key } of company.customers) {
    const exists = await world.keystore.exists(id);
    if (registered.has(id) && !exists) problems.push(`the key of ${key} was destroyed`);
  }
  const { rows: gone } = await sql<{ id: string }>`
    select customer_id as id from closure where key_destroyed_at is not null`.execute(
    world.database.db,
  );
  for (const { id } of gone)
    if (await world.keystore.exists(id)) problems.push(`the key of customer ${id} is back`);
  return problems;
}
