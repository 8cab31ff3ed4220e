import { closureFlow } from '../../clauses/retention/flows.closure.ts';
import type { Actor } from '../../kernel/actor.ts';
import { invariant } from '../../kernel/invariant.ts';
import type { Refusal, Result } from '../../kernel/result.ts';
import { execute } from '../../platform/execute.ts';
import type { World } from '../../platform/world.ts';
import { ownersOf } from '../../registers/customers/store.contacts.ts';
import { productFlow } from '../../registers/customers/store.products.ts';
import { customerFlow } from '../../registers/customers/store.ts';
import type { OpenCustomer } from '../vault/door.ts';
import { openCustomer } from '../vault/opening.ts';

/** What tests of closures start from: a customer with an owner at it, and things in the vault. */
export interface Account {
  readonly customerId: string;
  readonly key: string;
  readonly productId: string;
  /** The owner, as they act at the portal. */
  readonly owner: Actor;
}

const system = { kind: 'system', id: 'test' } as const;

/** A cloud product whose data lies in the vault. */
export async function aProduct(world: World, key = 'scheduler'): Promise<string> {
  const made = await execute(
    world,
    productFlow,
    {
      do: 'addProduct',
      product: { key, name: `Sample ${key}`, kind: 'cloud', custody: 'vault', holdings: [] },
    },
    system,
  );
  return idIn(made);
}

export async function anAccount(world: World, productId: string, key: string): Promise<Account> {
  const made = await execute(
    world,
    customerFlow,
    {
      do: 'registerCustomer',
      customer: {
        key,
        name: `Sample ${key}`,
        reading: null,
        productId,
        basis: 'terms',
        basisReference: '2026-01',
        approvesCases: false,
        told: 'atEnd',
        termMonths: null,
        language: 'en',
        contacts: [{ name: 'Owner', email: `${key}@example.com`, language: 'en', part: 'owner' }],
      },
    },
    system,
  );
  const customerId = idIn(made);
  const [contact = ''] = await ownersOf(world.database.db, customerId);
  const owner: Actor = {
    kind: 'contact',
    id: contact,
    customerId,
    part: 'owner',
    roles: ['customer'],
    language: 'en',
  };
  return { customerId, key, productId, owner };
}

function idIn(made: Result<readonly { readonly subject: string }[], Refusal>): string {
  invariant(made.ok, `a sample was refused: ${made.ok ? '' : made.refusal.code}`);
  return made.value[0]?.subject.split('/')[1] ?? '';
}

/** The vault of an account, opened as Kept itself. */
export async function vaultOf(world: World, { customerId }: Account): Promise<OpenCustomer> {
  const opened = await openCustomer(world, customerId, { by: 'system', what: 'test' });
  invariant(opened.ok, `the vault of a sample is shut: ${opened.ok ? '' : opened.refusal.code}`);
  return opened.value;
}

/** Puts objects and records into an account: `name-0`, `name-1`, … of so many bytes. */
export async function fill(
  world: World,
  account: Account,
  {
    objects = 2,
    records = 2,
    bytes = 1000,
  }: { objects?: number; records?: number; bytes?: number },
): Promise<void> {
  const vault = await vaultOf(world, account);
  for (let n = 0; n < objects; n++) {
    const written = await vault.writeObject({
      collection: 'files',
      name: `name-${n}`,
      bytes: once(world.random(bytes)),
    });
    invariant(written.ok, 'a sample object was refused');
  }
  const writings = Array.from({ length: records }, (_, n) => ({ key: `key-${n}`, value: { n } }));
  const written = await vault.writeRecords('orders', writings);
  invariant(written.ok, 'sample records were refused');
}

export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The owner asks for the end of the account. */
export function requestClosure(world: World, { customerId, key, owner }: Account) {
  return execute(
    world,
    closureFlow,
    { do: 'requestClosure', customerId, confirmation: key, requestId: null },
    owner,
  );
}

export function reopen(world: World, { customerId, owner }: Account) {
  return execute(world, closureFlow, { do: 'reopen', customerId }, owner);
}
