import { sql } from 'kysely';
import type { Role } from '../../kernel/actor.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Execute } from '../../policy/flow.ts';
import type { ClauseSimulation, SimulationRoom } from '../../policy/simulation.ts';
import type { Decision } from './facts.ts';
import * as flows from './flows.ts';
import { invariants } from './sim.invariants.ts';
import { askAndDecide } from './sim.requests.ts';
import { employed, waitingFor } from './store.campaign.ts';

/** How people behave in access reviews: some at once, some at the last minute, some without looking. */
export const sim: ClauseSimulation = {
  name: 'access',

  async step(room) {
    for (const campaign of await openCampaigns(room)) {
      await decideSome(room, campaign);
      await passOnLeavers(room, campaign);
    }
    await closeAndReopen(room);
    await carryOutSome(room);
    await askAndDecide(room);
  },

  invariants,
};

interface OpenCampaign {
  readonly id: string;
  readonly hoursLeft: number;
  readonly undecided: number;
}

async function openCampaigns({ db, now }: SimulationRoom): Promise<readonly OpenCampaign[]> {
  const { rows } = await sql<OpenCampaign>`
    select id, undecided, (extract(epoch from due_at - ${now}::timestamptz) / 3600)::float8 as "hoursLeft"
    from review_campaign where state = 'open' order by opened_at, id`.execute(db);
  return rows;
}

interface Somebody {
  readonly id: string;
  readonly roles: readonly Role[];
}

/** People of today, by id. */
async function staffOf({ db, now, zone }: SimulationRoom): Promise<ReadonlyMap<string, Somebody>> {
  const { rows } = await sql<Somebody>`
    select id, roles from person where ${employed('person', dateIn(now, zone))} order by id`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

type Temperament = 'diligent' | 'late' | 'careless';

/** A person stays as they are: it follows from their id. */
function temperamentOf(id: string): Temperament {
  const digit = Number.parseInt(id.slice(-2), 16) % 10;
  if (digit < 5) return 'diligent';
  return digit < 8 ? 'late' : 'careless';
}

/** Hours before the deadline from which on even those who put things off sit down to it. */
const lastHours = 6 * 24;

/** Whether somebody sits down to their reviews today. */
function works(room: SimulationRoom, temperament: Temperament, hoursLeft: number): boolean {
  if (hoursLeft < lastHours) return !room.oneIn(temperament === 'careless' ? 5 : 12);
  return temperament !== 'late' && room.oneIn(temperament === 'diligent' ? 2 : 6);
}

async function decideSome(room: SimulationRoom, campaign: OpenCampaign): Promise<void> {
  const staff = await staffOf(room);
  const officer = [...staff.values()].find(({ roles }) => roles.includes('security-officer'));
  for (const { reviewerId } of await waitingFor(room.db, campaign.id)) {
    const reviewer = reviewerId ? staff.get(reviewerId) : officer;
    if (!reviewer) continue;
    const temperament = temperamentOf(reviewer.id);
    if (!works(room, temperament, campaign.hoursLeft)) continue;
    const execute = room.as(reviewer.id, ...reviewer.roles);
    if (room.oneIn(25)) await delegate(room, execute, campaign.id, reviewerId, staff);
    else if (temperament === 'careless') await keepAll(execute, campaign.id);
    else await look(room, execute, campaign.id, reviewer.id, reviewerId === null);
  }
}

/** Everything is kept without looking, own access in the selection included: the guard leaves that out. */
async function keepAll(execute: Execute, campaignId: string): Promise<void> {
  await decide(execute, campaignId, 'keep', { filter: { undecided: true } });
}

/** Each account is looked at: what nobody or a leaver holds goes, and now and then something else. */
async function look(
  room: SimulationRoom,
  execute: Execute,
  campaignId: string,
  reviewerId: string,
  forRole: boolean,
): Promise<void> {
  const { rows } = await sql<{ no: number; doubtful: boolean; wanted: string | null }>`
    select item.no, (person.ends_on < ${dateIn(room.now, room.zone)} or person.id is null and account.kind = 'staff') is true as doubtful,
      (select id from entitlement other where other.system_id = item.system_id and not other.privileged
        and other.id <> item.entitlement_id order by other.name limit 1) as wanted
    from review_item item join account on account.id = item.account_id left join person on person.id = item.person_id
    where campaign_id = ${campaignId} and decision is null
      and reviewer_id is not distinct from ${forRole ? null : reviewerId}
    order by no limit 400`.execute(room.db);
  const nos: Record<Decision, number[]> = { keep: [], revoke: [], change: [] };
  let wanted: string | null = null;
  for (const row of rows) {
    if (row.doubtful || room.oneIn(14)) nos.revoke.push(row.no);
    else if (row.wanted && !wanted && room.oneIn(30)) {
      wanted = row.wanted;
      nos.change.push(row.no);
    } else nos.keep.push(row.no);
  }
  if (nos.keep.length > 0) await decide(execute, campaignId, 'keep', { nos: nos.keep });
  if (nos.revoke.length > 0) await decide(execute, campaignId, 'revoke', { nos: nos.revoke });
  if (wanted) await decide(execute, campaignId, 'change', { nos: nos.change }, wanted);
  const [first] = nos.revoke;
  // Now and then somebody thinks again.
  if (first && room.oneIn(8)) await decide(execute, campaignId, 'keep', { nos: [first] });
}

type Chosen = { readonly nos: number[] } | { readonly filter: { readonly undecided: true } };

async function decide(
  execute: Execute,
  campaignId: string,
  decision: Decision,
  selection: Chosen,
  wanted: string | null = null,
) {
  const reason = decision === 'keep' ? '' : 'No longer needed for the work';
  return await execute(flows.decideItems, {
    campaignId,
    decision,
    reason,
    wantedEntitlementId: wanted,
    selection,
  });
}

async function delegate(
  room: SimulationRoom,
  execute: Execute,
  campaignId: string,
  from: string | null,
  staff: ReadonlyMap<string, Somebody>,
): Promise<void> {
  const people = [...staff.keys()].filter((id) => id !== from);
  const to = people[Math.floor(room.random() * people.length)];
  if (to) await execute(flows.delegateItems, { campaignId, from, to, selection: { filter: {} } });
}

/** What a leaver was to review goes to somebody who is there; so does what nobody else may decide. */
async function passOnLeavers(room: SimulationRoom, campaign: OpenCampaign): Promise<void> {
  const staff = await staffOf(room);
  const officer = [...staff.values()].find(({ roles }) => roles.includes('security-officer'));
  if (!officer || (campaign.hoursLeft > lastHours && !room.oneIn(3))) return;
  const execute = room.as(officer.id, ...officer.roles);
  for (const { reviewerId } of await waitingFor(room.db, campaign.id)) {
    if (reviewerId === null || !staff.has(reviewerId))
      await delegate(room, execute, campaign.id, reviewerId, staff);
  }
}

/** The officer closes what is decided; after a quarter that was missed, a review is opened by hand, sooner or later. */
async function closeAndReopen(room: SimulationRoom): Promise<void> {
  const staff = await staffOf(room);
  const officer = [...staff.values()].find(({ roles }) => roles.includes('security-officer'));
  if (!officer) return;
  const execute = room.as(officer.id, ...officer.roles);
  const open = await openCampaigns(room);
  for (const { id, undecided } of open) {
    // Now and then too early, which is refused.
    if (undecided === 0 ? room.oneIn(3) : room.oneIn(40))
      await execute(flows.closeCampaign, { campaignId: id });
  }
  const { rows } = await sql<{ state: string }>`
    select state from review_campaign where quarter is not null order by opened_at desc limit 1`.execute(
    room.db,
  );
  const again = open.length === 0 && rows[0]?.state === 'incomplete' && room.oneIn(6);
  if (!again && !room.oneIn(150)) return;
  const days = again ? 14 : 10;
  await execute(flows.openCampaign, {
    name: again ? 'Review after a missed one' : 'Review between quarters',
    systems: again ? 'all' : await oneSystem(room),
    dueAt: room.now.add({ hours: 24 * days }).toString(),
    revokeWithinHours: room.oneIn(4) ? 0 : 5 * 24,
    reviewerRule: room.oneIn(3) ? 'manager' : 'systemOwner',
    fallback: null,
  });
}

async function oneSystem({ db, random }: SimulationRoom): Promise<string[]> {
  const { rows } = await sql<{
    id: string;
  }>`select id from system where retired_at is null order by key`.execute(db);
  const chosen = rows[Math.floor(random() * rows.length)];
  return chosen ? [chosen.id] : [];
}

/** Owners say that orders were carried out: most soon, some never. */
async function carryOutSome(room: SimulationRoom): Promise<void> {
  const staff = await staffOf(room);
  const { rows } = await sql<{ originId: string; systemId: string; ownerId: string | null }>`
    select distinct o.origin_id as "originId", o.system_id as "systemId", system.owner_id as "ownerId"
    from revoke_order o join system on system.id = o.system_id
    where o.proven_at is null and o.withdrawn_at is null and o.carried_out_at is null
    order by 1, 2`.execute(room.db);
  for (const { originId, systemId, ownerId } of rows) {
    const owner = ownerId ? staff.get(ownerId) : undefined;
    const officer = [...staff.values()].find(({ roles }) => roles.includes('security-officer'));
    const doer = owner ?? officer;
    if (doer && room.oneIn(owner ? 2 : 5)) {
      await room.as(doer.id, ...doer.roles)(flows.markCarriedOut, { originId, systemId });
    }
  }
}
