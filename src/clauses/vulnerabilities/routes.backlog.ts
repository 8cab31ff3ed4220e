import { z } from 'zod';
import { ok } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { bulkLimit } from './facts.terms.ts';
import { type ItemCommand, itemId } from './facts.ts';
import { classifyItem as classifyCommand, decideVector as decideCommand } from './facts.vector.ts';
import { changeItems, classifyItem, decideVector } from './flows.ts';

const ids = z.array(itemId).min(1).max(bulkLimit);
/** How many items the act changed; the others were so already. */
const actedOutput = z.object({ changed: z.int() });

export const backlogRoutes = {
  assignBacklog: route({
    method: 'post',
    path: '/backlog/assign',
    summary: 'Gives items of the backlog to somebody, or to nobody.',
    permission: 'changeBacklog',
    input: z.object({ ids, assigneeId: z.uuid().nullable() }),
    output: actedOutput,
    handle: (request, input) => act(request, { do: 'assignBacklog', ...input }),
  }),

  startBacklog: route({
    method: 'post',
    path: '/backlog/start',
    summary: 'Says that items are being worked on; what nobody has becomes the caller’s.',
    permission: 'changeBacklog',
    input: z.object({ ids }),
    output: actedOutput,
    handle: (request, input) => act(request, { do: 'startBacklog', ...input }),
  }),

  putBackBacklog: route({
    method: 'post',
    path: '/backlog/put-back',
    summary: 'Says that items are no longer worked on.',
    permission: 'changeBacklog',
    input: z.object({ ids }),
    output: actedOutput,
    handle: (request, input) => act(request, { do: 'putBackBacklog', ...input }),
  }),

  classifyBacklogItem: route({
    method: 'put',
    path: '/backlog/{id}/vector',
    summary:
      'Gives an item a CVSS vector of its own, for a reason, or takes it back; one that lowers its class waits for somebody else.',
    permission: 'changeBacklog',
    input: classifyCommand,
    output: z.object({
      id: z.string(),
      /** Its class stays until somebody else has decided. */
      asked: z.boolean(),
    }),
    handle: async ({ execute }, command) => {
      const done = await execute(classifyItem, command);
      if (!done.ok) return done;
      return ok({ id: command.id, asked: done.value[0]?.type === 'BacklogVectorAsked' });
    },
  }),

  decideBacklogVector: route({
    method: 'post',
    path: '/backlog/{id}/vector/decide',
    summary: 'Approves or refuses a vector by which an item would be less bad; not one’s own.',
    permission: 'decideDecision',
    input: decideCommand,
    output: z.object({ id: z.string() }),
    handle: async ({ execute }, command) => {
      const done = await execute(decideVector, command);
      return done.ok ? ok({ id: command.id }) : done;
    },
  }),
};

async function act({ execute }: Request, command: ItemCommand) {
  const done = await execute(changeItems, command);
  if (!done.ok) return done;
  return ok({ changed: done.value.reduce((sum, { ids: changed }) => sum + changed.length, 0) });
}
