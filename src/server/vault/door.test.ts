import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { actorWith } from '../../platform/testing/world.ts';
import { objectsAfter } from '../../registers/vault/store.objects.ts';
import { sources } from '../composition.ts';
import { openCustomer } from './door.ts';
import { openVaultAtTest, type VaultAtTest } from './testing.ts';

let vault: VaultAtTest;
beforeAll(async () => {
  vault = await openVaultAtTest();
});
afterAll(() => vault[Symbol.asyncDispose]());

test('CUS-1: nothing but the door unwraps a customer’s key', async () => {
  const files = (await readdir(sources, { recursive: true })).filter(
    (path) => /\.tsx?$/.test(path) && !/\.(?:test|fixture)\.ts$|testing/.test(path),
  );
  expect(files.length).toBeGreaterThan(500);
  const unwrapping: string[] = [];
  for (const path of files) {
    // The keystore itself is where unwrapping is made, and the door where it is asked for.
    if (path.startsWith('platform/keystore/')) continue;
    const text = await readFile(join(sources, path), 'utf8');
    if (/keystore\s*\.\s*(?:unwrap|issue|wrap)\w*\(/.test(text)) unwrapping.push(path);
  }
  expect(unwrapping.sort()).toEqual(['server/vault/issuing.ts', 'server/vault/keyring.ts']);
});

test('CUS-2: without a case nobody of the staff reads, whatever their role', async () => {
  const { world, customerId } = vault;
  await vault.ask('PUT', vault.at('collections', 'a', 'objects', 'b'), { body: 'theirs' });
  const { rows } = await sql<{ id: string }>`select id from vault_object`.execute(
    world.database.db,
  );
  const id = rows[0]?.id ?? '';
  for (const role of ['security-officer', 'commercial-officer', 'support', 'auditor'] as const) {
    const actor = actorWith(world.newId(), role, 'employee');
    const opened = await openCustomer(world, customerId, {
      by: 'case',
      caseId: world.newId(),
      actor,
      purpose: 'curiosity',
    });
    if (!opened.ok) throw new Error('the door itself asks when something is read');
    const read = await opened.value.readObject(id);
    expect(read.ok).toBe(false);
    const wrote = await opened.value.removeObject(id);
    expect(wrote.ok ? null : wrote.refusal.code).toBe('readOnly');
  }
  const counted = await sql`select from vault_unwrap where by_kind = 'case'`.execute(
    world.database.db,
  );
  expect(counted.rows.length).toBe(0);
});

test('100,000 objects are listed by cursor, each once, and the last page comes as fast as the first', async () => {
  const { world, customerId } = vault;
  const count = 100_000;
  await vault.ask('PUT', vault.at('collections', 'many', 'objects', 'first'), { body: 'x' });
  // Copies of one row: what its name says does not open for another id, so values are left sealed.
  await sql`
    insert into vault_object (id, customer_id, collection, name_index, sealed_name, stored_as, key_id, size,
      stored_size, stored_sha256, sealed_digest, revision, made_at, changed_at)
    select ('019b0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, customer_id, 'crowd', sha256(n::text::bytea),
      sealed_name, stored_as || n, key_id, size, stored_size, stored_sha256, sealed_digest, 1, made_at, changed_at
    from vault_object, generate_series(1, ${count}) as n
    where customer_id = ${customerId} and collection = 'many'`.execute(world.database.db);

  const seen = new Set<string>();
  const tookMs: number[] = [];
  for (let after: string | null = null; ; ) {
    const from = performance.now();
    const page = await objectsAfter(world.database.db, customerId, 'crowd', after, 1_000);
    tookMs.push(performance.now() - from);
    for (const { id } of page) seen.add(id);
    after = page.at(-1)?.id ?? null;
    if (page.length < 1_000) break;
  }
  expect(seen.size).toBe(count);
  const median = (some: readonly number[]) =>
    [...some].sort((a, b) => a - b)[some.length >> 1] ?? 0;
  expect(median(tookMs.slice(-20))).toBeLessThan(10 * Math.max(5, median(tookMs.slice(0, 20))));
}, 120_000);
