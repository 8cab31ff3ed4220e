import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import { languages } from '../../kernel/language.ts';
import { ok, refuse } from '../../kernel/result.ts';
import type { Flow } from '../../policy/flow.ts';
import { type Routes, route } from '../../policy/route.ts';
import type { PersonEvent } from '../../registers/people/facts.ts';
import { personFlow } from '../../registers/people/store.ts';

const command = z.object({ language: z.enum(languages) });

/**
 * A person chooses the language Kept speaks to them, on screen and in mails. What happens is an
 * update of the register of people, which also writes it; only that it is one's own needs no role.
 */
const languageFlow: Flow<null, z.output<typeof command>, PersonEvent, 'notFound'> = {
  name: 'account.language',
  clause: personFlow.clause,
  command,
  load: async () => null,
  authorize: () => ({ action: 'readMe' }),
  decide(_, { language }, { actor }) {
    const person = personOf(actor);
    if (!person) return refuse('notFound');
    return ok([
      {
        type: 'PersonUpdated',
        subject: `person/${person}`,
        body: { changed: ['language'], language },
        private: {},
        about: person,
      },
    ]);
  },
  project: (tx, event, context) => personFlow.project(tx, event, context),
};

/** What people set for themselves. */
export const accountRoutes = {
  chooseLanguage: route({
    method: 'put',
    path: '/me/language',
    summary: 'Choose the language Kept speaks to me',
    permission: 'readMe',
    input: command,
    output: command,
    async handle({ execute }, { language }) {
      const answer = await execute(languageFlow, { language });
      return answer.ok ? ok({ language }) : answer;
    },
  }),
} satisfies Routes;
