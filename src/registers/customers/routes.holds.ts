import { z } from 'zod';
import { ok, refuse } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { answerList, listInput, listOutput } from '../list.ts';
import { anId, customerKey } from './facts.ts';
import { holdConditions, holdFilters, holdItem, holdList, holdSorts } from './list.holds.ts';
import { done } from './routes.ts';
import { holdFlow } from './store.holds.ts';
import { findCustomerByKey } from './store.ts';

const prose = z.string().trim().min(1).max(2000);

export const holdRoutes = {
  listHolds: route({
    method: 'get',
    path: '/holds',
    summary: 'Legal holds, placed and lifted, with the day of their next review.',
    permission: 'readCustomers',
    input: listInput({ sorts: holdSorts }, holdFilters),
    output: listOutput(holdItem),
    handle: ({ db, now, zone }, input) =>
      answerList(db, holdList(now, zone), input, holdConditions(input)),
  }),

  placeHold: route({
    method: 'post',
    path: '/customers/{key}/holds',
    summary: 'Places a hold: every clock of the customer’s data stops until it is lifted.',
    permission: 'placeHold',
    input: z.object({ key: customerKey, reason: prose, reviewOn: z.iso.date() }),
    output: done,
    handle: async ({ db, execute }, { key, reason, reviewOn }) => {
      const customer = await findCustomerByKey(db, key);
      if (!customer) return refuse('notFound');
      const command = { do: 'placeHold', customerId: customer.id, reason, reviewOn } as const;
      const answer = await execute(holdFlow, command);
      return answer.ok ? ok({ id: String(answer.value[0]?.body['hold'] ?? '') }) : answer;
    },
  }),

  reviewHold: route({
    method: 'post',
    path: '/holds/{holdId}/review',
    summary: 'Says that a hold is still needed, and when it is looked at again.',
    permission: 'reviewHold',
    input: z.object({ holdId: anId, note: prose, reviewOn: z.iso.date() }),
    output: done,
    handle: async ({ execute }, input) => {
      const answer = await execute(holdFlow, { do: 'reviewHold', ...input });
      return answer.ok ? ok({ id: input.holdId }) : answer;
    },
  }),

  liftHold: route({
    method: 'post',
    path: '/holds/{holdId}/lift',
    summary: 'Lifts a hold that somebody else placed: what was due meanwhile is due now.',
    permission: 'liftHold',
    input: z.object({ holdId: anId, note: prose }),
    output: done,
    handle: async ({ execute }, input) => {
      const answer = await execute(holdFlow, { do: 'liftHold', ...input });
      return answer.ok ? ok({ id: input.holdId }) : answer;
    },
  }),
};
