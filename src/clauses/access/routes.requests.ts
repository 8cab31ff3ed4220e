import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import { dateIn, type Instant, instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { findConflicts, severities } from '../../registers/accounts/store.duties.ts';
import {
  answerList,
  type Condition,
  flag,
  type List,
  listInput,
  listOutput,
  type SortColumn,
} from '../../registers/list.ts';
import { lacksUndertaking } from '../../registers/people/store.undertakings.ts';
import * as facts from './facts.requests.ts';
import { requestStates } from './facts.terms.ts';
import { askAccess, decideRequests, withdrawRequest } from './flows.ts';
import { holdsOfficerRole } from './store.campaign.ts';

const requestOutput = z.object({
  id: z.string(),
  state: z.enum(requestStates),
  personId: z.string(),
  person: z.string(),
  requesterId: z.string(),
  requester: z.string(),
  systemId: z.string(),
  system: z.string(),
  entitlementId: z.string(),
  entitlement: z.string(),
  privileged: z.boolean(),
  purpose: z.string(),
  endsOn: z.string(),
  /** More time for what is granted already. */
  extension: z.boolean(),
  askedAt: z.string(),
  dueAt: z.string(),
  /** Null: the role of security officer. */
  approver: z.string().nullable(),
  decidedAt: z.string().nullable(),
  decidedBy: z.string().nullable(),
  reason: z.string(),
  /** The caller may decide on it. */
  mine: z.boolean(),
  /** The caller asked, or would have the access. */
  own: z.boolean(),
});
type RequestItem = z.input<typeof requestOutput>;

interface RequestRow extends Omit<RequestItem, 'endsOn' | 'askedAt' | 'dueAt' | 'decidedAt'> {
  readonly endsOn: Temporal.PlainDate;
  readonly askedAt: Instant;
  readonly dueAt: Instant;
  readonly decidedAt: Instant | null;
}

const requestSorts = {
  askedAt: { sql: sql`asked.asked_at`, type: 'timestamptz' },
  dueAt: { sql: sql`asked.due_at`, type: 'timestamptz' },
  endsOn: { sql: sql`asked.ends_on`, type: 'date' },
  person: { sql: sql`person.name`, type: 'text', needs: ['person'] },
  system: { sql: sql`system.name`, type: 'text', needs: ['system'] },
  entitlement: { sql: sql`entitlement.name`, type: 'text', needs: ['entitlement'] },
} satisfies Record<string, SortColumn>;

const csvColumns = [
  'state',
  'person',
  'requester',
  'system',
  'entitlement',
  'privileged',
  'purpose',
  'endsOn',
  'extension',
  'askedAt',
  'dueAt',
  'approver',
  'decidedAt',
  'decidedBy',
  'reason',
] as const;

interface Reader {
  readonly id: string | null;
  readonly officer: boolean;
}

function readerOf({ actor }: Request): Reader {
  return { id: actor && personOf(actor), officer: actor !== null && holdsOfficerRole(actor) };
}

const isOwn = ({ id }: Reader): RawBuilder<boolean> =>
  sql<boolean>`coalesce(${id}::uuid in (asked.person_id, asked.requester_id), false)`;

/** Whether the reader answers for the system, or was asked. */
const answersFor = ({ id }: Reader): RawBuilder<boolean> => sql<boolean>`coalesce(
  asked.approver_id = ${id}::uuid
  or asked.system_id in (select id from system where owner_id = ${id}::uuid)
  or asked.system_id in (select system_id from access_rule where delegate_id = ${id}::uuid), false)`;

const isMine = (reader: Reader): RawBuilder<boolean> => sql<boolean>`(
  asked.state = 'open' and not ${isOwn(reader)}
  and (${reader.officer}::boolean or not asked.by_officer and ${answersFor(reader)}))`;

function requestList(reader: Reader): List<RequestRow, RequestItem> {
  return {
    source: {
      from: [sql`access_request asked`],
      joins: {
        person: sql`join person on person.id = asked.person_id`,
        system: sql`join system on system.id = asked.system_id`,
        entitlement: sql`join entitlement on entitlement.id = asked.entitlement_id`,
      },
      key: { id: sql`asked.id` },
      sorts: requestSorts,
      defaultSort: '-askedAt',
      search: (like) => ({
        sql: sql`lower(person.name) like ${like} or lower(entitlement.name) like ${like}
          or lower(system.name) like ${like}`,
        needs: ['person', 'system', 'entitlement'],
      }),
      select: sql`asked.id, asked.state, asked.person_id as "personId", person.name as person,
        asked.requester_id as "requesterId", requester.name as requester, asked.system_id as "systemId",
        system.name as system, asked.entitlement_id as "entitlementId", entitlement.name as entitlement,
        entitlement.privileged, asked.purpose, asked.ends_on as "endsOn",
        asked.extends_grant_id is not null as extension, asked.asked_at as "askedAt", asked.due_at as "dueAt",
        approver.name as approver, asked.decided_at as "decidedAt", decider.name as "decidedBy", asked.reason,
        ${isMine(reader)} as mine, ${isOwn(reader)} as own`,
      details: sql`
        join access_request asked on asked.id = page.id
        join person on person.id = asked.person_id
        join person requester on requester.id = asked.requester_id
        join system on system.id = asked.system_id
        join entitlement on entitlement.id = asked.entitlement_id
        left join person approver on approver.id = asked.approver_id
        left join person decider on decider.id = asked.decided_by`,
    },
    item: (row) => ({
      ...row,
      endsOn: row.endsOn.toString(),
      askedAt: instantText(row.askedAt),
      dueAt: instantText(row.dueAt),
      decidedAt: row.decidedAt && instantText(row.decidedAt),
    }),
    csv: csvColumns.map((header) => ({ header, cell: (request) => request[header] })),
    filename: 'access-requests',
  };
}

const requestFilters = {
  state: z.enum(requestStates).optional(),
  system: z.uuid().optional(),
  person: z.uuid().optional(),
  /** Only what the caller may decide on. */
  mine: flag.optional(),
  /** Only what the caller asked for, or would have. */
  own: flag.optional(),
};

/** Whoever asks sees what they asked for; whoever decides, what is theirs; officers and auditors all. */
function conditionsOf(
  request: Request,
  { state, system, person, mine, own }: z.output<z.ZodObject<typeof requestFilters>>,
): Condition[] {
  const reader = readerOf(request);
  const conditions: Condition[] = [];
  if (state) conditions.push({ sql: sql`asked.state = ${state}` });
  if (system) conditions.push({ sql: sql`asked.system_id = ${system}` });
  if (person) conditions.push({ sql: sql`asked.person_id = ${person}` });
  if (mine !== undefined) conditions.push({ sql: sql`${isMine(reader)} = ${mine}` });
  if (own !== undefined) conditions.push({ sql: sql`${isOwn(reader)} = ${own}` });
  if (!request.may('readAllRequests'))
    conditions.push({ sql: sql`(${isOwn(reader)} or ${answersFor(reader)})` });
  return conditions;
}

const requestDetail = requestOutput.extend({
  description: z.string(),
  /** How access is given in the system, for whoever decides. */
  instructions: z.string(),
  lacksUndertaking: z.boolean(),
  conflicts: z.array(
    z.object({ rule: z.string(), severity: z.enum(severities), other: z.string() }),
  ),
});

export const requestRoutes = {
  listAccessRequests: route({
    method: 'get',
    path: '/access-requests',
    summary: 'Requests for access: what, why, until when, and what became of them.',
    permission: 'readRequests',
    input: listInput({ sorts: requestSorts }, requestFilters),
    output: listOutput(requestOutput),
    handle: (request, input) =>
      answerList(request.db, requestList(readerOf(request)), input, conditionsOf(request, input)),
  }),

  getAccessRequest: route({
    method: 'get',
    path: '/access-requests/{id}',
    summary: 'One request, with what stands against it: undertaking, conflicting duties.',
    permission: 'readRequests',
    input: z.object({ id: z.uuid() }),
    output: requestDetail,
    handle: async (request, { id }) => (await findRequest(request, id)) ?? refuse('notFound'),
  }),

  askAccess: route({
    method: 'post',
    path: '/access-requests',
    summary: 'Asks for access, or for more time: for oneself, or for somebody who reports to one.',
    permission: 'askAccess',
    input: facts.askAccess,
    output: z.object({ id: z.string() }),
    handle: async ({ execute }, input) => {
      const done = await execute(askAccess, input);
      return done.ok ? ok({ id: done.value[0]?.subject.split('/')[1] ?? '' }) : done;
    },
  }),

  decideAccessRequests: route({
    method: 'post',
    path: '/access-requests/decisions',
    summary:
      'Approves or refuses requests in one act; what a guard forbids is left out and counted.',
    permission: 'decideRequests',
    input: facts.decideRequests,
    output: z.object({
      count: z.int(),
      ownExcluded: z.int(),
      undertakingExcluded: z.int(),
      conflictExcluded: z.int(),
      othersExcluded: z.int(),
    }),
    handle: async ({ execute }, input) => {
      const done = await execute(decideRequests, input);
      if (!done.ok) return done;
      const [event] = done.value;
      if (!event) return refuse('notFound');
      const { count, ownExcluded, undertakingExcluded, conflictExcluded, othersExcluded } =
        event.body;
      return ok({ count, ownExcluded, undertakingExcluded, conflictExcluded, othersExcluded });
    },
  }),

  withdrawAccessRequest: route({
    method: 'post',
    path: '/access-requests/{id}/withdraw',
    summary: 'Takes one’s own request back before it is decided.',
    permission: 'askAccess',
    input: z.object({ id: z.uuid() }),
    output: z.object({ id: z.string() }),
    handle: async ({ execute }, { id }) => {
      const done = await execute(withdrawRequest, { id });
      return done.ok ? ok({ id }) : done;
    },
  }),
};

async function findRequest(request: Request, id: string) {
  const { db, now, zone } = request;
  const { source, item } = requestList(readerOf(request));
  const seen = sql.join(
    [sql`asked.id = ${id}`, ...conditionsOf(request, {}).map((each) => each.sql)],
    sql` and `,
  );
  const { rows } = await sql<RequestRow & { description: string; instructions: string }>`
    select ${source.select}, coalesce(offer.description, '') as description,
      coalesce(rule.instructions, '') as instructions
    from (select asked.id from access_request asked where ${seen}) page ${source.details}
    left join entitlement_offer offer on offer.entitlement_id = asked.entitlement_id
    left join access_rule rule on rule.system_id = asked.system_id`.execute(db);
  const [row] = rows;
  if (!row) return null;
  const { description, instructions, ...asked } = row;
  const open = row.state === 'open';
  const conflicts = open
    ? await findConflicts(db, row.personId, row.entitlementId, dateIn(now, zone))
    : [];
  return ok({
    ...item(asked),
    description,
    instructions,
    lacksUndertaking: open && (await lacksUndertaking(db, row.personId)),
    conflicts: conflicts.map(({ rule, severity, other }) => ({ rule, severity, other })),
  });
}
