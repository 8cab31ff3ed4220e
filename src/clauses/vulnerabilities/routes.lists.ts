import { sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { answerList, listInput, listOutput } from '../../registers/list.ts';
import { isVector } from './facts.rating.ts';
import {
  backlogDetail,
  backlogFigures,
  backlogGroup,
  backlogItem,
  decisionItem,
  groupings,
  type ShownPolicy,
  shownPolicy,
  shownRating,
} from './facts.shown.ts';
import { decisionConditions, decisionFilters, decisionList, decisionSorts } from './store.asked.ts';
import { backlogCharts } from './store.charts.ts';
import { ratedWith, shownItem } from './store.detail.ts';
import { groupList, groupSorts } from './store.groups.ts';
import { itemConditions, itemFilters, itemList, itemSorts } from './store.listed.ts';

export const listRoutes = {
  listBacklog: route({
    method: 'get',
    path: '/backlog',
    summary: 'The backlog of vulnerabilities; without `state` what is to be done.',
    permission: 'readBacklog',
    input: listInput({ sorts: itemSorts }, itemFilters),
    output: listOutput(backlogItem),
    handle: ({ db, now, actor }, input) => {
      const me = actor && personOf(actor);
      return answerList(db, itemList(now), input, itemConditions(input, { now, me }));
    },
  }),

  groupBacklog: route({
    method: 'get',
    path: '/backlog/groups/{by}',
    summary:
      'What is to be done, gathered by component, by the fix that clears it, by asset, owner or source.',
    permission: 'readBacklog',
    input: listInput({ sorts: groupSorts }, { by: z.enum(groupings) }),
    output: listOutput(backlogGroup),
    handle: ({ db, now }, { by, ...query }) => answerList(db, groupList(by, now), query),
  }),

  chartBacklog: route({
    method: 'get',
    path: '/backlog-figures',
    summary: 'Open items by class over time, their age, deadlines attained, time to fix.',
    permission: 'readBacklog',
    input: z.object({}),
    output: backlogFigures,
    handle: async ({ db, now, zone }) => ok(await backlogCharts(db, now, zone)),
  }),

  showBacklogItem: route({
    method: 'get',
    path: '/backlog/{id}',
    summary:
      'One item of the backlog, by its id or number, with its sightings, decisions and deadline.',
    permission: 'readBacklog',
    input: z.object({ id: z.string().min(1).max(64) }),
    output: backlogDetail,
    handle: async ({ db, now }, { id }) => {
      const found = await shownItem(db, id, now);
      return found ? ok(found) : refuse('notFound');
    },
  }),

  rateBacklogItem: route({
    method: 'get',
    path: '/backlog/{id}/rating',
    summary:
      'What a CVSS vector would come to in the asset of an item: score, class and deadline; stores nothing.',
    permission: 'readBacklog',
    input: z.object({ id: z.uuid(), vector: z.string().trim().max(500).default('') }),
    output: shownRating,
    handle: async ({ db, zone }, { id, vector }) => {
      if (vector !== '' && !isVector(vector)) return refuse('vectorUnfit', { vector });
      const rated = await ratedWith(db, id, vector, zone);
      return rated ? ok({ ...rated, dueAt: instantText(rated.dueAt) }) : refuse('notFound');
    },
  }),

  listDecisions: route({
    method: 'get',
    path: '/backlog-decisions',
    summary:
      'Decisions that something is not affected or that a risk is accepted: asked for, in force, over.',
    permission: 'readBacklog',
    input: listInput({ sorts: decisionSorts }, decisionFilters),
    output: listOutput(decisionItem),
    handle: ({ db }, input) => answerList(db, decisionList, input, decisionConditions(input)),
  }),

  showPatchPolicy: route({
    method: 'get',
    path: '/patch-policy',
    summary: 'The patch policy in force: a deadline for each class.',
    permission: 'readPatchPolicy',
    input: z.object({}),
    output: shownPolicy,
    handle: async (request) => {
      const [policy] = await policies(request, 1);
      return policy ? ok(policy) : refuse('notFound');
    },
  }),

  listPatchPolicies: route({
    method: 'get',
    path: '/patch-policies',
    summary: 'Every version of the patch policy, the newest first.',
    permission: 'readPatchPolicy',
    input: z.object({}),
    output: z.object({ items: z.array(shownPolicy) }),
    handle: async (request) => ok({ items: await policies(request, 500) }),
  }),
};

interface PolicyRow extends Omit<ShownPolicy, 'inForceAt' | 'classes'> {
  readonly classes: ShownPolicy['classes'];
  readonly inForceAt: Instant;
}

async function policies({ db }: Request, limit: number): Promise<ShownPolicy[]> {
  const { rows } = await sql<PolicyRow>`
    select patch_policy.version, classes, exploited_days as "exploitedDays", acceptance_days as "acceptanceDays",
      text_en as "textEn", text_ja as "textJa", in_force_at as "inForceAt",
      coalesce(person.name, changed_by) as "changedBy"
    from patch_policy left join person
      on patch_policy.changed_by in (person.id::text, 'person/' || person.id::text)
    order by patch_policy.version desc limit ${limit}`.execute(db);
  return rows.map(({ inForceAt, ...row }) => ({ ...row, inForceAt: instantText(inForceAt) }));
}
