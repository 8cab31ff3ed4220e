import { sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import { instantText } from '../../kernel/instant.ts';
import { languages } from '../../kernel/language.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { answerList, listInput, listOutput } from '../list.ts';
import {
  anId,
  type CustomerCommand,
  contactChanges,
  contactFields,
  customerChanges,
  customerKey,
  newCustomer,
  parts,
  type StandingContact,
} from './facts.ts';
import { holdItem, holdList } from './list.holds.ts';
import {
  type CustomerRow,
  customerConditions,
  customerFilters,
  customerItem,
  customerList,
  customerSorts,
  itemOf,
} from './list.ts';
import { contactsOf, leftUnconfirmed } from './store.contacts.ts';
import { customerFlow, findCustomerByKey } from './store.ts';

const contactOutput = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  language: z.enum(languages),
  part: z.enum(parts),
  version: z.int(),
  /** Since when somebody else than who added or readdressed them is to confirm; null: nobody is. */
  unconfirmedSince: z.string().nullable(),
  /** The reader is among those who did: others confirm. */
  mine: z.boolean(),
});

/** A customer with its people and its holds: what its page shows. */
const customerOutput = customerItem.extend({
  people: z.array(contactOutput),
  /** Who entered the portal unconfirmed and was removed: to be confirmed nonetheless. */
  leftUnconfirmed: z.array(contactOutput),
  holds: z.array(holdItem),
});

/** A key, or an id: findings, tasks and entries know things by their id. */
export const keyOrId = z.string().min(1).max(64);

export const done = z.object({ id: z.string() });

export const routes = {
  listCustomers: route({
    method: 'get',
    path: '/customers',
    summary: 'Customers with product, basis, state, and whether a hold stops their clocks.',
    permission: 'readCustomers',
    input: listInput({ sorts: customerSorts }, customerFilters),
    output: listOutput(customerItem),
    handle: ({ db }, input) => answerList(db, customerList, input, customerConditions(input)),
  }),

  getCustomer: route({
    method: 'get',
    path: '/customers/{key}',
    summary: 'One customer, with contacts and holds.',
    permission: 'readCustomers',
    input: z.object({ key: keyOrId }),
    output: customerOutput,
    handle: readCustomer,
  }),

  registerCustomer: route({
    method: 'post',
    path: '/customers',
    summary: 'Registers an account of a customer with a product.',
    permission: 'registerCustomer',
    input: newCustomer,
    output: z.object({ id: z.string(), key: z.string() }),
    handle: async ({ execute }, customer) => {
      const answer = await execute(customerFlow, { do: 'registerCustomer', customer });
      if (!answer.ok) return answer;
      return ok({ id: answer.value[0]?.subject.split('/')[1] ?? '', key: customer.key });
    },
  }),

  changeCustomer: route({
    method: 'patch',
    path: '/customers/{key}',
    summary: 'Changes what is known of a customer; `version` is the one that was read.',
    permission: 'changeCustomer',
    input: z.object({ key: customerKey, version: z.int(), changes: customerChanges }),
    output: done,
    handle: (request, { key, version, changes }) =>
      onCustomer(request, key, (customerId) => ({
        do: 'changeCustomer',
        customerId,
        version,
        changes,
      })),
  }),

  addContact: route({
    method: 'post',
    path: '/customers/{key}/contacts',
    summary: 'Adds a contact to a customer.',
    permission: 'addContact',
    input: z.object({ key: customerKey, ...contactFields }),
    output: done,
    handle: (request, { key, ...contact }) =>
      onCustomer(request, key, (customerId) => ({ do: 'addContact', customerId, contact })),
  }),

  changeContact: route({
    method: 'patch',
    path: '/customers/{key}/contacts/{contactId}',
    summary: 'Changes a contact; `version` is the one that was read.',
    permission: 'changeContact',
    input: z.object({
      key: customerKey,
      contactId: anId,
      version: z.int(),
      changes: contactChanges,
    }),
    output: done,
    handle: (request, { key, ...change }) =>
      onCustomer(request, key, (customerId) => ({ do: 'changeContact', customerId, ...change })),
  }),

  removeContact: route({
    method: 'delete',
    path: '/customers/{key}/contacts/{contactId}',
    summary: 'Removes a contact: nothing is sent to them any more and no door opens for them.',
    permission: 'removeContact',
    input: z.object({ key: customerKey, contactId: anId }),
    output: done,
    handle: (request, { key, contactId }) =>
      onCustomer(request, key, (customerId) => ({ do: 'removeContact', customerId, contactId })),
  }),
};

/** Runs a command on the customer of a key. */
async function onCustomer(
  { db, execute }: Request,
  key: string,
  command: (customerId: string) => CustomerCommand,
): Promise<Result<{ id: string }, Refusal>> {
  const customer = await findCustomerByKey(db, key);
  if (!customer) return refuse('notFound');
  const answer = await execute(customerFlow, command(customer.id));
  return answer.ok ? ok({ id: customer.id }) : answer;
}

async function readCustomer({ db, now, zone, actor }: Request, { key }: { readonly key: string }) {
  const { source } = customerList;
  const { rows } = await sql<CustomerRow>`
    select ${source.select} from (select id from customer where key = ${key} or id::text = ${key}) page
    ${source.details}`.execute(db);
  const [row] = rows;
  if (!row) return refuse('notFound');
  const holds = holdList(now, zone);
  const placed = await sql<Parameters<typeof holds.item>[0]>`
    select ${holds.source.select} from (select id from legal_hold where customer_id = ${row.id}) page
    ${holds.source.details} order by legal_hold.lifted_at is null desc, legal_hold.placed_at desc`.execute(
    db,
  );
  const person = actor && personOf(actor);
  const shown = ({ unconfirmedSince, placedBy, ...contact }: StandingContact) => ({
    ...contact,
    unconfirmedSince: unconfirmedSince && instantText(unconfirmedSince),
    mine: person !== null && placedBy.includes(person),
  });
  return ok({
    ...itemOf(row),
    people: (await contactsOf(db, row.id)).map(shown),
    leftUnconfirmed: (await leftUnconfirmed(db, row.id)).map(shown),
    holds: placed.rows.map(holds.item),
  });
}
