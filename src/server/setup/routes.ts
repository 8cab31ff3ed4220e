import { z } from 'zod';
import type { Refusal, Result } from '../../kernel/result.ts';
import { ok } from '../../kernel/result.ts';
import { organisationOf } from '../../platform/organisation.ts';
import { type Request, type Routes, route } from '../../policy/route.ts';

/**
 * Publishes the policy that ships as the organisation's first; refuses where one is published. The
 * publication clause knows how; the composition root hands it over.
 */
export type PublishFirst = (request: Request) => Promise<Result<unknown, Refusal>>;

/** What is left of setting up, once somebody is signed in; and whether there is anything to set up. */
export function setupRoutes(publish: PublishFirst) {
  return {
    readSetup: route({
      method: 'get',
      path: '/setup',
      summary: 'Whether an organisation is still to be set up',
      permission: 'public',
      input: z.object({}),
      output: z.object({ needed: z.boolean() }),
      async handle({ db }) {
        return ok({ needed: (await organisationOf(db)) === null });
      },
    }),
    publishFirst: route({
      method: 'post',
      path: '/setup/publish',
      summary: 'Publish the first policy, as it ships',
      permission: 'publishFirstPolicy',
      input: z.object({}),
      output: z.object({ published: z.literal(true) }),
      async handle(request) {
        const answer = await publish(request);
        return answer.ok ? ok({ published: true as const }) : answer;
      },
    }),
  } satisfies Routes;
}
