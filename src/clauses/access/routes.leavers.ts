import { sql } from 'kysely';
import { z } from 'zod';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { route } from '../../policy/route.ts';
import { isLeft } from '../../registers/accounts/standing.ts';
import {
  answerList,
  type Condition,
  type List,
  listInput,
  listOutput,
  type SortColumn,
} from '../../registers/list.ts';
import { leaverStates } from './facts.terms.ts';

const step = z.string().nullable();

const leaverOutput = z.object({
  id: z.string(),
  person: z.string(),
  endsOn: z.string().nullable(),
  trigger: z.enum(['endDate', 'provisioning', 'button']),
  /** The moment from which on the seconds count. */
  triggeredAt: z.string(),
  /** `proven`: nothing is left anywhere; `open` and `overdue`: something is, or was not looked at since. */
  state: z.enum(leaverStates),
  orders: z.int(),
  carriedOut: z.int(),
  proven: z.int(),
  /** Cases about customers’ data that ended in the same transaction. */
  cases: z.int(),
  /** From the trigger to the proof of the last access; null until then. */
  seconds: z.number().nullable(),
  systems: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      orders: z.int(),
      orderedAt: step,
      /** When the last of them was said to be carried out; null while one is not. */
      carriedOutAt: step,
      provenAt: step,
      seconds: z.number().nullable(),
      /** Each account that is to go as a whole, beside what it holds. */
      accounts: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          orderedAt: step,
          carriedOutAt: step,
          provenAt: step,
          seconds: z.number().nullable(),
        }),
      ),
      /** A connection carries orders out there; else the owner has a task. */
      acting: z.boolean(),
      instructions: z.string(),
    }),
  ),
});
type Leaver = z.input<typeof leaverOutput>;

interface LeaverRow extends Omit<Leaver, 'endsOn' | 'triggeredAt'> {
  readonly endsOn: Temporal.PlainDate | null;
  readonly triggeredAt: Instant;
}

/** The first departure since somebody was last there: what crept back later was taken, not new. */
const departures = sql`(
  select person.id, person.name, person.ends_on, gone.trigger, gone.triggered_at, gone.at, gone.cases
  from person cross join lateral (
    select trigger, triggered_at, at, coalesce((counts ->> 'cases')::int, 0) as cases from departure
    where departure.person_id = person.id and departure.at >= person.left_at order by at limit 1
  ) gone
  where person.left_at is not null and person.erased_at is null) leaver`;

const leaverSorts = {
  triggeredAt: { sql: sql`leaver.triggered_at`, type: 'timestamptz' },
  person: { sql: sql`leaver.name`, type: 'text' },
} satisfies Record<string, SortColumn>;

/** Orders on accounts of a leaver that were open when they left, or placed since. */
const theirOrders = sql`(
  select o.* from revoke_order o join account on account.id = o.account_id
  where account.person_id = leaver.id and o.withdrawn_at is null
    and (o.proven_at is null or o.proven_at >= leaver.at))`;

/** What is left and was not ordered to go yet, as after an update or before the next reaction, is open too. */
const anythingLeft = sql`exists (
  select from account join system on system.id = account.system_id and system.retired_at is null
  where account.person_id = leaver.id and ${isLeft})`;

const stateOf = (now: Instant) => sql`(
  select case when bool_or(proven_at is null and due_at <= ${now}) then 'overdue'
    when count(*) filter (where proven_at is null) > 0 or ${anythingLeft} then 'open' else 'proven' end
  from ${theirOrders} o)`;

const seconds = (proven: ReturnType<typeof sql>) =>
  sql`extract(epoch from ${proven} - leaver.triggered_at)::float8`;

/** ISO 8601 in UTC, as a JSON document holds it. */
const text = (at: ReturnType<typeof sql>) =>
  sql`to_char(${at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const allDone = (column: string) =>
  sql`case when count(*) = count(${sql.ref(column)}) then max(${sql.ref(column)}) end`;

/** Of the orders of a system, those of accounts as a whole. */
const wholeAccounts = sql`coalesce(jsonb_agg(jsonb_build_object('id', o.account_id,
  'name', (select name from account where account.id = o.account_id),
  'orderedAt', ${text(sql`o.ordered_at`)}, 'carriedOutAt', ${text(sql`o.carried_out_at`)},
  'provenAt', ${text(sql`o.proven_at`)}, 'seconds', ${seconds(sql`o.proven_at`)}) order by o.ordered_at, o.account_id)
  filter (where o.entitlement_id is null), '[]')`;

function leaverList(now: Instant): List<LeaverRow, Leaver> {
  return {
    source: {
      from: [departures],
      key: { id: sql`leaver.id` },
      sorts: leaverSorts,
      defaultSort: '-triggeredAt',
      search: (like) => ({ sql: sql`lower(leaver.name) like ${like}` }),
      select: sql`leaver.id, leaver.name as person, leaver.ends_on as "endsOn", leaver.trigger,
        leaver.triggered_at as "triggeredAt", ${stateOf(now)} as state, summed.orders, summed.carried_out as "carriedOut",
        summed.proven, summed.seconds, leaver.cases, by_system.systems`,
      details: sql`
        join ${departures} on leaver.id = page.id
        cross join lateral (
          select count(*)::int as orders, count(carried_out_at)::int as carried_out, count(proven_at)::int as proven,
            case when not ${anythingLeft} then ${seconds(allDone('proven_at'))} end as seconds
          from ${theirOrders} o
        ) summed
        cross join lateral (
          select coalesce(jsonb_agg(jsonb_build_object('id', system.id, 'name', system.name, 'orders', steps.orders,
            'orderedAt', ${text(sql`steps.ordered_at`)}, 'carriedOutAt', ${text(sql`steps.carried_out_at`)},
            'provenAt', ${text(sql`steps.proven_at`)}, 'seconds', ${seconds(sql`steps.proven_at`)},
            'accounts', steps.accounts,
            'acting', exists (select from connection where connection.system_id = system.id
              and connection.removed_at is null and connection.acting_since is not null),
            'instructions', coalesce(rule.instructions, '')) order by system.name), '[]') as systems
          from (
            select system_id, count(*) as orders, min(ordered_at) as ordered_at,
              ${allDone('carried_out_at')} as carried_out_at, ${allDone('proven_at')} as proven_at,
              ${wholeAccounts} as accounts
            from ${theirOrders} o group by system_id
          ) steps
          join system on system.id = steps.system_id
          left join access_rule rule on rule.system_id = system.id
        ) by_system`,
    },
    item: (row) => ({
      ...row,
      endsOn: row.endsOn?.toString() ?? null,
      triggeredAt: instantText(row.triggeredAt),
    }),
    csv: (
      [
        'person',
        'trigger',
        'triggeredAt',
        'state',
        'orders',
        'carriedOut',
        'proven',
        'seconds',
      ] as const
    ).map((header) => ({ header, cell: (leaver) => leaver[header] })),
    filename: 'leavers',
  };
}

export const leaverRoutes = {
  listLeavers: route({
    method: 'get',
    path: '/leavers',
    summary:
      'Those who left: on each system, what was ordered, carried out and proven gone, and how soon.',
    permission: 'readLeavers',
    input: listInput(
      { sorts: leaverSorts },
      { state: z.enum(leaverStates).optional(), id: z.uuid().optional() },
    ),
    output: listOutput(leaverOutput),
    handle: ({ db, now }, input) => {
      const conditions: Condition[] = [];
      if (input.id) conditions.push({ sql: sql`leaver.id = ${input.id}` });
      if (input.state) conditions.push({ sql: sql`${stateOf(now)} = ${input.state}` });
      return answerList(db, leaverList(now), input, conditions);
    },
  }),
};
