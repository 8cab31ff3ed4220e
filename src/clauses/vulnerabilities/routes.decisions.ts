import { z } from 'zod';
import { ok } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import {
  askDecision as askCommand,
  type DecideDecisions,
  decideDecisions as decideCommand,
  withdrawDecision as withdrawCommand,
} from './facts.decisions.ts';
import { askDecision, decideDecisions, withdrawDecision } from './flows.ts';

const decidedOutput = z.object({ ids: z.array(z.string()) });

export const decisionRoutes = {
  askDecision: route({
    method: 'post',
    path: '/backlog-decisions',
    summary:
      'Asks for items not to count: not affected, or risk accepted, until a day; somebody else decides.',
    permission: 'askDecision',
    input: askCommand,
    output: decidedOutput,
    handle: async ({ execute }, command) => {
      const done = await execute(askDecision, command);
      if (!done.ok) return done;
      return ok({ ids: done.value.flatMap(({ decisions }) => decisions.map(({ id }) => id)) });
    },
  }),

  decideDecision: route({
    method: 'post',
    path: '/backlog-decisions/{id}/decide',
    summary: 'Approves or refuses what somebody else asked for.',
    permission: 'decideDecision',
    input: decideCommand.omit({ ids: true }).extend({ id: z.uuid() }),
    output: decidedOutput,
    handle: (request, { id, ...command }) => decide(request, { ids: [id], ...command }),
  }),

  decideDecisions: route({
    method: 'post',
    path: '/backlog-decisions/decide',
    summary: 'Approves or refuses several at once.',
    permission: 'decideDecision',
    input: decideCommand,
    output: decidedOutput,
    handle: decide,
  }),

  withdrawDecision: route({
    method: 'post',
    path: '/backlog-decisions/{id}/withdraw',
    summary: 'Takes back what one asked for; an officer also what holds. The item counts again.',
    permission: 'askDecision',
    input: withdrawCommand,
    output: decidedOutput,
    handle: async ({ execute }, command) => {
      const done = await execute(withdrawDecision, command);
      return done.ok ? ok({ ids: [command.id] }) : done;
    },
  }),
};

async function decide({ execute }: Request, command: DecideDecisions) {
  const done = await execute(decideDecisions, command);
  return done.ok ? ok({ ids: [...command.ids] }) : done;
}
