import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import type { Language } from '../../kernel/language.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';
import {
  type Customer,
  type CustomerCommand,
  type CustomerEvent,
  type CustomerRefusal,
  type CustomerState,
  customerCommand,
} from './facts.ts';
import { type CustomersState, decideCustomer, mailsToOwners } from './flow.ts';
import {
  addressesOf,
  addressesOfOurs,
  contactsOf,
  ownersByCustomer,
  removeContact,
  saveContacts,
} from './store.contacts.ts';

/** Who entrusts what to us: accounts of customers and the people there. */
export const customerFlow: Flow<CustomersState, CustomerCommand, CustomerEvent, CustomerRefusal> = {
  name: 'customers.customer',
  clause: 'customers',
  command: customerCommand,
  load: loadCustomers,
  authorize: (_, command) => ({ action: command.do }),
  decide: decideCustomer,
  project: projectCustomer,
  effects: mailsToOwners,
};

/** New accounts come one command at a time: keys are unique among them. */
const customersLock = 0x63757374;

async function loadCustomers(tx: Tx, command: CustomerCommand): Promise<CustomersState> {
  const makes = command.do === 'registerCustomer' || command.do === 'importCustomers';
  if (makes) await sql`select pg_advisory_xact_lock(${customersLock})`.execute(tx);
  const customer = 'customerId' in command ? await lockCustomer(tx, command.customerId) : null;
  const registering = command.do === 'registerCustomer' ? command.customer : null;
  return {
    customer,
    contacts: customer ? await contactsOf(tx, customer.id) : [],
    keyTaken: registering ? (await keysAmong(tx, [registering.key])).length > 0 : false,
    product: registering ? await productState(tx, registering.productId) : null,
    ...(command.do === 'importCustomers'
      ? await beforeImport(tx, command.rows)
      : { ...nothingImported, ours: await addressesOfOurs(tx, addressesIn(command)) }),
  };
}

function addressesIn(command: CustomerCommand): readonly string[] {
  switch (command.do) {
    case 'registerCustomer':
      return command.customer.contacts.map(({ email }) => email);
    case 'addContact':
      return [command.contact.email];
    case 'changeContact':
      return command.changes.email === undefined ? [] : [command.changes.email];
    default:
      return [];
  }
}

type Imported = Pick<
  CustomersState,
  'everyCustomer' | 'closedKeys' | 'products' | 'addresses' | 'owners' | 'ours'
>;

const nothingImported: Imported = {
  everyCustomer: [],
  closedKeys: new Set(),
  products: new Map(),
  addresses: new Set(),
  owners: new Map(),
  ours: new Set(),
};

/** What the register knows of the rows of a file: their customers, the products, who is there already. */
export async function beforeImport(
  db: Db,
  rows: readonly {
    readonly values: {
      readonly key?: string | null | undefined;
      readonly contactEmail?: string | null | undefined;
    };
  }[],
): Promise<Imported> {
  const keys = rows.flatMap(({ values }) => values.key ?? []);
  const { rows: known } = await sql<Customer & { closed: boolean }>`
    select ${columns}, name is null or state = 'gone' as closed
    from customer where key = any(${keys}::text[])`.execute(db);
  const products = await sql<{ id: string; key: string }>`
    select id, key from product where retired_at is null`.execute(db);
  const open = known.filter(({ closed }) => !closed);
  const ids = open.map(({ id }) => id);
  return {
    everyCustomer: open.map(({ closed: _, ...customer }) => customer),
    closedKeys: new Set(known.filter(({ closed }) => closed).map(({ key }) => key)),
    products: new Map(products.rows.map(({ id, key }) => [key, id])),
    addresses: await addressesOf(db, ids),
    owners: await ownersByCustomer(db, ids),
    ours: await addressesOfOurs(
      db,
      rows.flatMap(({ values }) => values.contactEmail ?? []),
    ),
  };
}

const columns = sql`customer.id, customer.key, customer.name, customer.reading,
  customer.product_id as "productId", customer.basis, customer.basis_reference as "basisReference",
  customer.approves_cases as "approvesCases", customer.told, customer.term_months as "termMonths",
  customer.language`;

/** A customer as other rooms need to know it. */
export interface KnownCustomer extends Customer {
  readonly state: CustomerState;
  /** When the account came into its state. */
  readonly stateAt: Instant;
  readonly since: Instant;
  readonly version: number;
  /** What remained of it was disposed of: it has no name any more (RET-6). */
  readonly erased: boolean;
}

const known = sql`${columns}, customer.state, coalesce(customer.state_at, customer.since) as "stateAt", customer.since,
  customer.version, customer.name is null as erased`;

/** A customer by id, or null. */
export async function findCustomer(db: Db, customerId: string): Promise<KnownCustomer | null> {
  return await first(db, sql`customer.id = ${customerId}`);
}

/** A customer by the key that product back ends call it by, or null. */
export async function findCustomerByKey(db: Db, key: string): Promise<KnownCustomer | null> {
  return await first(db, sql`customer.key = ${key}`);
}

/**
 * A customer by id, its row locked until the transaction ends: whoever decides on an account holds
 * this, so that no two decisions on it cross.
 */
export async function lockCustomer(tx: Tx, customerId: string): Promise<KnownCustomer | null> {
  return await first(tx, sql`customer.id = ${customerId} for update`);
}

/** As `lockCustomer`, of many, in the order of their ids, so that no two who do cross. */
export async function lockCustomers(tx: Tx, customerIds: readonly string[]): Promise<void> {
  await sql`
    select from customer where id = any(${customerIds}::uuid[]) order by id for update`.execute(tx);
}

async function first(db: Db, where: RawBuilder<unknown>): Promise<KnownCustomer | null> {
  const { rows } = await sql<KnownCustomer>`select ${known} from customer where ${where}`.execute(
    db,
  );
  return rows[0] ?? null;
}

/** Keys among these that an account has or had. */
async function keysAmong(db: Db, keys: readonly string[]): Promise<readonly string[]> {
  const { rows } = await sql<{ key: string }>`
    select key from customer where key = any(${keys}::text[])`.execute(db);
  return rows.map(({ key }) => key);
}

async function productState(db: Db, productId: string): Promise<CustomersState['product']> {
  const { rows } = await sql<{ retired: boolean }>`
    select retired_at is not null as retired from product where id = ${productId} for share`.execute(
    db,
  );
  return rows[0] ?? null;
}

/**
 * Brings an account into a state. Only the flow of closure calls it, from `project`, after it locked
 * the customer and decided that the state may follow the one before.
 */
export async function setCustomerState(
  tx: Tx,
  customerId: string,
  state: CustomerState,
  at: Instant,
): Promise<void> {
  const { numAffectedRows } = await sql`
    update customer set state = ${state}, state_at = ${at}, version = version + 1
    where id = ${customerId}`.execute(tx);
  invariant(numAffectedRows === 1n, `customer ${customerId} has a state to change`);
}

/**
 * Says, under the lock of the account, that its key is about to be destroyed. Whoever wants to place
 * a hold afterwards is told that it is too late.
 */
export async function letKeyLeave(tx: Tx, customerId: string, at: Instant): Promise<void> {
  await sql`
    update customer set key_leaves_at = ${at}
    where id = ${customerId} and key_leaves_at is null`.execute(tx);
}

async function projectCustomer(tx: Tx, event: CustomerEvent, { now }: Context): Promise<void> {
  const customerId = event.subject.slice('customer/'.length);
  switch (event.type) {
    case 'CustomerRegistered':
    case 'CustomerChanged':
      await saveCustomers(tx, [event.customer], now);
      break;
    case 'CustomersImported':
      await saveCustomers(tx, event.customers, now);
      await saveContacts(tx, event.contacts, event.placing, now);
      break;
    case 'ContactAdded':
    case 'ContactChanged':
      await saveContacts(tx, [{ ...event.contact, customerId }], event.placing, now);
      break;
    case 'ContactRemoved':
      await removeContact(tx, event.body.contact, now);
      break;
  }
}

async function saveCustomers(tx: Tx, customers: readonly Customer[], now: Instant): Promise<void> {
  await sql`
    insert into customer (id, key, name, reading, product_id, basis, basis_reference, approves_cases,
      told, term_months, language, since)
    select id, key, name, reading, "productId", basis, "basisReference", "approvesCases",
      told, "termMonths", language, ${now}
    from jsonb_to_recordset(${JSON.stringify(customers)}::jsonb) as t
      (id uuid, key text, name text, reading text, "productId" uuid, basis text,
       "basisReference" text, "approvesCases" boolean, told text, "termMonths" integer, language text)
    on conflict (id) do update set
      name = excluded.name, reading = excluded.reading, basis = excluded.basis,
      basis_reference = excluded.basis_reference, approves_cases = excluded.approves_cases,
      told = excluded.told, term_months = excluded.term_months, language = excluded.language,
      version = customer.version + 1`.execute(tx);
}

/** Somebody at a customer, for whoever writes to them. Null where they are not there any more. */
export async function findContact(
  db: Db,
  contactId: string,
): Promise<{
  readonly id: string;
  readonly customerId: string;
  readonly name: string;
  readonly email: string;
  readonly language: Language;
  readonly part: 'owner' | 'member' | 'billing';
} | null> {
  const { rows } = await sql<NonNullable<Awaited<ReturnType<typeof findContact>>>>`
    select id, customer_id as "customerId", name, email, language, part
    from customer_contact where id = ${contactId} and removed_at is null`.execute(db);
  return rows[0] ?? null;
}
