import { type Actor, personOf } from '../../kernel/actor.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context, Effect } from '../../policy/event.ts';
import { customersImported, planCustomers, refuseRows } from './facts.import.ts';
import {
  type Contact,
  type Customer,
  type CustomerCommand,
  type CustomerEvent,
  type CustomerRefusal,
  type CustomerState,
  type Placing,
  parts,
  privateFields,
  publicFields,
  type StandingContact,
} from './facts.ts';

/** What a decision about customers stands on. */
export interface CustomersState {
  readonly customer:
    | (Customer & {
        readonly version: number;
        readonly state: CustomerState;
        /** What remained of it was disposed of (RET-6). */
        readonly erased: boolean;
      })
    | null;
  /** The customer's contacts that were not removed. */
  readonly contacts: readonly StandingContact[];
  /** Customer that already has the key that the command gives. */
  readonly keyTaken: boolean;
  /** The product that the command names; null where it names none. */
  readonly product: { readonly retired: boolean } | null;
  /** For imports: every customer that is not erased, and products by their key. */
  readonly everyCustomer: readonly Customer[];
  readonly closedKeys: ReadonlySet<string>;
  readonly products: ReadonlyMap<string, string>;
  readonly addresses: ReadonlySet<string>;
  /** Owners of the customers of a file as they stood before, by customer. */
  readonly owners: ReadonlyMap<string, readonly string[]>;
  /** Addresses of the command that are those of our own people, in lower case. */
  readonly ours: ReadonlySet<string>;
}

type Decision = Result<readonly CustomerEvent[], Refusal<CustomerRefusal>>;
type Of<Do extends CustomerCommand['do']> = CustomerCommand & { readonly do: Do };

/** Decides one command on customers and their contacts. */
export function decideCustomer(
  state: CustomersState,
  command: CustomerCommand,
  context: Context,
): Decision {
  switch (command.do) {
    case 'registerCustomer':
      return register(state, command, context);
    case 'changeCustomer':
      return change(state, command);
    case 'addContact':
      return addContact(state, command, context);
    case 'changeContact':
      return changeContact(state, command, context);
    case 'removeContact':
      return removeContact(state, command);
    case 'importCustomers':
      return bring(state, command, context);
  }
}

function register(
  state: CustomersState,
  { customer: { contacts, ...fields } }: Of<'registerCustomer'>,
  context: Context,
): Decision {
  if (!state.product) return refuse('productUnknown');
  if (state.product.retired) return refuse('productRetired');
  if (state.keyTaken) return refuse('customerKeyTaken', { key: fields.key });
  const addresses = contacts.map(({ email }) => email.toLowerCase());
  if (new Set(addresses).size < addresses.length) return refuse('contactEmailTaken');
  if (addresses.some((address) => state.ours.has(address))) return refuse('contactIsOurs');
  const placing = placingBy(context.actor, []);
  const customer: Customer = { id: context.newId(), ...fields };
  return ok([
    {
      type: 'CustomerRegistered',
      subject: `customer/${customer.id}`,
      body: pick(customer, publicFields),
      private: pick(customer, privateFields),
      about: customer.id,
      customer,
    },
    ...contacts.map((contact) =>
      contactEvent('ContactAdded', customer.id, { id: context.newId(), ...contact }, placing),
    ),
  ]);
}

function change(state: CustomersState, command: Of<'changeCustomer'>): Decision {
  const { customer: known } = state;
  const refusal = closedTo(state);
  if (refusal || !known) return refuse(refusal ?? 'notFound');
  if (known.version !== command.version) return refuse('versionConflict');
  const { version: _, state: __, erased: ___, ...before } = known;
  const customer = { ...before, ...command.changes } as Customer;
  const changed = (name: keyof Customer) => before[name] !== customer[name];
  const open = publicFields.filter(changed);
  const closed = privateFields.filter(changed);
  if (open.length + closed.length === 0) return refuse('nothingToChange');
  return ok([
    {
      type: 'CustomerChanged',
      subject: `customer/${customer.id}`,
      body: pick(customer, open),
      private: pick(customer, closed),
      about: customer.id,
      customer,
    },
  ]);
}

function addContact(
  state: CustomersState,
  { customerId, contact }: Of<'addContact'>,
  { newId, actor }: Context,
): Decision {
  const refusal =
    closedTo(state) ?? addressTaken(state, contact.email) ?? addressOurs(state, contact.email);
  if (refusal) return refuse(refusal);
  const placing = placingBy(actor, state.contacts);
  return ok([contactEvent('ContactAdded', customerId, { id: newId(), ...contact }, placing)]);
}

function changeContact(
  state: CustomersState,
  command: Of<'changeContact'>,
  { actor }: Context,
): Decision {
  const refusal = closedTo(state);
  if (refusal) return refuse(refusal);
  const known = state.contacts.find(({ id }) => id === command.contactId);
  if (!known) return refuse('contactUnknown');
  if (known.version !== command.version) return refuse('versionConflict');
  const { version: _, unconfirmedSince, placedBy, ...before } = known;
  const contact = { ...before, ...command.changes } as Contact;
  if (JSON.stringify(contact) === JSON.stringify(before)) return refuse('nothingToChange');
  const taken = addressTaken(state, contact.email, contact.id);
  if (taken) return refuse(taken);
  // An address that stood before is not refused with whatever else is changed of its contact.
  const ours = isReaddressed(before, contact) && addressOurs(state, contact.email);
  if (ours) return refuse(ours);
  const placing = opensMore(before, contact) ? placingBy(actor, state.contacts) : null;
  // Whoever put a waiting contact as it was before is still not the one to confirm it.
  const all = placing && unconfirmedSince ? [...new Set([...placedBy, ...placing])] : placing;
  return ok([contactEvent('ContactChanged', command.customerId, contact, all)]);
}

/** From now on nothing is sent to them and no door opens for them. Also of an account that is gone. */
function removeContact(
  { customer, contacts }: CustomersState,
  { customerId, contactId }: Of<'removeContact'>,
): Decision {
  if (!customer) return refuse('notFound');
  if (!contacts.some(({ id }) => id === contactId)) return refuse('contactUnknown');
  const body = { contact: contactId };
  return ok([{ type: 'ContactRemoved', subject: `customer/${customerId}`, body }]);
}

function bring(state: CustomersState, { rows }: Of<'importCustomers'>, context: Context): Decision {
  const plan = planCustomers(rows, state, context.newId);
  const language = context.actor.kind === 'person' ? context.actor.language : 'en';
  if (plan.problems.length > 0) return refuseRows(plan.problems, language);
  if (plan.added.length + plan.changed.length + plan.contacts.length === 0) return ok([]);
  return ok([customersImported(plan, context.newId(), placingBy(context.actor, []))]);
}

/** What is gone is not written on; what is being closed still has contacts and a contract. */
function closedTo({ customer }: CustomersState): 'notFound' | 'customerGone' | null {
  if (!customer || customer.erased) return 'notFound';
  return customer.state === 'gone' ? 'customerGone' : null;
}

function addressTaken(
  { contacts }: CustomersState,
  email: string,
  except?: string,
): 'contactEmailTaken' | null {
  const address = email.toLowerCase();
  const taken = contacts.some((it) => it.id !== except && it.email.toLowerCase() === address);
  return taken ? 'contactEmailTaken' : null;
}

/** Nobody of ours is a contact of a customer: what a customer may do would be theirs (CUS-2). */
function addressOurs({ ours }: CustomersState, email: string): 'contactIsOurs' | null {
  return ours.has(email.toLowerCase()) ? 'contactIsOurs' : null;
}

function isReaddressed(before: Contact, after: Contact): boolean {
  return before.email.toLowerCase() !== after.email.toLowerCase();
}

/** Whether the portal opens to somebody else by a change, or with more in it. */
function opensMore(before: Contact, after: Contact): boolean {
  // From most to least.
  const raised = parts.indexOf(after.part) < parts.indexOf(before.part);
  return raised || isReaddressed(before, after);
}

/**
 * Whether somebody else is to confirm what an actor does to a contact: where staff does, or a contact
 * whom nobody confirmed. Else whoever adds themselves would add a second one by their own hand.
 */
function placingBy(actor: Actor, contacts: readonly StandingContact[]): Placing | null {
  if (isOfStaff(actor)) return [personOf(actor)].filter((it) => it !== null);
  const self = contacts.find(({ id }) => actor.kind === 'contact' && id === actor.id);
  return self?.unconfirmedSince ? self.placedBy : null;
}

const isOfStaff = ({ kind }: Actor): boolean => kind === 'person' || kind === 'token';

/** Whether a customer is asked less, or told later, of who reads their data than before. */
function isLoosened(before: Customer, after: Customer): boolean {
  const asksNoMore = before.approvesCases && !after.approvesCases;
  return asksNoMore || (before.told === 'atOnce' && after.told !== 'atOnce');
}

/**
 * Owners who stand for an account learn when staff lets somebody in, changes whom it lets in, or what
 * the customer has to say of cases.
 */
export function mailsToOwners(
  event: CustomerEvent,
  { customer, contacts, everyCustomer, owners }: CustomersState,
  { actor }: Pick<Context, 'actor'>,
): readonly Effect[] {
  if (!isOfStaff(actor)) return [];
  const standing = contacts.filter(({ part }) => part === 'owner').map(({ id }) => id);
  switch (event.type) {
    case 'ContactAdded':
      return mails(standing, 'contactAdded');
    case 'ContactChanged': {
      const before = contacts.find(({ id }) => id === event.contact.id);
      if (!before) return [];
      if (isReaddressed(before, event.contact)) {
        const others = standing.filter((id) => id !== before.id);
        // At the address that was theirs: the new one may be whoever wrote it down.
        const there = mails([before.id], 'contactReaddressed').map((mail) => ({
          ...mail,
          formerly: true as const,
        }));
        return [...mails(others, 'contactReaddressed'), ...there];
      }
      return before.part === event.contact.part ? [] : mails(standing, 'contactPart');
    }
    case 'CustomerChanged':
      return customer && isLoosened(customer, event.customer)
        ? mails(standing, 'termsLoosened')
        : [];
    case 'CustomersImported': {
      const before = new Map(everyCustomer.map((each) => [each.id, each]));
      const loosened = event.customers.filter((each) => {
        const known = before.get(each.id);
        return known && isLoosened(known, each);
      });
      return [
        ...event.contacts.flatMap(({ customerId }) =>
          mails(owners.get(customerId) ?? [], 'contactAdded'),
        ),
        ...loosened.flatMap(({ id }) => mails(owners.get(id) ?? [], 'termsLoosened')),
      ];
    }
    default:
      return [];
  }
}

function mails(
  to: readonly string[],
  name: 'contactAdded' | 'contactReaddressed' | 'contactPart' | 'termsLoosened',
): readonly Extract<Effect, { kind: 'customerMail' }>[] {
  return to.map((owner) => ({
    kind: 'customerMail',
    to: owner,
    template: `customers.${name}`,
    params: {},
    path: '/portal/account',
  }));
}

/** Who a contact is stays out of the entry; the plaintext is theirs to have erased. */
function contactEvent(
  type: 'ContactAdded' | 'ContactChanged',
  customerId: string,
  contact: Contact,
  placing: Placing | null,
): CustomerEvent {
  const { id, name, email, language, part } = contact;
  return {
    type,
    subject: `customer/${customerId}`,
    body: { contact: id, language, part, ...(placing ? { toConfirm: true } : {}) },
    private: { name, email },
    about: id,
    contact,
    placing,
  };
}

function pick(customer: Customer, names: readonly (keyof Customer)[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, customer[name] as Json]));
}
