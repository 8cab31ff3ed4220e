import { z } from 'zod';
import { ok, refuse } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { changePolicy, patchPolicy } from './facts.policy.ts';
import type { ReclassifiedCounts } from './facts.settling.ts';
import { changePatchPolicy } from './flows.ts';
import { previewPolicy } from './store.policy.ts';

const countsOutput = z.object({
  /** Open items that are rated, and those whose class or deadline changes. */
  items: z.int(),
  changed: z.int(),
  otherClass: z.int(),
  sooner: z.int(),
  later: z.int(),
  overdueBefore: z.int(),
  overdueAfter: z.int(),
});

export const policyRoutes = {
  previewPatchPolicy: route({
    method: 'post',
    path: '/patch-policy/preview',
    summary: 'Says what a patch policy would change in the backlog; writes nothing.',
    permission: 'changePatchPolicy',
    input: z.object({ policy: patchPolicy }),
    output: countsOutput,
    handle: async ({ db, now, zone }, { policy }) =>
      ok(countsOf(await previewPolicy(db, policy, { now, zone }))),
  }),

  changePatchPolicy: route({
    method: 'put',
    path: '/patch-policy',
    summary:
      'Puts a new version of the patch policy in force; every open item is rated by it at once.',
    permission: 'changePatchPolicy',
    input: changePolicy,
    output: countsOutput.extend({ version: z.int() }),
    handle: async ({ execute }, command) => {
      const done = await execute(changePatchPolicy, command);
      if (!done.ok) return done;
      const [event] = done.value;
      if (!event) return refuse('nothingToChange');
      return ok({ ...countsOf(event.body), version: event.body.version });
    },
  }),
};

function countsOf(counts: ReclassifiedCounts) {
  const { items, changed, otherClass, sooner, later, overdueBefore, overdueAfter } = counts;
  return { items, changed, otherClass, sooner, later, overdueBefore, overdueAfter };
}
