import { sql } from 'kysely';
import { closureFlow } from '../clauses/retention/flows.closure.ts';
import type { Actor } from '../kernel/actor.ts';
import { dateIn } from '../kernel/instant.ts';
import { invariant } from '../kernel/invariant.ts';
import type { Result } from '../kernel/result.ts';
import { sha256Hex } from '../ledger/hash.ts';
import { executeAs } from '../platform/execute.ts';
import type { Event } from '../policy/event.ts';
import type { Execute } from '../policy/flow.ts';
import { confirmedAtOnce } from '../registers/customers/facts.confirming.ts';
import { confirmingFlow, unconfirmedContacts } from '../registers/customers/store.confirming.ts';
import { contactsOf } from '../registers/customers/store.contacts.ts';
import { holdFlow } from '../registers/customers/store.holds.ts';
import { productFlow } from '../registers/customers/store.products.ts';
import { customerFlow, findCustomerByKey } from '../registers/customers/store.ts';
import { vaultFlow } from '../registers/vault/store.tokens.ts';
import { openCustomer } from '../server/vault/door.ts';
import type { Company } from './company.ts';
import { personActor } from './company.ts';
import { products, sampleCustomers, sampleFile, sampleRecords } from './samplecustomers.ts';

/** Customers of the sample company: who they are, what they entrust, and how they come and go. */

/** What a command must answer here: a sample that is refused is a bug of the sample. */
export function done<E extends Event>(
  answer: Result<readonly E[], { readonly code: string }>,
): readonly E[] {
  invariant(answer.ok, `the sample is accepted: ${answer.ok ? '' : answer.refusal.code}`);
  return answer.value;
}

export const idIn = (events: readonly Event[]): string => events[0]?.subject.split('/')[1] ?? '';

/** The first person of a role who is here to stay. */
export async function officerOf(
  { world }: Company,
  role: 'commercial-officer' | 'security-officer' | 'support',
): Promise<Actor> {
  const { rows } = await sql<{ id: string }>`
    select id from person
    where ${role} = any(roles) and ends_on is null and erased_at is null
    order by starts_on, id limit 1`.execute(world.database.db);
  const id = rows[0]?.id;
  invariant(id, `the company has a ${role}`);
  return personActor(id, [role, 'employee']);
}

/** Executes commands as the first person of a role. */
export async function by(
  company: Company,
  role: Parameters<typeof officerOf>[1],
): Promise<Execute> {
  return executeAs(company.world, await officerOf(company, role));
}

/** The first day: products with their data maps, accounts from one file, and what lies in the vault. */
export async function foundCustomers(company: Company): Promise<void> {
  const commerce = await by(company, 'commercial-officer');
  for (const product of products)
    done(await commerce(productFlow, productFlow.command.parse({ do: 'addProduct', product })));
  done(await commerce(customerFlow, { do: 'importCustomers', rows: sampleFile() }));
  await confirmContacts(company);
  const tokens = await tokensOf(company, commerce);
  for (const { key, entrusts } of sampleCustomers)
    if (entrusts) await entrust(company, key, tokens);
}

/** The same day another officer goes through the contacts of the file, as the guard of CUS-2 wants. */
async function confirmContacts({ world, officer }: Company): Promise<void> {
  const waiting = await unconfirmedContacts(world.database.db, confirmedAtOnce);
  const contacts = waiting.map(({ id, version }) => ({ id, version }));
  done(await officer(confirmingFlow, { customerId: null, contacts }));
}

/**
 * A token for the back end of each product in the cloud, by the product's id; nobody keeps its secret.
 * What one officer made, the other confirms.
 */
async function tokensOf(
  { world, officer }: Company,
  other: Execute,
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ id: string; key: string }>`
    select id, key from product where custody <> 'none' order by key`.execute(world.database.db);
  const tokens = new Map<string, string>();
  for (const { id: productId, key } of rows) {
    const sha256 = sha256Hex(world.random(32));
    const name = `back end of ${key}`;
    const command = { do: 'issueVaultToken', productId, name, days: 366, sha256 } as const;
    const [issued] = done(await officer(vaultFlow, command));
    const id = String(issued?.body['id']);
    done(await other(vaultFlow, { do: 'confirmVaultToken', id }));
    tokens.set(productId, id);
  }
  return tokens;
}

/** Writes through the door, as the back end of the product does. */
async function entrust(
  { world }: Company,
  key: string,
  tokens: ReadonlyMap<string, string>,
): Promise<void> {
  const customer = await customerOf(world.database.db, key);
  const opened = await openCustomer(world, customer.id, {
    by: 'service',
    tokenId: tokens.get(customer.productId) ?? '',
    productId: customer.productId,
    purpose: 'sample',
  });
  invariant(opened.ok, `the vault opens for ${key}`);
  const { records, object } = sampleRecords(key);
  const written = await opened.value.writeRecords('schedules', records);
  invariant(written.ok, `records of ${key} are written`);
  const stored = await opened.value.writeObject({
    collection: 'documents',
    name: object.name,
    mediaType: 'text/plain',
    bytes: once(Buffer.from(object.text)),
  });
  invariant(stored.ok, `the object of ${key} is written`);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export async function customerOf(db: Parameters<typeof findCustomerByKey>[0], key: string) {
  const customer = await findCustomerByKey(db, key);
  invariant(customer, `${key} is a sample customer`);
  return customer;
}

/** Executes commands as the first owner at a customer, at the portal. */
export async function ownerOf(company: Company, key: string): Promise<Execute> {
  const { db } = company.world.database;
  const customer = await customerOf(db, key);
  const owner = (await contactsOf(db, customer.id)).find(({ part }) => part === 'owner');
  invariant(owner, `${key} has an owner`);
  return executeAs(company.world, {
    kind: 'contact',
    id: owner.id,
    customerId: customer.id,
    part: 'owner',
    roles: ['customer'],
    language: owner.language,
  });
}

/** The customer closes their account. */
export async function close(company: Company, key: string): Promise<void> {
  const customer = await customerOf(company.world.database.db, key);
  const owner = await ownerOf(company, key);
  done(
    await owner(
      closureFlow,
      closureFlow.command.parse({
        do: 'requestClosure',
        customerId: customer.id,
        confirmation: key,
      }),
    ),
  );
}

/** The customer changes their mind. */
export async function reopen(company: Company, key: string): Promise<void> {
  const customer = await customerOf(company.world.database.db, key);
  const owner = await ownerOf(company, key);
  done(await owner(closureFlow, { do: 'reopen', customerId: customer.id }));
}

/** The commercial officer learns of a claim; another officer lifts the hold one day. */
export async function hold(company: Company, key: string, reviewInDays: number): Promise<void> {
  const { world } = company;
  const customer = await customerOf(world.database.db, key);
  const zone = (await world.organisation())?.zone ?? 'UTC';
  const commerce = await by(company, 'commercial-officer');
  done(
    await commerce(holdFlow, {
      do: 'placeHold',
      customerId: customer.id,
      reason: 'A claim from the contract is pending; counsel asks that everything stays.',
      reviewOn: dateIn(world.now(), zone).add({ days: reviewInDays }).toString(),
    }),
  );
}
