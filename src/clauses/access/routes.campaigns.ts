import { sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import type { Db } from '../../kernel/db.ts';
import { dateIn, endOfDay, type Instant, instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import {
  answerList,
  type List,
  listInput,
  listOutput,
  type SortColumn,
} from '../../registers/list.ts';
import * as facts from './facts.ts';
import { changeSettings, closeCampaign, openCampaign } from './flows.ts';
import { campaignEvidence } from './routes.evidence.ts';
import { holdsOfficerRole } from './store.campaign.ts';
import { campaignIdOf } from './store.opening.ts';
import { nextOpeningAt, reviewSettings } from './store.settings.ts';

const campaignOutput = z.object({
  id: z.string(),
  name: z.string(),
  quarter: z.string().nullable(),
  automatic: z.boolean(),
  state: z.enum(facts.campaignStates),
  openedAt: z.string(),
  dueAt: z.string(),
  closedAt: z.string().nullable(),
  items: z.int(),
  undecided: z.int(),
  /** Undecided items that wait for the caller. */
  mine: z.int(),
  orders: z.int(),
  ordersOpen: z.int(),
});

interface CampaignRow {
  readonly id: string;
  readonly name: string;
  readonly quarter: string | null;
  readonly automatic: boolean;
  readonly state: facts.CampaignState;
  readonly openedAt: Instant;
  readonly dueAt: Instant;
  readonly closedAt: Instant | null;
  readonly items: number;
  readonly undecided: number;
  readonly mine: number;
  readonly orders: number;
  readonly ordersOpen: number;
}

const campaignSorts = {
  openedAt: { sql: sql`campaign.opened_at`, type: 'timestamptz' },
  dueAt: { sql: sql`campaign.due_at`, type: 'timestamptz' },
  name: { sql: sql`campaign.name`, type: 'text' },
  items: { sql: sql`campaign.items`, type: 'integer' },
  undecided: { sql: sql`campaign.undecided`, type: 'integer' },
} satisfies Record<string, SortColumn>;

function campaignList(
  reader: string | null,
  officer: boolean,
): List<CampaignRow, z.input<typeof campaignOutput>> {
  return {
    source: {
      from: [sql`review_campaign campaign`],
      key: { id: sql`campaign.id` },
      sorts: campaignSorts,
      defaultSort: '-openedAt',
      search: (like) => ({ sql: sql`lower(campaign.name) like ${like}` }),
      select: sql`campaign.id, campaign.name, campaign.quarter, campaign.automatic, campaign.state,
        campaign.opened_at as "openedAt", campaign.due_at as "dueAt", campaign.closed_at as "closedAt",
        campaign.items, campaign.undecided, coalesce(waiting.mine, 0)::int as mine,
        coalesce(ordered.orders, 0)::int as orders, coalesce(ordered.open, 0)::int as "ordersOpen"`,
      details: sql`join review_campaign campaign on campaign.id = page.id
        left join lateral (
          select count(*) as mine from review_item item
          where campaign.state = 'open' and campaign.undecided > 0 and item.campaign_id = campaign.id
            and item.decision is null and coalesce(item.reviewer_id = ${reader}, ${officer})
        ) waiting on true
        left join lateral (
          select count(*) as orders, count(*) filter (where proven_at is null) as open
          from revoke_order o where o.origin_id = campaign.id and withdrawn_at is null
        ) ordered on true`,
    },
    item: (row) => ({
      ...row,
      openedAt: instantText(row.openedAt),
      dueAt: instantText(row.dueAt),
      closedAt: row.closedAt ? instantText(row.closedAt) : null,
    }),
    csv: (
      [
        'name',
        'quarter',
        'state',
        'openedAt',
        'dueAt',
        'closedAt',
        'items',
        'undecided',
        'orders',
        'ordersOpen',
      ] as const
    ).map((header) => ({ header, cell: (campaign) => campaign[header] })),
    filename: 'campaigns',
  };
}

function readerOf({ actor }: Request): { readonly id: string | null; readonly officer: boolean } {
  return { id: actor && personOf(actor), officer: actor !== null && holdsOfficerRole(actor) };
}

const progressOutput = z.object({
  items: z.int(),
  undecided: z.int(),
  keep: z.int(),
  revoke: z.int(),
  change: z.int(),
});

const campaignDetail = campaignOutput.extend({
  reviewerRule: z.enum(facts.reviewerRules),
  revokeWithinHours: z.int(),
  snapshotDigest: z.string(),
  /** Makes the digest recomputable; only for those who may see every item. */
  salt: z.string().nullable(),
  progress: progressOutput,
  systems: z.array(
    progressOutput.extend({ id: z.string(), name: z.string(), readAt: z.string().nullable() }),
  ),
  /** All reviewers for those who may see every item, else the caller alone. Null id: the role of security officer. */
  reviewers: z.array(
    progressOutput.extend({ id: z.string().nullable(), name: z.string().nullable() }),
  ),
});

/** `dueOn` is the last day on which to decide, `dueAt` the very instant; neither: the usual length. */
const openInput = facts.openCampaign
  .omit({ dueAt: true })
  .extend({ dueAt: facts.openCampaign.shape.dueAt.optional(), dueOn: z.iso.date().optional() });

async function lastInstant(
  { db, now, zone }: Request,
  dueOn: string | undefined,
): Promise<Instant> {
  if (dueOn) return endOfDay(Temporal.PlainDate.from(dueOn), zone);
  const { lengthDays } = await reviewSettings(db);
  return endOfDay(dateIn(now, zone).add({ days: lengthDays }), zone);
}

const settingsOutput = facts.settings.extend({ nextOpensAt: z.string().nullable() });

export const campaignRoutes = {
  listCampaigns: route({
    method: 'get',
    path: '/campaigns',
    summary: 'Access reviews, newest first, with how far each has come.',
    permission: 'readCampaigns',
    input: listInput({ sorts: campaignSorts }, { state: z.enum(facts.campaignStates).optional() }),
    output: listOutput(campaignOutput),
    handle: (request, input) => {
      const { id, officer } = readerOf(request);
      const conditions = input.state ? [{ sql: sql`campaign.state = ${input.state}` }] : [];
      return answerList(request.db, campaignList(id, officer), input, conditions);
    },
  }),

  getCampaign: route({
    method: 'get',
    path: '/campaigns/{id}',
    summary: 'One access review: its progress in all, by system and by reviewer.',
    permission: 'readCampaigns',
    input: z.object({ id: z.uuid() }),
    output: campaignDetail,
    handle: async (request, { id }) => {
      const found = await findCampaign(request, id);
      return found ? ok(found) : refuse('notFound');
    },
  }),

  openCampaign: route({
    method: 'post',
    path: '/campaigns',
    summary: 'Opens an access review by hand, over every system or chosen ones.',
    permission: 'openCampaign',
    input: openInput,
    output: z.object({ id: z.string(), items: z.int(), snapshotDigest: z.string() }),
    handle: async (request, { dueOn, dueAt, ...input }) => {
      const due = dueAt ?? instantText(await lastInstant(request, dueOn));
      const done = await request.execute(openCampaign, { ...input, dueAt: due });
      if (!done.ok) return done;
      const [event] = done.value;
      if (!event) return refuse('nothingToReview');
      const { items, snapshotDigest } = event.body;
      return ok({ id: campaignIdOf(event.subject), items, snapshotDigest });
    },
  }),

  closeCampaign: route({
    method: 'post',
    path: '/campaigns/{id}/close',
    summary: 'Closes an access review whose every item is decided, before its deadline.',
    permission: 'closeCampaign',
    input: z.object({ id: z.uuid() }),
    output: z.object({ state: z.enum(['complete', 'incomplete']) }),
    handle: async ({ execute }, { id }) => {
      const done = await execute(closeCampaign, { campaignId: id });
      return done.ok ? ok({ state: done.value[0]?.body.state ?? 'complete' }) : done;
    },
  }),

  exportCampaign: route({
    method: 'get',
    path: '/campaigns/{id}/evidence',
    summary:
      'The snapshot with every decision and order as CSV; its first seven columns give the digest in the ledger.',
    permission: 'readReviews',
    input: z.object({ id: z.uuid() }),
    output: z.string(),
    handle: async ({ db }, { id }) => (await campaignEvidence(db, id)) ?? refuse('notFound'),
  }),

  getReviewSettings: route({
    method: 'get',
    path: '/review-settings',
    summary: 'How access reviews open by themselves, and when the next one does.',
    permission: 'readCampaigns',
    input: z.object({}),
    output: settingsOutput,
    handle: async ({ db, now }) => ok(await currentSettings(db, now)),
  }),

  changeReviewSettings: route({
    method: 'put',
    path: '/review-settings',
    summary: 'Changes how access reviews open by themselves.',
    permission: 'changeReviewSettings',
    input: facts.settings,
    output: settingsOutput,
    handle: async ({ db, execute, now }, input) => {
      const done = await execute(changeSettings, input);
      return done.ok ? ok(await currentSettings(db, now)) : done;
    },
  }),
};

async function currentSettings(db: Db, now: Instant): Promise<z.input<typeof settingsOutput>> {
  const next = await nextOpeningAt(db, now);
  return { ...(await reviewSettings(db)), nextOpensAt: next && instantText(next) };
}

interface Progress extends z.output<typeof progressOutput> {
  readonly systemId: string | null;
  readonly reviewerId: string | null;
  /** Which of the two the line is for: 1 a reviewer, 2 a system, 3 the whole. */
  readonly grouping: number;
}

async function findCampaign(
  request: Request,
  id: string,
): Promise<z.input<typeof campaignDetail> | null> {
  const { db } = request;
  const reader = readerOf(request);
  const { source, item } = campaignList(reader.id, reader.officer);
  const seesAll = request.may('readReviews');
  const { rows } = await sql<
    CampaignRow & {
      reviewerRule: facts.ReviewerRule;
      revokeWithinHours: number;
      snapshotDigest: string;
      salt: string;
    }
  >`
    select ${source.select}, campaign.reviewer_rule as "reviewerRule",
      campaign.revoke_within_hours as "revokeWithinHours", campaign.snapshot_digest as "snapshotDigest", campaign.salt
    from (select ${id}::uuid as id) page ${source.details}`.execute(db);
  const [row] = rows;
  if (!row) return null;
  const [lines, systems, people] = await Promise.all([
    progressOf(db, id),
    systemsOf(db, id),
    reviewersOf(db, id),
  ]);
  const { reviewerRule, revokeWithinHours, snapshotDigest, salt, ...campaign } = row;
  const none = { items: 0, undecided: 0, keep: 0, revoke: 0, change: 0 };
  return {
    ...item(campaign),
    reviewerRule,
    revokeWithinHours,
    snapshotDigest,
    salt: seesAll ? salt : null,
    progress: countsOf(lines.find((line) => line.grouping === 3)) ?? none,
    systems: systems.map((system) => ({
      ...system,
      ...(countsOf(lines.find((line) => line.grouping === 1 && line.systemId === system.id)) ??
        none),
      readAt: system.readAt && instantText(system.readAt),
    })),
    reviewers: lines
      .filter((line) => line.grouping === 2 && (seesAll || line.reviewerId === reader.id))
      .map((line) => ({
        id: line.reviewerId,
        name: people.get(line.reviewerId ?? '') ?? null,
        ...(countsOf(line) ?? none),
      })),
  };
}

function countsOf(line: Progress | undefined): z.output<typeof progressOutput> | null {
  if (!line) return null;
  const { items, undecided, keep, revoke, change } = line;
  return { items, undecided, keep, revoke, change };
}

/** One pass over the items, summed up by system, by reviewer and in all. */
async function progressOf(db: Db, campaignId: string): Promise<readonly Progress[]> {
  const { rows } = await sql<Progress>`
    select system_id as "systemId", reviewer_id as "reviewerId", grouping(system_id, reviewer_id)::int as grouping,
      sum(items)::int as items,
      coalesce(sum(items) filter (where decision is null), 0)::int as undecided,
      coalesce(sum(items) filter (where decision = 'keep'), 0)::int as keep,
      coalesce(sum(items) filter (where decision = 'revoke'), 0)::int as revoke,
      coalesce(sum(items) filter (where decision = 'change'), 0)::int as change
    from (
      select system_id, reviewer_id, decision, count(*) as items from review_item
      where campaign_id = ${campaignId} group by system_id, reviewer_id, decision
    ) counted
    group by grouping sets ((system_id), (reviewer_id), ())
    order by grouping, undecided desc, items desc`.execute(db);
  return rows;
}

async function systemsOf(db: Db, campaignId: string) {
  const { rows } = await sql<{ id: string; name: string; readAt: Instant | null }>`
    select system.id, system.name, reviewed.read_at as "readAt"
    from review_system reviewed join system on system.id = reviewed.system_id
    where reviewed.campaign_id = ${campaignId} order by system.name, system.id`.execute(db);
  return rows;
}

async function reviewersOf(db: Db, campaignId: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from person
    where id in (select reviewer_id from review_item where campaign_id = ${campaignId})`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.id, row.name]));
}
