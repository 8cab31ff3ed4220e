import type { Hono } from 'hono';
import type { Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import { contactFields, customerFields } from '../../registers/customers/facts.ts';
import { confirmingFlow } from '../../registers/customers/store.confirming.ts';
import { contactsOf } from '../../registers/customers/store.contacts.ts';
import { customerFlow, findCustomer } from '../../registers/customers/store.ts';
import { passkeysOf } from '../../registers/portal/store.passkeys.ts';
import { endSessions, sessionsOf } from '../../registers/portal/store.sessions.ts';
import { goTo } from './answer.ts';
import type { Notice } from './frame.ts';
import { idOf } from './held.ts';
import { byOwner } from './own.ts';
import { accountPage } from './page.account.ts';
import type { Room } from './room.ts';
import { forForms, forVisitors, type Posted, type Visit } from './visit.ts';

/** The account itself: who is a contact of it, in which language, and who is told what. */
export function accountDoors(app: Hono, room: Room): void {
  app.get(
    '/account',
    forVisitors(room, (visit) => accountOf(visit, null)),
  );
  app.post('/account/contacts', forForms(room, addContact));
  app.post('/account/contacts/:id', forForms(room, changeContact));
  app.post('/account/contacts/:id/remove', forForms(room, removeContact));
  app.post('/account/contacts/:id/confirm', forForms(room, confirmContact));
  app.post('/account/telling', forForms(room, changeTelling));
  app.post('/account/language', forForms(room, changeLanguage));
  app.post('/sessions/:id/end', forForms(room, endSession));
}

const ownFlow = byOwner(customerFlow);
const ownConfirming = byOwner(confirmingFlow);

export async function accountOf(visit: Visit, notice: Notice | null): Promise<Response> {
  const { room, account, session } = visit;
  const { db } = room.world.database;
  const now = room.world.now();
  const [customer, contacts, sessions, passkeys] = await Promise.all([
    findCustomer(db, account.customerId),
    contactsOf(db, account.customerId),
    sessionsOf(db, session.address, now),
    passkeysOf(db, session.address),
  ]);
  const page = accountPage(visit, { customer, contacts, sessions, passkeys }, notice);
  return visit.show(page, notice?.kind === 'wrong' ? 422 : 200);
}

type Command = Parameters<typeof ownFlow.decide>[1];

function run(visit: Posted, command: Command): Promise<Response> {
  return runIn(visit, ownFlow, command);
}

async function runIn<State, Given, E extends Event, Code extends string>(
  visit: Posted,
  flow: Flow<State, Given, E, Code>,
  command: Given,
): Promise<Response> {
  const { words, account } = visit;
  if (account.state !== 'open') {
    return accountOf(visit, {
      kind: 'wrong',
      text: visit.say({ code: 'accountFrozen', params: {} }),
    });
  }
  const done = await visit.execute(flow, command);
  if (!done.ok) return accountOf(visit, { kind: 'wrong', text: visit.say(done.refusal) });
  return accountOf(visit, { kind: 'done', text: words.account.saved });
}

const wrong = (visit: Visit): Promise<Response> =>
  accountOf(visit, { kind: 'wrong', text: visit.words.account.fieldsWrong });

async function addContact(visit: Posted): Promise<Response> {
  const { account, fields } = visit;
  const contact = {
    name: contactFields.name.safeParse(fields['name']),
    email: contactFields.email.safeParse((fields['email'] ?? '').trim()),
    language: contactFields.language.safeParse(fields['language']),
    part: contactFields.part.safeParse(fields['part']),
  };
  const { name, email, language, part } = contact;
  if (!name.success || !email.success || !language.success || !part.success) return wrong(visit);
  return run(visit, {
    do: 'addContact',
    customerId: account.customerId,
    contact: { name: name.data, email: email.data, language: language.data, part: part.data },
  });
}

/** What a contact is told and may do. Their address is theirs: another address is another contact. */
async function changeContact(visit: Posted): Promise<Response> {
  const { c, account, fields } = visit;
  const contactId = idOf(c.req.param('id'));
  const part = contactFields.part.safeParse(fields['part']);
  if (!contactId || !part.success || contactId === account.contactId) return wrong(visit);
  const version = Number(fields['version']);
  const { customerId } = account;
  return run(visit, {
    do: 'changeContact',
    customerId,
    contactId,
    version,
    changes: { part: part.data },
  });
}

async function removeContact(visit: Posted): Promise<Response> {
  const { c, account } = visit;
  const contactId = idOf(c.req.param('id'));
  // Whoever removes themselves could leave an account that nobody can close.
  if (!contactId || contactId === account.contactId) return wrong(visit);
  return run(visit, { do: 'removeContact', customerId: account.customerId, contactId });
}

/** What our staff did to a contact is right: the version is the one that was looked at. */
async function confirmContact(visit: Posted): Promise<Response> {
  const { c, account, fields } = visit;
  const id = idOf(c.req.param('id'));
  const version = Number(fields['version']);
  if (!id || !Number.isInteger(version)) return wrong(visit);
  const { customerId } = account;
  return runIn(visit, ownConfirming, { customerId, contacts: [{ id, version }] });
}

async function changeTelling(visit: Posted): Promise<Response> {
  const { account, fields } = visit;
  const told = customerFields.told.safeParse(fields['told']);
  if (!told.success) return wrong(visit);
  const version = Number(fields['version']);
  const { customerId } = account;
  return run(visit, { do: 'changeCustomer', customerId, version, changes: { told: told.data } });
}

/** Everybody chooses the language of their own mails. */
async function changeLanguage(visit: Posted): Promise<Response> {
  const { c, account, fields, words } = visit;
  const language = contactFields.language.safeParse(fields['language']);
  const version = Number(fields['version']);
  if (!language.success) return wrong(visit);
  const { customerId, contactId } = account;
  const command = {
    do: 'changeContact',
    customerId,
    contactId,
    version,
    changes: { language: language.data },
  } as const;
  const done = await visit.execute(ofThemselves, command);
  if (!done.ok && done.refusal.code !== 'nothingToChange')
    return accountOf(visit, { kind: 'wrong', text: visit.say(done.refusal) });
  c.header('set-cookie', `lang=${language.data}; Path=/; Max-Age=31536000; SameSite=Lax`, {
    append: true,
  });
  return words ? goTo(c, '/portal/account') : goTo(c, '/portal');
}

/** A change that a contact makes to their own entry, whatever their part. */
const ofThemselves: typeof customerFlow = {
  ...customerFlow,
  authorize: () => ({ action: 'helpThemselves' }),
  decide(state, command, context) {
    const { actor } = context;
    const own =
      actor.kind === 'contact' &&
      command.do === 'changeContact' &&
      command.contactId === actor.id &&
      command.customerId === actor.customerId &&
      Object.keys(command.changes).join() === 'language';
    if (!own) return { ok: false, refusal: { code: 'contactUnknown', params: {} } };
    return customerFlow.decide(state, command, context);
  },
};

async function endSession(visit: Posted): Promise<Response> {
  const { c, room, session } = visit;
  const id = idOf(c.req.param('id'));
  if (id) await endSessions(room.world.database.db, session.address, { id }, room.world.now());
  return goTo(c, '/portal/account');
}
