import type { Actor } from '../../kernel/actor.ts';
import type { Result } from '../../kernel/result.ts';
import { execute } from '../../platform/execute.ts';
import type { World } from '../../platform/world.ts';
import { contactsOf } from '../../registers/customers/store.contacts.ts';
import { productFlow } from '../../registers/customers/store.products.ts';
import { customerFlow } from '../../registers/customers/store.ts';
import type { OpenCustomer } from '../vault/door.ts';
import { openCustomer } from '../vault/opening.ts';

/** An account with an owner and a member, and whoever acts for it. */
export interface SampleAccount {
  readonly customerId: string;
  readonly owner: Extract<Actor, { kind: 'contact' }>;
  readonly member: Extract<Actor, { kind: 'contact' }>;
}

const system = { kind: 'system', id: 'test' } as const;

/** For tests and benchmarks: an account of a cloud product, with two contacts of example.com. */
export async function sampleAccount(world: World, key: string): Promise<SampleAccount> {
  const { db } = world.database;
  const holding = {
    what: { en: 'Drawings', ja: '図面' },
    place: 'Tokyo',
    controller: 'customer',
  } as const;
  const [product] = must(
    await execute(
      world,
      productFlow,
      {
        do: 'addProduct',
        product: {
          key: `${key}-product`,
          name: 'Scheduler',
          kind: 'cloud',
          custody: 'vault',
          holdings: [{ ...holding, collection: 'drawings' }],
        },
      },
      system,
    ),
  );
  const [customer] = must(
    await execute(
      world,
      customerFlow,
      {
        do: 'registerCustomer',
        customer: {
          key,
          name: `Example ${key}`,
          reading: null,
          productId: idOf(product),
          basis: 'terms',
          basisReference: '2026-01',
          approvesCases: false,
          told: 'atEnd',
          termMonths: null,
          language: 'en',
          contacts: [
            {
              name: 'Olive Owner',
              email: `owner@${key}.example.com`,
              language: 'en',
              part: 'owner',
            },
            {
              name: 'Mei Member',
              email: `member@${key}.example.com`,
              language: 'ja',
              part: 'member',
            },
          ],
        },
      },
      system,
    ),
  );
  const customerId = idOf(customer);
  const contacts = await contactsOf(db, customerId);
  const contact = (part: 'owner' | 'member') => {
    const id = contacts.find((each) => each.part === part)?.id ?? '';
    return { kind: 'contact', id, customerId, part, roles: ['customer'], language: 'en' } as const;
  };
  return { customerId, owner: contact('owner'), member: contact('member') };
}

const idOf = (event: { readonly subject: string } | undefined): string =>
  event?.subject.split('/')[1] ?? '';

/** The account's vault, opened as its product would. */
export async function opened(world: World, customerId: string): Promise<OpenCustomer> {
  return must(await openCustomer(world, customerId, { by: 'system', what: 'test' }));
}

/** What was answered; whoever prepares a test is never refused. */
export function must<T>(answer: Result<T, { readonly code: string }>): T {
  if (!answer.ok) throw new Error(`refused: ${answer.refusal.code}`);
  return answer.value;
}

export async function* bytesOf(
  ...pieces: readonly (Uint8Array | string)[]
): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
}

export async function collected(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces);
}
