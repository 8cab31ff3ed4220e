import { sql } from 'kysely';
import type { Role } from '../../kernel/actor.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { ClauseSimulation, SimulationRoom } from '../../policy/simulation.ts';
import { lacksUndertakingSql } from '../../registers/people/store.undertakings.ts';
import { type Basis, bases } from './facts.terms.ts';
import * as flows from './flows.ts';
import { invariants } from './sim.invariants.ts';

/**
 * How people treat cases: support asks when a customer needs help, officers approve most and refuse
 * or forget some; readers look at a few things, now and then at what is not theirs to see, close
 * their case or let it run out; reconciliation is mostly in time and sometimes forgotten for days.
 */
export const sim: ClauseSimulation = {
  name: 'customer-data',

  async step(room) {
    const staff = await staffOf(room);
    const readers = staff.filter(({ roles }) => asks(roles));
    const approver = staff.find(({ roles }) => roles.includes('commercial-officer'));
    const officer = staff.find(({ roles }) => roles.includes('security-officer'));
    if (!officer || readers.length === 0) return;
    if (room.oneIn(8)) await askSomething(room, pick(room, readers));
    if (room.oneIn(120)) await declareEmergency(room, officer, approver);
    if (approver) await decideSome(room, approver);
    for (const reader of readers) await workOnCases(room, reader, staff);
    await closeBooks(room, staff);
  },

  invariants,
};

interface Somebody {
  readonly id: string;
  readonly roles: readonly Role[];
}

const asks = (roles: readonly Role[]) =>
  roles.some((role) => ['support', 'commercial-officer', 'security-officer'].includes(role));

async function staffOf({ db, now, zone }: SimulationRoom): Promise<readonly Somebody[]> {
  const today = dateIn(now, zone);
  const { rows } = await sql<Somebody>`
    select id, roles from person
    where erased_at is null and left_at is null and suspended_at is null
      and (starts_on is null or starts_on <= ${today}) and (ends_on is null or ends_on >= ${today})
      and not ${lacksUndertakingSql(sql`person.id`)}
      and roles && '{support,commercial-officer,security-officer,auditor}'::text[] order by id`.execute(
    db,
  );
  return rows;
}

function pick<Thing>(room: SimulationRoom, things: readonly Thing[]): Thing | undefined {
  return things[Math.floor(room.random() * things.length)];
}

const as = (room: SimulationRoom, { id, roles }: Somebody) => room.as(id, ...roles);

interface Asking {
  readonly customerId: string;
  readonly collections: readonly string[];
}

/** A customer of those there are, and collections that their product keeps. */
async function someCustomer(room: SimulationRoom): Promise<Asking | undefined> {
  const { rows } = await sql<Asking>`
    select customer.id as "customerId", coalesce((
      select array_agg(distinct collection order by collection) from product_holding
      where product_id = customer.product_id and collection is not null), '{records}') as collections
    from customer where state in ('open', 'closing') order by customer.id`.execute(room.db);
  return pick(room, rows);
}

function wanted(room: SimulationRoom, { customerId, collections }: Asking, emergency: boolean) {
  const basis: Basis = pick(room, bases) ?? 'contract';
  const collection = pick(room, collections) ?? 'records';
  return {
    customerId,
    purpose: 'what the customer sees is not what they entered',
    basis,
    basisReference: basis === 'terms' ? '4' : basis === 'contract' ? '§ 7' : 'mail of today',
    consent: null,
    scope: [{ collection, itemId: null }],
    fromOn: null,
    toOn: null,
    hours: 1 + Math.floor(room.random() * 8),
    copy: room.oneIn(10),
    emergency,
  };
}

async function askSomething(room: SimulationRoom, reader: Somebody | undefined): Promise<void> {
  const customer = await someCustomer(room);
  if (!customer || !reader) return;
  await as(room, reader)(flows.requestCase, wanted(room, customer, false));
}

/** Two officers, at once; sometimes the second one thinks better of it. */
async function declareEmergency(
  room: SimulationRoom,
  officer: Somebody,
  second: Somebody | undefined,
): Promise<void> {
  const customer = await someCustomer(room);
  if (!customer) return;
  const asked = await as(room, officer)(flows.requestCase, wanted(room, customer, true));
  const id = asked.ok ? asked.value[0]?.subject.slice('case/'.length) : undefined;
  if (!id || !second || second.id === officer.id) return;
  // They try it alone first: nobody does.
  await as(room, officer)(flows.decideCase, { id, decision: 'approve', reason: '' });
  const decision = room.oneIn(4) ? 'refuse' : 'approve';
  await as(room, second)(flows.decideCase, { id, decision, reason: 'seen' });
}

/** Most are decided on the day, one's own are tried and refused, a few are forgotten until they lapse. */
async function decideSome(room: SimulationRoom, approver: Somebody): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select id from customer_case where state = 'asked' and not emergency order by id limit 20`.execute(
    room.db,
  );
  for (const { id } of rows) {
    if (room.oneIn(5)) continue;
    const decision = room.oneIn(6) ? 'refuse' : 'approve';
    await as(room, approver)(flows.decideCase, { id, decision, reason: 'as it is' });
  }
}

interface Mine {
  readonly id: string;
  readonly state: string;
  readonly customerId: string;
  readonly collection: string;
}

/** Opens what was approved, reads some, closes or forgets it. */
async function workOnCases(
  room: SimulationRoom,
  reader: Somebody,
  staff: readonly Somebody[],
): Promise<void> {
  const { rows } = await sql<Mine>`
    select id, state, customer_id as "customerId",
      (select min(collection) from case_scope where case_id = customer_case.id) as collection
    from customer_case where requester_id = ${reader.id} and state in ('approved', 'open', 'asked')
    order by id`.execute(room.db);
  for (const mine of rows) {
    const { id } = mine;
    if (mine.state === 'asked') {
      if (room.oneIn(30)) await as(room, reader)(flows.withdrawCase, { id });
      continue;
    }
    if (mine.state === 'approved') {
      if (room.oneIn(6)) continue;
      await as(room, reader)(flows.openCase, { id });
    }
    await readSome(room, reader, mine);
    const curious = pick(room, staff);
    if (curious && curious.id !== reader.id && room.oneIn(3)) await readSome(room, curious, mine);
    if (!room.oneIn(3)) await as(room, reader)(flows.endCase, { id });
  }
}

/** Reads as the door writes them down; one in six goes for something that the case does not name. */
async function readSome(room: SimulationRoom, reader: Somebody, mine: Mine): Promise<void> {
  const { rows } = await sql<{ id: string; collection: string; changedAt: Temporal.Instant }>`
    select id, collection, changed_at as "changedAt" from vault_object
    where customer_id = ${mine.customerId} order by id limit 10`.execute(room.db);
  const command = { caseId: mine.id, customerId: mine.customerId, copy: room.oneIn(20) };
  await as(room, reader)(flows.readUnderCase, {
    ...command,
    what: 'names',
    collection: room.oneIn(6) ? 'somewhere-else' : mine.collection,
    itemId: null,
    changedAt: null,
    count: 1 + rows.length,
  });
  const object = pick(room, rows);
  if (!object) return;
  await as(room, reader)(flows.readUnderCase, {
    ...command,
    what: 'object',
    collection: object.collection,
    itemId: object.id,
    changedAt: object.changedAt.toString({ smallestUnit: 'millisecond' }),
    count: 1,
  });
}

/** Reconciling and reviewing: tried by whoever is there, readers included, who are refused. */
async function closeBooks(room: SimulationRoom, staff: readonly Somebody[]): Promise<void> {
  const officers = staff.filter(
    ({ roles }) => roles.includes('security-officer') || roles.includes('commercial-officer'),
  );
  const auditors = staff.filter(({ roles }) => roles.includes('auditor'));
  const { rows } = await sql<{ id: string; state: string; review: boolean; told: boolean }>`
    select id, state, review_due_at is not null and reviewed_at is null as review, told_at is not null as told
    from customer_case
    where state = 'ended' or (review_due_at is not null and reviewed_at is null)
      or (state = 'reconciled' and told_at is null)
    order by id limit 20`.execute(room.db);
  for (const { id, state, review, told } of rows) {
    const officer = pick(room, officers);
    if (!officer || room.oneIn(3)) continue;
    const execute = as(room, officer);
    if (state === 'ended') await execute(flows.reconcileCase, { id, note: 'looked through' });
    if (state === 'reconciled' && !told) await execute(flows.tellCustomer, { id });
    if (review) {
      const said = { id, verdict: 'justified', note: 'it was' } as const;
      const reviewer = pick(room, [...officers, ...auditors]) ?? officer;
      await as(room, reviewer)(flows.reviewEmergencyCase, said);
    }
  }
}
