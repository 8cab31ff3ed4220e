import { z } from 'zod';
import { ok, type Refusal, type Result } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import * as facts from './facts.ts';
import {
  askExtension,
  changeCaseSettings,
  decideCase,
  decideExtension,
  endCase,
  openCase,
  reconcileCase,
  reviewEmergencyCase,
  tellCustomer,
  withdrawCase,
} from './flows.ts';
import { caseSettings } from './store.settings.ts';

/** What people do to a case. Asking for one and reading under it are in the server: they need the door. */

const output = z.object({ id: z.string() });

function answered(done: Result<unknown, Refusal>, id: string) {
  return done.ok ? ok({ id }) : done;
}

export const caseActs = {
  withdrawCase: route({
    method: 'post',
    path: '/cases/{id}/withdraw',
    summary: 'Takes one’s own request for a case back before it is opened.',
    permission: 'requestCase',
    input: facts.oneCase,
    output,
    handle: async ({ execute }, { id }) => answered(await execute(withdrawCase, { id }), id),
  }),

  decideCase: route({
    method: 'post',
    path: '/cases/{id}/decision',
    summary: 'Approves or refuses a case that somebody else asked for; an emergency opens at once.',
    permission: 'decideCases',
    input: facts.decideCase,
    output,
    handle: async ({ execute }, input) => answered(await execute(decideCase, input), input.id),
  }),

  openCase: route({
    method: 'post',
    path: '/cases/{id}/open',
    summary: 'Opens one’s own approved case: its hours run from now.',
    permission: 'openCase',
    input: facts.oneCase,
    output,
    handle: async ({ execute }, { id }) => answered(await execute(openCase, { id }), id),
  }),

  endCase: route({
    method: 'post',
    path: '/cases/{id}/end',
    summary: 'Closes one’s own case: nothing more is read, and somebody else reconciles it.',
    permission: 'openCase',
    input: facts.oneCase,
    output,
    handle: async ({ execute }, { id }) => answered(await execute(endCase, { id }), id),
  }),

  askCaseExtension: route({
    method: 'post',
    path: '/cases/{id}/extension',
    summary: 'Asks for more hours for an open case; they are approved like the case itself.',
    permission: 'openCase',
    input: facts.askExtension,
    output,
    handle: async ({ execute }, input) => answered(await execute(askExtension, input), input.id),
  }),

  decideCaseExtension: route({
    method: 'post',
    path: '/cases/{id}/extension/decision',
    summary: 'Approves or refuses more hours for a case of somebody else.',
    permission: 'decideCases',
    input: facts.decideCase,
    output,
    handle: async ({ execute }, input) => answered(await execute(decideExtension, input), input.id),
  }),

  reconcileCase: route({
    method: 'post',
    path: '/cases/{id}/reconciliation',
    summary: 'Records that what was read was held against what was approved; the customer is told.',
    permission: 'reconcileCase',
    input: facts.reconcileCase,
    output,
    handle: async ({ execute }, input) => answered(await execute(reconcileCase, input), input.id),
  }),

  tellCustomerOfCase: route({
    method: 'post',
    path: '/cases/{id}/telling',
    summary:
      'Tells the customer of a reconciled case again, or where there was nobody to tell before.',
    permission: 'reconcileCase',
    input: facts.oneCase,
    output,
    handle: async ({ execute }, { id }) => answered(await execute(tellCustomer, { id }), id),
  }),

  reviewEmergencyCase: route({
    method: 'post',
    path: '/cases/{id}/review',
    summary: 'Says whether an emergency was one; never by one of the two who opened it.',
    permission: 'reviewEmergencyCase',
    input: facts.reviewCase,
    output,
    handle: async ({ execute }, input) =>
      answered(await execute(reviewEmergencyCase, input), input.id),
  }),

  getCaseSettings: route({
    method: 'get',
    path: '/case-settings',
    summary: 'How long cases may be open, and until when they are reconciled.',
    permission: 'readCases',
    input: z.object({}),
    output: facts.caseSettings,
    handle: async ({ db }) => ok(await caseSettings(db)),
  }),

  changeCaseSettings: route({
    method: 'put',
    path: '/case-settings',
    summary: 'Sets how long cases may be open, and until when they are reconciled.',
    permission: 'changeCaseSettings',
    input: facts.caseSettings,
    output: facts.caseSettings,
    handle: async ({ execute }, input) => {
      const done = await execute(changeCaseSettings, input);
      return done.ok ? ok(input) : done;
    },
  }),
};
