import { sql } from 'kysely';
import { z } from 'zod';
import type { Db } from '../../kernel/db.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { canSignIn, heldEntitlements } from '../../registers/accounts/standing.ts';
import { leaveInput, leaveOutput } from '../../registers/people/facts.leaving.ts';
import { personId } from '../../registers/people/facts.ts';
import { leavingTriggers } from '../../registers/people/store.leaving.ts';
import type { LeavingFlow } from './flow.ts';

const at = z.string().nullable();

const departureOutput = z.object({
  id: z.string(),
  endsOn: z.string().nullable(),
  leftAt: at,
  suspendedAt: at,
  /** What triggered it, and how much of each was taken in Kept at once; null: nothing was, so far. */
  departure: z
    .object({
      trigger: z.enum(leavingTriggers),
      triggeredAt: z.string(),
      at: z.string(),
      counts: z.record(z.string(), z.int()),
    })
    .nullable(),
  /** Outside systems: what still shows there, what was ordered, carried out, proven gone. */
  systems: z.array(
    z.object({
      id: z.string(),
      key: z.string(),
      name: z.string(),
      accounts: z.int(),
      /** Accounts that one can still sign in with, as far as the system tells. */
      active: z.int(),
      /** Accesses that the newest reads still show. */
      held: z.int(),
      orders: z.int(),
      carriedOut: z.int(),
      proven: z.int(),
      orderedAt: at,
      carriedOutAt: at,
      provenAt: at,
      /** From trigger to the proof of the last access; null until all are proven gone. */
      seconds: z.number().nullable(),
    }),
  ),
  /** From trigger to the last proof of all systems; null until then. */
  seconds: z.number().nullable(),
});

/** The button, suspension, and what the page of a leaver shows. */
export function leavingRoutes(flow: LeavingFlow) {
  return {
    endAccess: route({
      method: 'post',
      path: '/people/{id}/leave',
      summary: 'Ends somebody’s employment and takes all their access, now, in one transaction.',
      permission: 'endAccess',
      input: leaveInput,
      output: leaveOutput,
      handle: async ({ execute, now }, { id }) => {
        const triggeredAt = instantText(now);
        const done = await execute(flow, { do: 'endAccess', id, trigger: 'button', triggeredAt });
        if (!done.ok) return done;
        const event = done.value.find((each) => each.type === 'AccessEnded');
        return ok({ id, counts: { ...event?.body.counts } });
      },
    }),

    suspendAccess: route({
      method: 'post',
      path: '/people/{id}/suspend',
      summary: 'Lets somebody enter no more until further notice; what they were given stays.',
      permission: 'suspendAccess',
      input: z.object({ id: personId }),
      output: z.object({ id: z.string() }),
      handle: async ({ execute }, { id }) => {
        const done = await execute(flow, { do: 'suspendAccess', id });
        return done.ok ? ok({ id }) : done;
      },
    }),

    liftSuspension: route({
      method: 'post',
      path: '/people/{id}/lift-suspension',
      summary: 'Lets somebody be invited again who was suspended.',
      permission: 'liftSuspension',
      input: z.object({ id: personId }),
      output: z.object({ id: z.string() }),
      handle: async ({ execute }, { id }) => {
        const done = await execute(flow, { do: 'liftSuspension', id });
        return done.ok ? ok({ id }) : done;
      },
    }),

    getDeparture: route({
      method: 'get',
      path: '/people/{id}/departure',
      summary: 'What a leaver held, and how far each system is: ordered, carried out, proven gone.',
      permission: 'readDeparture',
      input: z.object({ id: personId }),
      output: departureOutput,
      handle: async ({ db }, { id }) => {
        const found = await findDeparture(db, id);
        return found ? ok(found) : refuse('notFound');
      },
    }),
  };
}

interface PersonRow {
  readonly ends_on: Temporal.PlainDate | null;
  readonly left_at: Instant | null;
  readonly suspended_at: Instant | null;
  readonly trigger: (typeof leavingTriggers)[number] | null;
  readonly triggered_at: Instant | null;
  readonly at: Instant | null;
  readonly counts: Record<string, number> | null;
}

interface SystemRow {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly accounts: number;
  readonly active: number;
  readonly held: number;
  readonly orders: number;
  readonly carried_out: number;
  readonly proven: number;
  readonly ordered_at: Instant | null;
  readonly carried_out_at: Instant | null;
  readonly proven_at: Instant | null;
}

/** The first departure since somebody was last there counts: what crept back later is taken, not new. */
async function findDeparture(db: Db, id: string) {
  const { rows } = await sql<PersonRow>`
    select ends_on, left_at, suspended_at, d.trigger, d.triggered_at, d.at, d.counts
    from person left join lateral (
      select * from departure where person_id = person.id and at >= person.left_at order by at limit 1
    ) d on true
    where id = ${id}`.execute(db);
  const [person] = rows;
  if (!person) return null;
  const since = person.triggered_at;
  const systems = (await systemsOf(db, id, since)).map((row) => systemItem(row, since));
  const proven = systems.every(
    ({ held, active, seconds }) => held === 0 && active === 0 && seconds !== null,
  );
  return {
    id,
    endsOn: person.ends_on?.toString() ?? null,
    leftAt: text(person.left_at),
    suspendedAt: text(person.suspended_at),
    departure:
      person.trigger && since && person.at
        ? {
            trigger: person.trigger,
            triggeredAt: instantText(since),
            at: instantText(person.at),
            counts: person.counts ?? {},
          }
        : null,
    systems,
    seconds:
      systems.length > 0 && proven ? Math.max(...systems.map(({ seconds }) => seconds ?? 0)) : null,
  };
}

/** Systems on which a leaver has access or can sign in, or had some that was ordered to go since they left. */
async function systemsOf(db: Db, id: string, since: Instant | null): Promise<readonly SystemRow[]> {
  const { rows } = await sql<SystemRow>`
    select system.id, system.key, system.name, count(distinct account.id)::int as accounts,
      count(distinct account.id) filter (where seen.active)::int as active,
      coalesce(sum(seen.held), 0)::int as held, coalesce(sum(o.orders), 0)::int as orders,
      coalesce(sum(o.carried_out), 0)::int as carried_out, coalesce(sum(o.proven), 0)::int as proven,
      min(o.ordered_at) as ordered_at, max(o.carried_out_at) as carried_out_at, max(o.proven_at) as proven_at
    from account join system on system.id = account.system_id
    left join lateral (
      select ${heldEntitlements} as held, ${canSignIn} as active
    ) seen on true
    left join lateral (
      select count(*) as orders, count(carried_out_at) as carried_out, count(proven_at) as proven,
        min(ordered_at) as ordered_at, max(carried_out_at) as carried_out_at, max(proven_at) as proven_at
      from revoke_order
      where revoke_order.account_id = account.id and withdrawn_at is null
        and (proven_at is null or ordered_at >= ${since}::timestamptz)
    ) o on true
    where account.person_id = ${id} and system.retired_at is null
      and (seen.held > 0 or seen.active or o.orders > 0)
    group by system.id order by system.name`.execute(db);
  return rows;
}

function systemItem(row: SystemRow, since: Instant | null) {
  const done = row.orders > 0 && row.proven === row.orders && row.active === 0;
  return {
    id: row.id,
    key: row.key,
    name: row.name,
    accounts: row.accounts,
    active: row.active,
    held: row.held,
    orders: row.orders,
    carriedOut: row.carried_out,
    proven: row.proven,
    orderedAt: text(row.ordered_at),
    carriedOutAt: text(row.carried_out_at),
    provenAt: text(row.proven_at),
    seconds:
      done && since && row.proven_at
        ? (row.proven_at.epochMilliseconds - since.epochMilliseconds) / 1000
        : null,
  };
}

function text(at: Instant | null): string | null {
  return at && instantText(at);
}
