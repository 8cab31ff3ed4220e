import { sql } from 'kysely';
import type { Role } from '../../kernel/actor.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { SimulationRoom } from '../../policy/simulation.ts';
import * as flows from './flows.ts';
import { employed } from './store.campaign.ts';

/** How people ask for access, decide on it, put it off, give it back, and take it in emergencies. */

interface Somebody {
  readonly id: string;
  readonly roles: readonly Role[];
}

/** A day of requests: a few statements, whatever there is. */
export async function askAndDecide(room: SimulationRoom): Promise<void> {
  const staff = await staffOf(room);
  const officer = staff.find(({ roles }) => roles.includes('security-officer'));
  if (!officer || staff.length < 4) return;
  await describeOnce(room, officer);
  if (room.oneIn(6)) await askSomething(room, staff);
  if (room.oneIn(40)) await emergency(room, staff);
  await decideSome(room, staff, officer);
  await reviewEmergencies(room, staff, officer);
  if (room.oneIn(25)) await giveSomethingBack(room, staff);
  if (room.oneIn(20)) await partDuties(room, staff, officer);
}

async function staffOf({ db, now, zone }: SimulationRoom): Promise<readonly Somebody[]> {
  const { rows } = await sql<Somebody>`
    select id, roles from person where ${employed('person', dateIn(now, zone))} order by id`.execute(
    db,
  );
  return rows;
}

function pick<Thing>(room: SimulationRoom, things: readonly Thing[]): Thing | undefined {
  return things[Math.floor(room.random() * things.length)];
}

interface Choice {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly privileged: boolean;
}

async function entitlements({ db }: SimulationRoom): Promise<readonly Choice[]> {
  const { rows } = await sql<Choice>`
    select entitlement.id, system.key, entitlement.name, entitlement.privileged
    from entitlement join system on system.id = entitlement.system_id
    where system.retired_at is null order by system.key, entitlement.name`.execute(db);
  return rows;
}

/** The officer's first days: what is privileged may be taken in an emergency, and two rules stand. */
async function describeOnce(room: SimulationRoom, officer: Somebody): Promise<void> {
  const { rows } = await sql`select from entitlement_offer limit 1`.execute(room.db);
  if (rows.length > 0) return;
  const all = await entitlements(room);
  const execute = room.as(officer.id, ...officer.roles);
  for (const each of all.filter(({ privileged }) => privileged)) {
    await execute(flows.changeOffer, {
      do: 'describe',
      entitlementId: each.id,
      description: 'Administration of the whole system',
      requestable: true,
      emergency: true,
    });
  }
  const [book, approve] = ['bookkeeper', 'approver'].map((name) =>
    all.find((each) => each.key === 'finance' && each.name === name),
  );
  const [develop, operate] = ['developer', 'operator'].map((name) =>
    all.find((each) => each.key === 'aws' && each.name === name),
  );
  const rules = [
    ['Book and approve payments', book, approve, 'forbid'],
    ['Write and run software', develop, operate, 'warn'],
  ] as const;
  for (const [name, first, second, severity] of rules) {
    if (!first || !second) continue;
    await execute(flows.changeDuties, {
      do: 'writeRule',
      id: null,
      name,
      firstId: first.id,
      secondId: second.id,
      severity,
      reason: 'Four eyes see more than two',
    });
  }
}

const purposes = [
  'A project with a customer',
  'Standing in for a colleague',
  'Closing the quarter',
  'Looking into a fault',
];

/** Access is asked for until the end of a month, as people do. */
async function askSomething(room: SimulationRoom, staff: readonly Somebody[]): Promise<void> {
  const person = pick(room, staff);
  const wanted = pick(room, await entitlements(room));
  if (!person || !wanted) return;
  const month = dateIn(room.now, room.zone).add({ months: 1 + Math.floor(room.random() * 4) });
  await room.as(person.id, ...person.roles)(flows.askAccess, {
    entitlementId: wanted.id,
    purpose: pick(room, purposes) ?? '',
    endsOn: month.with({ day: month.daysInMonth }).toString(),
    personId: null,
  });
}

/** Whoever took something for an emergency; sometimes it is given back before its time. */
async function emergency(room: SimulationRoom, staff: readonly Somebody[]): Promise<void> {
  const person = pick(room, staff);
  const wanted = pick(
    room,
    (await entitlements(room)).filter(({ privileged }) => privileged),
  );
  if (!person || !wanted) return;
  const execute = room.as(person.id, ...person.roles);
  const taken = await execute(flows.takeEmergency, {
    entitlementId: wanted.id,
    reason: 'Customers cannot sign in and nobody else is awake',
    hours: 4,
  });
  const id = taken.ok && taken.value[0]?.subject.split('/')[1];
  if (id && room.oneIn(4)) await execute(flows.endEmergency, { id });
}

interface Waiting {
  readonly id: string;
  readonly approverId: string | null;
  readonly requesterId: string;
  readonly system: string;
}

/** Owners decide sooner or later; the careless forget. Now and then somebody tries it on their own. */
async function decideSome(
  room: SimulationRoom,
  staff: readonly Somebody[],
  officer: Somebody,
): Promise<void> {
  const { rows } = await sql<Waiting>`
    select id, approver_id as "approverId", requester_id as "requesterId", system_id as system
    from access_request where state = 'open' order by asked_at, id limit 50`.execute(room.db);
  const byApprover = Map.groupBy(rows, ({ approverId }) => approverId ?? officer.id);
  for (const [id, waiting] of byApprover) {
    const approver = staff.find((each) => each.id === id) ?? officer;
    if (!room.oneIn(Number.parseInt(approver.id.slice(-2), 16) % 10 < 7 ? 2 : 14)) continue;
    const execute = room.as(approver.id, ...approver.roles);
    const refused = waiting.filter(() => room.oneIn(6)).map((each) => each.id);
    const approved = waiting.map((each) => each.id).filter((each) => !refused.includes(each));
    if (approved.length > 0)
      await execute(flows.decideRequests, { ids: approved, decision: 'approve', reason: '' });
    if (refused.length > 0)
      await execute(flows.decideRequests, {
        ids: refused,
        decision: 'refuse',
        reason: 'Not needed for the work',
      });
  }
  const [own] = rows;
  if (!own || !room.oneIn(30)) return;
  const asker = staff.find((each) => each.id === own.requesterId);
  if (!asker) return;
  const execute = room.as(asker.id, ...asker.roles);
  if (room.oneIn(2)) await execute(flows.withdrawRequest, { id: own.id });
  else await execute(flows.decideRequests, { ids: [own.id], decision: 'approve', reason: '' });
}

async function reviewEmergencies(
  room: SimulationRoom,
  staff: readonly Somebody[],
  officer: Somebody,
): Promise<void> {
  const { rows } = await sql<{ id: string; personId: string; ownerId: string | null }>`
    select emergency.id, emergency.person_id as "personId", system.owner_id as "ownerId"
    from emergency_access emergency join system on system.id = emergency.system_id
    where ended_at is not null and reviewed_at is null order by taken_at limit 10`.execute(room.db);
  for (const { id, personId, ownerId } of rows) {
    if (!room.oneIn(3)) continue;
    const owner = ownerId === personId ? undefined : staff.find((each) => each.id === ownerId);
    const reviewer = owner ?? officer;
    await room.as(reviewer.id, ...reviewer.roles)(flows.reviewEmergency, {
      id,
      verdict: room.oneIn(8) ? 'unjustified' : 'justified',
      note: 'Talked it over with who took it',
    });
  }
}

/** Somebody asks for more time, or gives back what they no longer need. */
async function giveSomethingBack(room: SimulationRoom, staff: readonly Somebody[]): Promise<void> {
  const person = pick(room, staff);
  if (!person) return;
  const { rows } = await sql<{ accountId: string; entitlementId: string; granted: boolean }>`
    select seen.account_id as "accountId", seen.entitlement_id as "entitlementId",
      exists (select from access_grant given where given.account_id = seen.account_id
        and given.entitlement_id = seen.entitlement_id and given.revoked_at is null
        and given.ends_on is not null) as granted
    from observation seen join account on account.id = seen.account_id
    where account.person_id = ${person.id} and seen.gone_at is null
    order by 1, 2 limit 20`.execute(room.db);
  const chosen = pick(room, rows);
  if (!chosen) return;
  const { accountId, entitlementId, granted } = chosen;
  const execute = room.as(person.id, ...person.roles);
  if (!granted && room.oneIn(2)) await execute(flows.giveBack, { accountId, entitlementId });
  else if (granted) {
    const month = dateIn(room.now, room.zone).add({ months: 6 });
    await execute(flows.askAccess, {
      entitlementId,
      purpose: 'Still needed',
      endsOn: month.with({ day: month.daysInMonth }).toString(),
      personId: null,
    });
  }
}

/** Who holds conflicting duties gives one back, or is excepted for a while. */
async function partDuties(
  room: SimulationRoom,
  staff: readonly Somebody[],
  officer: Somebody,
): Promise<void> {
  const { rows } = await sql<{
    ruleId: string;
    personId: string;
    accountId: string;
    second: string;
  }>`
    select rule.id as "ruleId", account.person_id as "personId", account.id as "accountId", rule.second_id as second
    from finding
    join duty_rule rule on rule.id::text = split_part(finding.subject_id, '/', 1)
    join account on account.person_id::text = split_part(finding.subject_id, '/', 2)
    join observation seen on seen.account_id = account.id and seen.entitlement_id = rule.second_id
    where finding.check_id = 'access.conflictingDutiesAreApart' and finding.closed_at is null
      and seen.gone_at is null
    order by finding.subject_id, account.id limit 3`.execute(room.db);
  for (const { ruleId, personId, accountId, second } of rows) {
    const person = staff.find(({ id }) => id === personId);
    if (person && !room.oneIn(3)) {
      const execute = room.as(person.id, ...person.roles);
      await execute(flows.giveBack, { accountId, entitlementId: second });
    } else {
      await room.as(officer.id, ...officer.roles)(flows.changeDuties, {
        do: 'except',
        ruleId,
        personId,
        endsOn: dateIn(room.now, room.zone).add({ days: 60 }).toString(),
        reason: 'Until somebody else is trained',
      });
    }
  }
}
