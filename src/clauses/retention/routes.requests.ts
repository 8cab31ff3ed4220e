import { sql } from 'kysely';
import { z } from 'zod';
import { isUuid } from '../../kernel/id.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { customerKey } from '../../registers/customers/facts.ts';
import { findCustomerByKey } from '../../registers/customers/store.ts';
import { answerList, listInput, listOutput } from '../../registers/list.ts';
import {
  channels,
  methods,
  openRequest,
  outcomes,
  type RequestCommand,
  requestKinds,
  requestSettings,
  staffMethods,
} from './facts.requests.ts';
import { requestFlow } from './flows.requests.ts';
import {
  type RequestRow,
  requestConditions,
  requestFigures,
  requestList,
  requestSorts,
  standings,
} from './store.requestlist.ts';
import { requestSettingsOf } from './store.requests.ts';

const id = z.string().refine(isUuid);
const prose = z.string().trim().min(1).max(5000);
const somebody = z.object({ id: z.string(), name: z.string() }).nullable();

const requestItem = z.object({
  id: z.string(),
  number: z.int(),
  kind: z.enum(requestKinds),
  channel: z.enum(channels),
  customer: z.object({ key: z.string(), name: z.string().nullable() }).nullable(),
  contact: somebody,
  fromName: z.string(),
  fromAddress: z.string(),
  what: z.string(),
  receivedOn: z.string(),
  openedAt: z.string(),
  dueAt: z.string(),
  standing: z.enum(standings),
  owner: somebody,
  method: z.enum(methods).nullable(),
  verifiedAt: z.string().nullable(),
  verifiedBy: somebody,
  extendedAt: z.string().nullable(),
  extension: z.string().nullable(),
  answeredAt: z.string().nullable(),
  answeredBy: somebody,
  outcome: z.enum(outcomes).nullable(),
  answer: z.string().nullable(),
  held: z.boolean(),
});
const done = z.object({ id: z.string() });

export const requestRoutes = {
  listCustomerRequests: route({
    method: 'get',
    path: '/customer-requests',
    summary: 'Requests about data: who asks for what, whether that was made sure of, and by when.',
    permission: 'readCustomerRequests',
    input: listInput(
      { sorts: requestSorts },
      {
        standing: z.enum(standings).optional(),
        kind: z.enum(requestKinds).optional(),
        channel: z.enum(channels).optional(),
        customer: customerKey.optional(),
        owner: id.optional(),
      },
    ),
    output: listOutput(requestItem),
    handle: ({ db, now }, input) =>
      answerList(db, requestList(now), input, requestConditions(input, now)),
  }),

  getCustomerRequest: route({
    method: 'get',
    path: '/customer-requests/{requestId}',
    summary: 'One request about data.',
    permission: 'readCustomerRequests',
    input: z.object({ requestId: id }),
    output: requestItem,
    handle: async ({ db, now }, { requestId }) => {
      const { source, item } = requestList(now);
      const { rows } = await sql<RequestRow>`
        select ${source.select} from (select ${requestId}::uuid as id) page ${source.details}`.execute(
        db,
      );
      return rows[0] ? ok(item(rows[0])) : refuse('notFound');
    },
  }),

  readRequestFigures: route({
    method: 'get',
    path: '/customer-request-figures',
    summary: 'How many requests are open, and how long answers took in the last twelve months.',
    permission: 'readCustomerRequests',
    input: z.object({}),
    output: z.object({
      open: z.int(),
      late: z.int(),
      answered: z.int(),
      inTime: z.int(),
      medianDays: z.number().nullable(),
      longestDays: z.int().nullable(),
      months: z.array(
        z.object({ month: z.string(), answered: z.int(), medianDays: z.number().nullable() }),
      ),
    }),
    handle: async ({ db, now, zone }) => {
      const { months, ...figures } = await requestFigures(db, now, zone);
      return ok({ ...figures, months: [...months] });
    },
  }),

  openCustomerRequest: route({
    method: 'post',
    path: '/customer-requests',
    summary: 'Takes in a request by letter, mail or telephone; the customer may be found later.',
    permission: 'openCustomerRequest',
    input: openRequest
      .omit({ customerId: true })
      .extend({ customer: customerKey.nullable().default(null) }),
    output: done,
    handle: async (request, { customer: key, ...given }) => {
      const customer = key ? await findCustomerByKey(request.db, key) : null;
      if (key && !customer) return refuse('customerUnknown');
      const command = { do: 'openRequest', ...given, customerId: customer?.id ?? null } as const;
      return await run(request, command);
    },
  }),

  matchRequest: route({
    method: 'post',
    path: '/customer-requests/{requestId}/match',
    summary: 'Says whose account a request is about.',
    permission: 'matchRequest',
    input: z.object({
      requestId: id,
      customer: customerKey,
      contactId: id.nullable().default(null),
    }),
    output: done,
    handle: async (request, { customer: key, ...given }) => {
      const customer = await findCustomerByKey(request.db, key);
      if (!customer) return refuse('customerUnknown');
      return await run(request, { do: 'matchRequest', ...given, customerId: customer.id });
    },
  }),

  assignRequest: route({
    method: 'post',
    path: '/customer-requests/{requestId}/assign',
    summary: 'Gives a request to somebody to answer.',
    permission: 'assignRequest',
    input: z.object({ requestId: id, ownerId: id }),
    output: done,
    handle: (request, given) => run(request, { do: 'assignRequest', ...given }),
  }),

  verifyIdentity: route({
    method: 'post',
    path: '/customer-requests/{requestId}/verify',
    summary: 'Records how it was made sure of who asks.',
    permission: 'verifyIdentity',
    input: z.object({ requestId: id, method: z.enum(staffMethods), note: prose }),
    output: done,
    handle: (request, given) => run(request, { do: 'verifyIdentity', ...given }),
  }),

  extendRequest: route({
    method: 'post',
    path: '/customer-requests/{requestId}/extend',
    summary: 'Extends the time for an answer, once, with a reason.',
    permission: 'extendRequest',
    input: z.object({ requestId: id, reason: prose }),
    output: done,
    handle: (request, given) => run(request, { do: 'extendRequest', ...given }),
  }),

  answerRequest: route({
    method: 'post',
    path: '/customer-requests/{requestId}/answer',
    summary: 'Records the answer to a request; a contact is told of it by mail.',
    permission: 'answerRequest',
    input: z.object({ requestId: id, outcome: z.enum(outcomes), answer: prose }),
    output: done,
    handle: (request, given) => run(request, { do: 'answerRequest', ...given }),
  }),

  readRequestSettings: route({
    method: 'get',
    path: '/customer-request-settings',
    summary: 'Days in which requests about data are answered.',
    permission: 'readCustomerRequests',
    input: z.object({}),
    output: requestSettings,
    handle: async ({ db }) => ok(await requestSettingsOf(db)),
  }),

  changeRequestSettings: route({
    method: 'put',
    path: '/customer-request-settings',
    summary: 'Changes the days; requests that are open keep theirs.',
    permission: 'changeRequestSettings',
    input: requestSettings,
    output: done,
    handle: (request, settings) => run(request, { do: 'changeRequestSettings', settings }),
  }),
};

async function run(
  { execute }: Request,
  command: RequestCommand,
): Promise<Result<{ id: string }, Refusal>> {
  const answer = await execute(requestFlow, command);
  return answer.ok ? ok({ id: answer.value[0]?.subject.split('/')[1] ?? '' }) : answer;
}
