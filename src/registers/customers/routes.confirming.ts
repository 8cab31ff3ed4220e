import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import { instantText } from '../../kernel/instant.ts';
import { ok } from '../../kernel/result.ts';
import { route } from '../../policy/route.ts';
import { confirmedAtOnce, confirming } from './facts.confirming.ts';
import { parts } from './facts.ts';
import { confirmingFlow, unconfirmedContacts } from './store.confirming.ts';

/** Contacts whom staff added or readdressed, and somebody else's word on them (CUS-2). */
export const confirmingRoutes = {
  listUnconfirmedContacts: route({
    method: 'get',
    path: '/customer-contacts/unconfirmed',
    summary:
      'Contacts that wait to be confirmed, the longest first; `mine` are for others to confirm.',
    permission: 'readCustomers',
    input: z.object({}),
    output: z.object({
      items: z.array(
        z.object({
          id: z.string(),
          customer: z.string(),
          name: z.string(),
          email: z.string(),
          part: z.enum(parts),
          version: z.int(),
          removed: z.boolean(),
          unconfirmedSince: z.string(),
          mine: z.boolean(),
        }),
      ),
    }),
    async handle({ db, actor }) {
      const person = actor && personOf(actor);
      const waiting = await unconfirmedContacts(db, confirmedAtOnce);
      const items = waiting.map(({ customerKey, placedBy, unconfirmedSince, ...row }) => ({
        ...row,
        customer: customerKey,
        unconfirmedSince: instantText(unconfirmedSince),
        mine: person !== null && placedBy.includes(person),
      }));
      return ok({ items });
    },
  }),

  confirmContacts: route({
    method: 'post',
    path: '/customer-contacts/confirmations',
    summary:
      'Confirms contacts that another person added or readdressed; `version` is the one that was read.',
    permission: 'confirmContacts',
    input: confirming.pick({ contacts: true }),
    output: z.object({ confirmed: z.int() }),
    async handle({ execute }, { contacts }) {
      const done = await execute(confirmingFlow, { customerId: null, contacts });
      return done.ok ? ok({ confirmed: done.value[0]?.body.contacts ?? 0 }) : done;
    },
  }),
};
