import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { ok } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import {
  answerList,
  type Condition,
  type List,
  listInput,
  listOutput,
  type SortColumn,
} from '../../registers/list.ts';
import * as facts from './facts.ts';
import { markCarriedOut } from './flows.ts';

/** Where an order stands. `returned`: proven gone once, and there again. */
export const orderStates = [
  'ordered',
  'carriedOut',
  'overdue',
  'proven',
  'returned',
  'withdrawn',
] as const;
type OrderState = (typeof orderStates)[number];

const orderOutput = z.object({
  originId: z.string(),
  origin: z.enum(facts.orderOrigins),
  /** Name of the review that it comes from; null for every other origin. */
  campaign: z.string().nullable(),
  no: z.int(),
  state: z.enum(orderStates),
  systemId: z.string(),
  system: z.string(),
  owner: z.string().nullable(),
  accountId: z.string(),
  account: z.string(),
  person: z.string().nullable(),
  /** Null: the account as a whole is to go. */
  entitlementId: z.string().nullable(),
  entitlement: z.string().nullable(),
  wanted: z.string().nullable(),
  reason: z.string().nullable(),
  orderedAt: z.string(),
  /** Null: Kept itself. */
  orderedBy: z.string().nullable(),
  dueAt: z.string(),
  carriedOutAt: z.string().nullable(),
  carriedOutHow: z.enum(['person', 'connection']).nullable(),
  provenAt: z.string().nullable(),
  provenReadId: z.string().nullable(),
  withdrawnAt: z.string().nullable(),
  /** How access is removed there, for whoever does it by hand. */
  instructions: z.string(),
});
type Order = z.input<typeof orderOutput>;

type Times = 'orderedAt' | 'dueAt' | 'carriedOutAt' | 'provenAt' | 'withdrawnAt';
type OrderRow = Omit<Order, Times> & { readonly [time in Times]: Instant | null };

const orderSorts = {
  dueAt: { sql: sql`o.due_at`, type: 'timestamptz' },
  orderedAt: { sql: sql`o.ordered_at`, type: 'timestamptz' },
  system: { sql: sql`system.name`, type: 'text', needs: ['system'] },
  account: { sql: sql`account.name`, type: 'text', needs: ['account'] },
  entitlement: { sql: sql`coalesce(entitlement.name, '')`, type: 'text', needs: ['entitlement'] },
} satisfies Record<string, SortColumn>;

/** Whether the system shows the access now; whether an account may be entered is the leavers' check's to say. */
const isThere = sql`exists (select from observation seen
  where seen.account_id = o.account_id and seen.entitlement_id = o.entitlement_id and seen.gone_at is null)`;

function stateOf(now: Instant): RawBuilder<OrderState> {
  return sql<OrderState>`case
    when o.withdrawn_at is not null then 'withdrawn'
    when o.proven_at is not null and ${isThere} then 'returned'
    when o.proven_at is not null then 'proven'
    when o.due_at <= ${now} then 'overdue'
    when o.carried_out_at is not null then 'carriedOut'
    else 'ordered' end`;
}

const csvColumns = [
  'origin',
  'campaign',
  'no',
  'state',
  'system',
  'owner',
  'account',
  'person',
  'entitlement',
  'wanted',
  'reason',
  'orderedAt',
  'orderedBy',
  'dueAt',
  'carriedOutAt',
  'carriedOutHow',
  'provenAt',
  'provenReadId',
  'withdrawnAt',
] as const;

function orderList(now: Instant): List<OrderRow, Order> {
  return {
    source: {
      from: [sql`revoke_order o`],
      joins: {
        system: sql`join system on system.id = o.system_id`,
        account: sql`join account on account.id = o.account_id`,
        entitlement: sql`left join entitlement on entitlement.id = o.entitlement_id`,
      },
      key: {
        origin: sql`o.origin_id`,
        account: sql`o.account_id`,
        entitlement: sql`coalesce(o.entitlement_id, o.account_id)`,
      },
      sorts: orderSorts,
      defaultSort: 'dueAt',
      search: (like) => ({
        sql: sql`lower(account.name) like ${like} or lower(entitlement.name) like ${like}`,
        needs: ['account', 'entitlement'],
      }),
      select: sql`o.origin_id as "originId", origin.kind as origin, campaign.name as campaign, o.no,
        ${stateOf(now)} as state, o.system_id as "systemId", system.name as system, owner.name as owner,
        o.account_id as "accountId", account.name as account, person.name as person,
        o.entitlement_id as "entitlementId", entitlement.name as entitlement, wanted.name as wanted, act.reason,
        o.ordered_at as "orderedAt", decider.name as "orderedBy", o.due_at as "dueAt",
        o.carried_out_at as "carriedOutAt", o.carried_out_how as "carriedOutHow", o.proven_at as "provenAt",
        o.proven_read_id as "provenReadId", o.withdrawn_at as "withdrawnAt",
        coalesce(rule.instructions, '') as instructions`,
      details: sql`
        join revoke_order o on o.origin_id = page.origin and o.account_id = page.account
          and coalesce(o.entitlement_id, o.account_id) = page.entitlement
        join revoke_origin origin on origin.id = o.origin_id
        left join review_campaign campaign on campaign.id = o.origin_id
        left join review_item item on item.campaign_id = o.origin_id and item.no = o.no
        left join review_act act on act.id = item.act_id
        left join person decider on decider.id = coalesce(act.reviewer_id, origin.placed_by)
        join system on system.id = o.system_id
        left join person owner on owner.id = system.owner_id
        left join access_rule rule on rule.system_id = system.id
        join account on account.id = o.account_id
        left join person on person.id = account.person_id
        left join entitlement on entitlement.id = o.entitlement_id
        left join entitlement wanted on wanted.id = o.wanted_entitlement_id`,
    },
    item: (row) => {
      const at = (time: Instant | null) => time && instantText(time);
      return {
        ...row,
        orderedAt: at(row.orderedAt) ?? '',
        dueAt: at(row.dueAt) ?? '',
        carriedOutAt: at(row.carriedOutAt),
        provenAt: at(row.provenAt),
        withdrawnAt: at(row.withdrawnAt),
      };
    },
    csv: csvColumns.map((header) => ({ header, cell: (order) => order[header] })),
    filename: 'revoke-orders',
  };
}

const orderFilters = {
  campaign: z.uuid().optional(),
  /** Orders of one origin, whatever kind it is of. */
  batch: z.uuid().optional(),
  origin: z.enum(facts.orderOrigins).optional(),
  /** Orders on accounts of a person. */
  person: z.uuid().optional(),
  system: z.uuid().optional(),
  state: z.enum(orderStates).optional(),
};

/** Owners see the orders of their systems; officers and auditors see all. */
function conditionsOf(
  request: Request,
  { campaign, batch, origin, person, system, state }: z.output<z.ZodObject<typeof orderFilters>>,
): Condition[] {
  const conditions: Condition[] = [];
  if (campaign) conditions.push({ sql: sql`o.origin_id = ${campaign}` });
  if (batch) conditions.push({ sql: sql`o.origin_id = ${batch}` });
  if (origin)
    conditions.push({
      sql: sql`o.origin_id in (select id from revoke_origin where kind = ${origin})`,
    });
  if (person)
    conditions.push({
      sql: sql`o.account_id in (select id from account where person_id = ${person})`,
    });
  if (system) conditions.push({ sql: sql`o.system_id = ${system}` });
  if (state) conditions.push({ sql: sql`${stateOf(request.now)} = ${state}` });
  if (!request.may('readReviews')) {
    const reader = request.actor && personOf(request.actor);
    conditions.push({
      sql: sql`o.system_id in (select id from system where owner_id = ${reader})`,
    });
  }
  return conditions;
}

export const orderRoutes = {
  listRevokeOrders: route({
    method: 'get',
    path: '/revoke-orders',
    summary: 'Orders to remove access: given, carried out, proven gone.',
    permission: 'readCampaigns',
    input: listInput({ sorts: orderSorts }, orderFilters),
    output: listOutput(orderOutput),
    handle: (request, input) =>
      answerList(request.db, orderList(request.now), input, conditionsOf(request, input)),
  }),

  markOrdersCarriedOut: route({
    method: 'post',
    path: '/revoke-orders/carried-out',
    summary: 'Says that orders of one system were carried out; only a later read proves them.',
    permission: 'carryOutOrders',
    limitBytes: 16 * 1024 * 1024,
    input: facts.markCarriedOut,
    output: z.object({ count: z.int() }),
    handle: async ({ execute }, input) => {
      const done = await execute(markCarriedOut, input);
      return done.ok ? ok({ count: done.value[0]?.body.count ?? 0 }) : done;
    },
  }),
};
