import { sql } from 'kysely';
import type { Actor, Role } from '../../kernel/actor.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';

/** A small company with one product and two customers, for the tests of cases. */

export const idOf = (n: number): string => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;

/** Sami and Sora are support, Cora commercial officer, Olga security officer, Audi auditor. */
export const who = {
  sami: idOf(1),
  sora: idOf(2),
  cora: idOf(3),
  olga: idOf(4),
  audi: idOf(5),
} as const;
export const product = idOf(11);
export const acme = idOf(21);
export const beta = idOf(22);
/** Owner of Acme, member of Acme, owner of Beta. */
export const contacts = { owner: idOf(31), member: idOf(32), other: idOf(33) } as const;

const rolesOf: Readonly<Record<keyof typeof who, readonly Role[]>> = {
  sami: ['employee', 'support'],
  sora: ['employee', 'support'],
  cora: ['employee', 'commercial-officer'],
  olga: ['employee', 'security-officer'],
  audi: ['employee', 'auditor'],
};

export const as = (name: keyof typeof who): Actor => actorWith(who[name], ...rolesOf[name]);

export function contact(id: string, customerId: string, part: 'owner' | 'member' = 'owner'): Actor {
  return { kind: 'contact', id, customerId, part, roles: ['customer'], language: 'en' };
}

/** @param customer what is particular of Acme's contract */
export async function company(
  customer: { readonly approvesCases?: boolean; readonly told?: 'atOnce' | 'atEnd' } = {},
  start = '2026-02-02T00:00:00Z',
): Promise<TestWorld> {
  const world = await testWorld({ start });
  const { db } = world.database;
  for (const [name, id] of Object.entries(who)) {
    const roles = rolesOf[name as keyof typeof who];
    await sql`insert into person (id, name, email, roles)
      values (${id}, ${name}, ${`${name}@example.com`}, ${roles}::text[])`.execute(db);
  }
  await sql`insert into product (id, key, name, kind, custody)
    values (${product}, 'scheduler', 'Scheduler', 'cloud', 'vault')`.execute(db);
  await sql`
    insert into customer (id, key, name, product_id, basis, basis_reference, approves_cases, told, language, since)
    values
      (${acme}, 'acme', 'Acme', ${product}, 'contract', 'C-1', ${customer.approvesCases ?? false},
        ${customer.told ?? 'atEnd'}, 'en', ${world.now()}),
      (${beta}, 'beta', 'Beta', ${product}, 'terms', '3', false, 'atEnd', 'ja', ${world.now()})`.execute(
    db,
  );
  await sql`
    insert into customer_contact (id, customer_id, name, email, language, part) values
      (${contacts.owner}, ${acme}, 'Owner', 'owner@acme.example', 'en', 'owner'),
      (${contacts.member}, ${acme}, 'Member', 'member@acme.example', 'en', 'member'),
      (${contacts.other}, ${beta}, 'Other', 'owner@beta.example', 'ja', 'owner')`.execute(db);
  return world;
}

/** What a request says where a test does not care. */
export const wanted = {
  customerId: acme,
  purpose: 'a schedule does not load',
  basis: 'contract',
  basisReference: '§ 7',
  consent: null,
  scope: [{ collection: 'schedules', itemId: null }],
  fromOn: null,
  toOn: null,
  hours: 4,
  copy: false,
  emergency: false,
} as const;

type Refusable = { ok: boolean; refusal?: { code: string; guard?: string } };

/** `done`, the code of a refusal, or the code with the promise whose guard refused. */
export function outcome(answer: Refusable): string {
  if (answer.ok) return 'done';
  const { code = '', guard } = answer.refusal ?? {};
  return guard ? `${code} (${guard})` : code;
}
