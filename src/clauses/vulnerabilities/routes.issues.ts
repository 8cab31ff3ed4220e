import { z } from 'zod';
import { ok } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { askIssues } from './facts.issues.ts';
import { askingIssues } from './store.issues.ts';

export const issueRoutes = {
  createIssues: route({
    method: 'post',
    path: '/backlog/issues',
    summary:
      'Has issues made of items, in the repository of a source; those that have one are left alone.',
    permission: 'changeBacklog',
    input: askIssues,
    /** Issues that are now asked for; the connection makes them within minutes. */
    output: z.object({ asked: z.int() }),
    handle: async ({ execute }, command) => {
      const done = await execute(askingIssues, command);
      if (!done.ok) return done;
      return ok({ asked: done.value.reduce((sum, { ids }) => sum + ids.length, 0) });
    },
  }),
};
