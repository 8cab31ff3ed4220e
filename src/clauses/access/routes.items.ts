import { sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import type { Db } from '../../kernel/db.ts';
import { dateIn, type Instant, instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import {
  answerList,
  type Condition,
  flag,
  type List,
  likeOf,
  listInput,
  listOutput,
  type SortColumn,
} from '../../registers/list.ts';
import * as facts from './facts.ts';
import { decideItems, delegateItems } from './flows.ts';
import { employed, holdsOfficerRole } from './store.campaign.ts';
import { isAccessOf, itemConditions, searchCondition } from './store.items.ts';

const itemOutput = z.object({
  no: z.int(),
  systemId: z.string(),
  system: z.string(),
  accountId: z.string(),
  account: z.string(),
  accountKind: z.string(),
  entitlementId: z.string(),
  entitlement: z.string(),
  privileged: z.boolean(),
  personId: z.string().nullable(),
  person: z.string().nullable(),
  department: z.string().nullable(),
  reviewerId: z.string().nullable(),
  reviewer: z.string().nullable(),
  observed: z.boolean(),
  granted: z.boolean(),
  /** When the system was read that the item was seen in. */
  asOf: z.string().nullable(),
  decision: z.enum(facts.decisions).nullable(),
  reason: z.string().nullable(),
  wanted: z.string().nullable(),
  decidedAt: z.string().nullable(),
  decidedBy: z.string().nullable(),
  /** The caller's own access: somebody else decides. */
  own: z.boolean(),
  /** For the caller to decide. */
  mine: z.boolean(),
});
type Item = z.input<typeof itemOutput>;

interface ItemRow extends Omit<Item, 'asOf' | 'decidedAt'> {
  readonly asOf: Instant | null;
  readonly decidedAt: Instant | null;
}

const itemSorts = {
  no: { sql: sql`item.no`, type: 'integer' },
  system: { sql: sql`system.name`, type: 'text', needs: ['system'] },
  account: { sql: sql`account.name`, type: 'text', needs: ['account'] },
  entitlement: { sql: sql`entitlement.name`, type: 'text', needs: ['entitlement'] },
  person: { sql: sql`person.name`, type: 'text', nullable: true, needs: ['person'] },
  department: { sql: sql`person.department`, type: 'text', nullable: true, needs: ['person'] },
  decision: { sql: sql`item.decision`, type: 'text', nullable: true },
} satisfies Record<string, SortColumn>;

const csvColumns = [
  'no',
  'system',
  'account',
  'accountKind',
  'entitlement',
  'privileged',
  'person',
  'department',
  'observed',
  'granted',
  'asOf',
  'reviewer',
  'decision',
  'reason',
  'wanted',
  'decidedAt',
  'decidedBy',
] as const;

/** Items of one campaign as one reader sees them. Account and entitlement name an item within it. */
function itemList(
  campaignId: string,
  reader: string | null,
  officer: boolean,
): List<ItemRow, Item> {
  return {
    source: {
      from: [sql`review_item item`],
      joins: {
        system: sql`join system on system.id = item.system_id`,
        account: sql`join account on account.id = item.account_id`,
        entitlement: sql`join entitlement on entitlement.id = item.entitlement_id`,
        person: sql`left join person on person.id = item.person_id`,
      },
      key: { account: sql`item.account_id`, entitlement: sql`item.entitlement_id` },
      sorts: itemSorts,
      defaultSort: 'no',
      search: (like): Condition => ({ sql: searchCondition(like) }),
      select: sql`item.no, item.system_id as "systemId", system.name as system, item.account_id as "accountId",
        account.name as account, account.kind as "accountKind", item.entitlement_id as "entitlementId",
        entitlement.name as entitlement, entitlement.privileged, item.person_id as "personId", person.name as person,
        person.department, item.reviewer_id as "reviewerId", reviewer.name as reviewer, item.observed, item.granted,
        reviewed.read_at as "asOf", item.decision, act.reason, wanted.name as wanted, act.at as "decidedAt",
        decider.name as "decidedBy", ${reader ? isAccessOf(reader) : sql`false`} as own,
        coalesce(item.reviewer_id = ${reader}, ${officer})
          and not ${reader ? isAccessOf(reader) : sql`false`} as mine`,
      details: sql`
        join review_item item on item.campaign_id = ${campaignId} and item.account_id = page.account
          and item.entitlement_id = page.entitlement
        join review_system reviewed on reviewed.campaign_id = item.campaign_id and reviewed.system_id = item.system_id
        join system on system.id = item.system_id
        join account on account.id = item.account_id
        join entitlement on entitlement.id = item.entitlement_id
        left join person on person.id = item.person_id
        left join person reviewer on reviewer.id = item.reviewer_id
        left join review_act act on act.id = item.act_id
        left join person decider on decider.id = act.reviewer_id
        left join entitlement wanted on wanted.id = act.wanted_entitlement_id`,
    },
    item: (row) => ({
      ...row,
      asOf: row.asOf && instantText(row.asOf),
      decidedAt: row.decidedAt && instantText(row.decidedAt),
    }),
    csv: csvColumns.map((header) => ({ header, cell: (item) => item[header] })),
    filename: 'review-items',
  };
}

/** Items of the campaign that match; only the caller's own to decide, where they may not see all. */
function conditionsOf(
  request: Request,
  input: facts.ItemFilter & { id: string; mine?: boolean | undefined },
): Condition[] {
  const { id, mine, q: _q, ...filter } = input;
  const reader = request.actor && personOf(request.actor);
  const officer = request.actor !== null && holdsOfficerRole(request.actor);
  const conditions: Condition[] = [sql`item.campaign_id = ${id}`, ...itemConditions(filter)].map(
    (each) => ({ sql: each }),
  );
  if (mine || !request.may('readReviews')) {
    conditions.push({ sql: sql`coalesce(item.reviewer_id = ${reader}, ${officer})` });
  }
  return conditions;
}

const itemFilters = {
  id: z.uuid(),
  system: z.uuid().optional(),
  entitlement: z.uuid().optional(),
  person: z.uuid().optional(),
  account: z.uuid().optional(),
  department: z.string().max(200).optional(),
  privileged: flag.optional(),
  orphan: flag.optional(),
  undecided: flag.optional(),
  observed: flag.optional(),
  granted: flag.optional(),
  decision: z.enum(facts.decisions).optional(),
  reviewer: z.union([z.uuid(), z.literal('role')]).optional(),
  /** Only what the caller is to decide. */
  mine: flag.optional(),
};

/** Suggestions offered while somebody types. */
const suggestions = 20;
const choiceOutput = z.object({
  items: z.array(z.object({ id: z.string(), name: z.string(), note: z.string() })),
});

/** Numbers of a hundred thousand items, with room to spare. */
const selectionLimitBytes = 16 * 1024 * 1024;

export const itemRoutes = {
  listReviewItems: route({
    method: 'get',
    path: '/campaigns/{id}/items',
    summary:
      'Items of an access review; reviewers see those they are to decide, officers and auditors all.',
    permission: 'readCampaigns',
    input: listInput({ sorts: itemSorts }, itemFilters),
    output: listOutput(itemOutput),
    handle: (request, input) => {
      const reader = request.actor && personOf(request.actor);
      const officer = request.actor !== null && holdsOfficerRole(request.actor);
      return answerList(
        request.db,
        itemList(input.id, reader, officer),
        input,
        conditionsOf(request, input),
      );
    },
  }),

  decideReviewItems: route({
    method: 'post',
    path: '/campaigns/{id}/decisions',
    summary:
      'Decides on items, by number or by filter, in one act; own access is left out and reported.',
    permission: 'reviewAccess',
    limitBytes: selectionLimitBytes,
    input: facts.decide.omit({ campaignId: true }).extend({ id: z.uuid() }),
    output: z.object({
      count: z.int(),
      ownExcluded: z.int(),
      othersExcluded: z.int(),
      undecided: z.int(),
      /** Kept, and yet not granted: their people have left, or have not signed an undertaking. */
      notGranted: z.int(),
    }),
    handle: async ({ db, execute }, { id, ...command }) => {
      const done = await execute(decideItems, { campaignId: id, ...command });
      if (!done.ok) return done;
      const event = done.value.find(({ type }) => type === 'ItemsDecided');
      if (event?.type !== 'ItemsDecided') return refuse('nothingSelected');
      const { count, ownExcluded, othersExcluded } = event.body;
      const notGranted =
        command.decision === 'keep' ? await notGrantedBy(db, id, event.body.act) : 0;
      const undecided = await undecidedOf(db, id);
      return ok({ count, ownExcluded, othersExcluded, undecided, notGranted });
    },
  }),

  delegateReviewItems: route({
    method: 'post',
    path: '/campaigns/{id}/delegations',
    summary:
      'Passes undecided items on to another reviewer; never to the person whose access they are.',
    permission: 'reviewAccess',
    limitBytes: selectionLimitBytes,
    input: facts.delegate.omit({ campaignId: true }).extend({ id: z.uuid() }),
    output: z.object({ count: z.int(), ownExcluded: z.int() }),
    handle: async ({ execute }, { id, ...command }) => {
      const done = await execute(delegateItems, { campaignId: id, ...command });
      if (!done.ok) return done;
      const { count = 0, ownExcluded = 0 } = done.value[0]?.body ?? {};
      return ok({ count, ownExcluded });
    },
  }),

  findReviewers: route({
    method: 'get',
    path: '/reviewers',
    summary: 'People who can be given a review today, by name.',
    permission: 'readCampaigns',
    input: z.object({ q: z.string().trim().max(200).default('') }),
    output: choiceOutput,
    handle: async ({ db, now, zone }, { q }) => {
      const like = likeOf(q);
      const { rows } = await sql<{ id: string; name: string; note: string }>`
        select id, name, department as note from person
        where ${employed('person', dateIn(now, zone))} and (lower(name) like ${like} or lower(reading) like ${like})
        order by name, id limit ${suggestions}`.execute(db);
      return ok({ items: rows });
    },
  }),

  findWanted: route({
    method: 'get',
    path: '/campaigns/{id}/entitlements',
    summary: 'Entitlements of a campaign’s systems, to name what is wanted instead.',
    permission: 'reviewAccess',
    input: z.object({
      id: z.uuid(),
      system: z.uuid().optional(),
      q: z.string().trim().max(200).default(''),
    }),
    output: choiceOutput,
    handle: async ({ db }, { id, system, q }) => {
      const { rows } = await sql<{ id: string; name: string; note: string }>`
        select entitlement.id, entitlement.name, system.name as note
        from review_system reviewed join system on system.id = reviewed.system_id
        join entitlement on entitlement.system_id = system.id
        where reviewed.campaign_id = ${id} and ${system ? sql`system.id = ${system}` : sql`true`}
          and lower(entitlement.name) like ${likeOf(q)}
        order by entitlement.name, entitlement.id limit ${suggestions}`.execute(db);
      return ok({ items: rows });
    },
  }),
};

/** Items that an act kept although nobody may be granted them: their access stays without a grant. */
async function notGrantedBy(db: Db, campaignId: string, act: string): Promise<number> {
  const { rows } = await sql<{ items: number }>`
    select count(*)::int as items from review_item item
    where item.campaign_id = ${campaignId} and item.act_id = ${act} and item.observed
      and not exists (
        select from access_grant given
        where given.account_id = item.account_id and given.entitlement_id = item.entitlement_id
          and given.revoked_at is null)`.execute(db);
  return rows[0]?.items ?? 0;
}

async function undecidedOf(db: Db, campaignId: string): Promise<number> {
  const { rows } = await sql<{ undecided: number }>`
    select undecided from review_campaign where id = ${campaignId}`.execute(db);
  return rows[0]?.undecided ?? 0;
}
