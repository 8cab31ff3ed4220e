import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { execute } from '../../platform/execute.ts';
import type { TestWorld } from '../../platform/testing/world.ts';
import type { Check } from '../../policy/check.ts';
import { confirmingFlow } from '../../registers/customers/store.confirming.ts';
import { noteEntered } from '../../registers/customers/store.contacts.ts';
import { customerFlow } from '../../registers/customers/store.ts';
import { vaultFlow } from '../../registers/vault/store.tokens.ts';
import { acme, as, company, outcome, product } from './cases.fixture.ts';
import { contactsAreConfirmedByAnother } from './checks.contacts.ts';
import { tokensAreConfirmedByAnother } from './checks.tokens.ts';

/** Nobody of ours becomes a customer, or a product, alone (CUS-2). */

const zone = 'Asia/Tokyo';

async function judged(world: TestWorld, check: Check) {
  const { db } = world.database;
  const found = await check.violations(world.now(), zone).execute(db);
  const population = await check.population(world.now(), zone).execute(db);
  return {
    examined: population.rows[0]?.examined,
    found: found.rows.map(({ subject_id: id, label, detail }) => ({ id, label, by: detail['by'] })),
  };
}

async function add(world: TestWorld, email: string, part: 'owner' | 'billing' = 'owner') {
  const contact = { name: 'X', email, language: 'en', part } as const;
  const command = { do: 'addContact', customerId: acme, contact } as const;
  const done = await execute(world, customerFlow, command, as('cora'));
  expect(outcome(done)).toBe('done');
  return String(done.ok && done.value[0]?.body['contact']);
}

const digest = 'ab'.repeat(32);

async function issue(world: TestWorld, days = 30) {
  const command = { do: 'issueVaultToken', productId: product, name: 'live', days } as const;
  const done = await execute(world, vaultFlow, { ...command, sha256: digest }, as('olga'));
  expect(outcome(done)).toBe('done');
  return String(done.ok && done.value[0]?.body['id']);
}

const confirmToken = async (world: TestWorld, id: string, by: Parameters<typeof as>[0]) =>
  outcome(await execute(world, vaultFlow, { do: 'confirmVaultToken', id }, as(by)));

describe('CUS-2: contactsAreConfirmedByAnother', () => {
  const check = contactsAreConfirmedByAnother;

  test('a contact 24 hours old, until somebody else has confirmed it', async () => {
    const world = await company();
    // Who stood there before counts as confirmed; who only gets bills enters nowhere.
    expect(await judged(world, check)).toEqual({ examined: 3, found: [] });
    await add(world, 'billing@acme.example', 'billing');
    const id = await add(world, 'x@acme.example');
    const since = world.now();
    expect(await check.nextChange?.(world.database.db, world.now(), zone)).toEqual(
      since.add({ hours: 24 }),
    );
    world.advance({ hours: 23 });
    expect(await judged(world, check)).toEqual({ examined: 4, found: [] });
    world.advance({ hours: 1 });
    const found = [{ id, label: 'Acme', by: 'cora' }];
    expect(await judged(world, check)).toEqual({ examined: 4, found });
    expect(await check.nextChange?.(world.database.db, world.now(), zone)).toBeNull();
    const command = { customerId: null, contacts: [{ id, version: 1 }] };
    const by = async (name: Parameters<typeof as>[0]) =>
      outcome(await execute(world, confirmingFlow, command, as(name)));
    expect(await by('cora')).toBe('ownContact (CUS-2)');
    expect(await by('sami')).toMatch(/^notAllowed/);
    expect(await judged(world, check)).toEqual({ examined: 4, found });
    expect(await by('olga')).toBe('done');
    expect(await judged(world, check)).toEqual({ examined: 4, found: [] });
  });

  test('one that was removed, where it had entered the portal meanwhile', async () => {
    const world = await company();
    const [seen, unseen] = [await add(world, 'a@acme.example'), await add(world, 'b@acme.example')];
    await world.database.db.transaction().execute((tx) => noteEntered(tx, seen));
    for (const contactId of [seen, unseen]) {
      const command = { do: 'removeContact', customerId: acme, contactId } as const;
      expect(outcome(await execute(world, customerFlow, command, as('cora')))).toBe('done');
    }
    world.advance({ hours: 25 });
    expect((await judged(world, check)).found.map(({ id }) => id)).toEqual([seen]);
  });
});

describe('CUS-2: tokensAreConfirmedByAnother', () => {
  const check = tokensAreConfirmedByAnother;

  test('a token 24 hours old, until somebody else has confirmed it', async () => {
    const world = await company();
    expect(await judged(world, check)).toEqual({ examined: 0, found: [] });
    const id = await issue(world);
    expect(await check.nextChange?.(world.database.db, world.now(), zone)).toEqual(
      world.now().add({ hours: 24 }),
    );
    world.advance({ hours: 23 });
    expect(await judged(world, check)).toEqual({ examined: 1, found: [] });
    world.advance({ hours: 1 });
    const found = [{ id, label: 'Scheduler · live', by: 'olga' }];
    expect(await judged(world, check)).toEqual({ examined: 1, found });
    expect(await confirmToken(world, id, 'olga')).toBe('ownToken (CUS-2)');
    expect(await confirmToken(world, id, 'sami')).toMatch(/^notAllowed/);
    expect(await confirmToken(world, id, 'cora')).toBe('done');
    expect(await judged(world, check)).toEqual({ examined: 1, found: [] });
    await expect(
      sql`update vault_service set confirmed_by = made_by`.execute(world.database.db),
    ).rejects.toThrow(/vault_service_confirmed_by_another/);
  });

  test('the one that takes its place, and one that was used and revoked', async () => {
    const world = await company();
    const id = await issue(world);
    expect(await confirmToken(world, id, 'cora')).toBe('done');
    const rotation = { do: 'rotateVaultToken', id, days: 30, sha256: 'cd'.repeat(32) } as const;
    const done = await execute(world, vaultFlow, { ...rotation, overlapHours: 0 }, as('cora'));
    expect(outcome(done)).toMatch(/^notAllowed/);
    const rotated = await execute(world, vaultFlow, { ...rotation, overlapHours: 0 }, as('olga'));
    const next = String(rotated.ok && rotated.value[0]?.body['id']);
    world.advance({ hours: 24 });
    expect((await judged(world, check)).found.map((it) => it.id)).toEqual([next]);
    const revoke = { do: 'revokeVaultToken', id: next } as const;
    expect(outcome(await execute(world, vaultFlow, revoke, as('olga')))).toBe('done');
    expect(await judged(world, check)).toEqual({ examined: 0, found: [] });
    await sql`update vault_service set uses = 1 where token_id = ${next}`.execute(
      world.database.db,
    );
    expect((await judged(world, check)).found.map((it) => it.id)).toEqual([next]);
    expect(await confirmToken(world, next, 'cora')).toBe('done');
    expect(await judged(world, check)).toEqual({ examined: 0, found: [] });
  });
});
