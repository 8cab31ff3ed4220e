import { sql } from 'kysely';
import type { Actor } from '../../kernel/actor.ts';
import type { Result } from '../../kernel/result.ts';
import type { World } from '../../platform/world.ts';
import type { OpenCustomer } from '../vault/door.ts';
import { openCustomer } from '../vault/opening.ts';

/** An account with an owner and a member, and whoever acts for it. */
export interface SampleAccount {
  readonly customerId: string;
  readonly owner: Extract<Actor, { kind: 'contact' }>;
  readonly member: Extract<Actor, { kind: 'contact' }>;
}

/** For tests and benchmarks: an account of a cloud product, with two contacts of example.com. */
export async function sampleAccount(world: World, key: string): Promise<SampleAccount> {
  const { db } = world.database;
  const [productId, customerId, owner, member] = [1, 2, 3, 4].map(() => world.newId());
  const now = world.now();
  await sql`
    insert into product (id, key, name, kind, custody) values (${productId}, ${`${key}-product`}, 'Scheduler', 'cloud', 'vault')`.execute(
    db,
  );
  await sql`
    insert into product_holding (id, product_id, what_en, what_ja, place, controller, collection)
    values (${world.newId()}, ${productId}, 'Drawings', '図面', 'Tokyo', 'customer', 'drawings')`.execute(
    db,
  );
  await sql`
    insert into customer (id, key, name, product_id, basis, basis_reference, language, since)
    values (${customerId}, ${key}, ${`Example ${key}`}, ${productId}, 'terms', '2026-01', 'en', ${now})`.execute(
    db,
  );
  await sql`
    insert into customer_contact (id, customer_id, name, email, language, part) values
      (${owner}, ${customerId}, 'Olive Owner', ${`owner@${key}.example.com`}, 'en', 'owner'),
      (${member}, ${customerId}, 'Mei Member', ${`member@${key}.example.com`}, 'ja', 'member')`.execute(
    db,
  );
  const contact = (id = '', part: 'owner' | 'member' = 'owner') =>
    ({
      kind: 'contact',
      id,
      customerId: customerId ?? '',
      part,
      roles: ['customer'],
      language: 'en',
    }) as const;
  return { customerId: customerId ?? '', owner: contact(owner), member: contact(member, 'member') };
}

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
