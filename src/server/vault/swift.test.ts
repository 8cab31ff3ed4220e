import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { execute } from '../../platform/execute.ts';
import { sha256Hex } from '../../platform/identity/token.ts';
import { vaultFlow } from '../../registers/vault/store.tokens.ts';
import { beginRekey } from './rekey.ts';
import { codeOf, openVaultAtTest, tokenOf, type VaultAtTest } from './testing.ts';

/** What was last known is gone on with, and holds nobody up; what does not hold any more counts at once. */

let vault: VaultAtTest;
beforeEach(async () => {
  vault = await openVaultAtTest();
});
afterEach(() => vault[Symbol.asyncDispose]());

const operator = { kind: 'system', id: 'test' } as const;
const record = (key: string) => vault.at('collections', 'orders', 'records', key);
const keys = (act: string) => `/customers/acme/keys${act}`;

async function secondToken(): Promise<{ readonly token: string; readonly id: string }> {
  const token = tokenOf('second');
  const { world, productId } = vault;
  const made = await execute(
    world,
    vaultFlow,
    { do: 'issueVaultToken', productId, name: 'second', days: 30, sha256: sha256Hex(token) },
    operator,
  );
  if (!made.ok) throw new Error(made.refusal.code);
  return { token, id: String(made.value[0]?.body['id']) };
}

const revoke = (id: string) =>
  execute(vault.world, vaultFlow, { do: 'revokeVaultToken', id }, operator);

async function counted(tokenId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select coalesce(sum(operations), 0)::int as n from vault_unwrap where by_id = ${tokenId}`.execute(
    vault.world.database.db,
  );
  return rows[0]?.n ?? 0;
}

describe('a token that is revoked', () => {
  test('opens and changes nothing from the next request on, though it was known a moment ago', async () => {
    const { token, id } = await secondToken();
    await vault.ask('PUT', record('a'), { json: { n: 1 }, token });
    const purpose = 'test';
    const issued = await vault.ask('POST', keys(''), { json: { purpose }, token });
    const { wrapped } = (await issued.json()) as { wrapped: string };
    const asked = [
      () => vault.ask('GET', record('a'), { token }),
      () => vault.ask('PUT', record('a'), { json: { n: 2 }, token }),
      () => vault.ask('PUT', record('b'), { json: { n: 2 }, token }),
      () => vault.ask('PATCH', record('a'), { json: { n: 2 }, token }),
      () => vault.ask('DELETE', record('a'), { token }),
      () => vault.ask('POST', keys('/unwrap'), { json: { purpose, wrapped }, token }),
      () => vault.ask('POST', keys('/unwrap'), { json: { purpose, wrapped: 'AQ==' }, token }),
    ];
    expect((await asked[0]?.())?.status).toBe(200);
    expect((await asked[5]?.())?.status).toBe(200);
    await revoke(id);
    const answers = await Promise.all(asked.map((ask) => ask()));
    for (const answer of answers) expect(await codeOf(answer)).toEqual([401, 'tokenUnknown']);
    expect(await (await vault.ask('GET', record('a'))).json()).toEqual({ n: 1 });
    expect((await vault.ask('GET', record('b'))).status).toBe(404);
  });

  test('takes nothing from those who ask at the same time', async () => {
    const { token, id } = await secondToken();
    await vault.ask('PUT', record('a'), { json: { n: 1 } });
    await vault.ask('GET', record('a'), { token });
    await revoke(id);
    const asked = Array.from({ length: 40 }, (_, n) =>
      n % 2 === 0
        ? vault.ask('GET', record('a'), n % 4 === 0 ? { token } : {})
        : vault.ask('PUT', record(`${n}`), { json: { n }, ...(n % 4 === 1 ? { token } : {}) }),
    );
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses).toEqual(
      Array.from({ length: 40 }, (_, n) => (n % 4 < 2 ? 401 : n % 2 === 0 ? 200 : 201)),
    );
  });
});

describe('a customer', () => {
  test('who closed a moment ago is read and not written', async () => {
    await vault.ask('PUT', record('a'), { json: { n: 1 } });
    await sql`update customer set state = 'closing'`.execute(vault.world.database.db);
    const answers = await Promise.all([
      vault.ask('PUT', record('a'), { json: { n: 2 } }),
      vault.ask('GET', record('a')),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([409, 200]);
    await sql`update customer set state = 'erasing'`.execute(vault.world.database.db);
    expect(await codeOf(await vault.ask('GET', record('a')))).toEqual([410, 'accountErased']);
  });

  test('whose key was destroyed a moment ago is neither read nor written, whatever was remembered', async () => {
    const purpose = 'test';
    await vault.ask('PUT', record('a'), { json: { n: 1 } });
    const issued = await vault.ask('POST', keys(''), { json: { purpose } });
    const { wrapped } = (await issued.json()) as { wrapped: string };
    expect((await vault.ask('GET', record('a'))).status).toBe(200);
    await vault.world.keystore.destroy(vault.customerId);
    const answers = await Promise.all([
      vault.ask('GET', record('a')),
      vault.ask('PUT', record('a'), { json: { n: 2 } }),
      vault.ask('PUT', record('b'), { json: { n: 2 } }),
      vault.ask('POST', keys('/unwrap'), { json: { purpose, wrapped } }),
    ]);
    for (const answer of answers) expect(await codeOf(answer)).toEqual([410, 'accountErased']);
    const { rows } = await sql<{ revision: number }>`select revision from vault_record`.execute(
      vault.world.database.db,
    );
    expect(rows).toEqual([{ revision: 1 }]);
  });

  test('who got a new key a moment ago is written with it, and read with both', async () => {
    await vault.ask('PUT', record('old'), { json: { n: 1 } });
    await beginRekey(vault.world, vault.customerId);
    const answers = await Promise.all([
      vault.ask('PUT', record('new'), { json: { n: 2 } }),
      vault.ask('GET', record('old')),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([201, 200]);
    const { rows } = await sql<{ version: number; n: number }>`
      select k.version, count(*)::int as n from vault_record r join vault_key k on k.id = r.key_id
      group by 1 order by 1`.execute(vault.world.database.db);
    expect(rows).toEqual([
      { version: 1, n: 1 },
      { version: 2, n: 1 },
    ]);
  });
});

test('every unwrapping that was answered is counted, however many travel together', async () => {
  const { token, id } = await secondToken();
  await vault.ask('PUT', record('a'), { json: { n: 1 }, token });
  const before = await counted(id);
  await Promise.all(Array.from({ length: 50 }, () => vault.ask('GET', record('a'), { token })));
  expect(await counted(id)).toBe(before + 50);
});

test('every writing and every key opened for a product is counted, each once', async () => {
  const { token, id } = await secondToken();
  const purpose = 'test';
  await vault.ask('PUT', record('a'), { json: {}, token });
  const issued = await vault.ask('POST', keys(''), { json: { purpose }, token });
  const { plaintext, wrapped } = (await issued.json()) as { plaintext: string; wrapped: string };
  const before = await counted(id);
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, n) =>
      n % 2 === 0
        ? vault.ask('PUT', record(`${n}`), { json: { n }, token })
        : vault.ask('POST', keys('/unwrap'), { json: { purpose, wrapped }, token }),
    ),
  );
  expect(await counted(id)).toBe(before + 30);
  expect(await answers[1]?.json()).toEqual({ plaintext });
  await sql`update vault_service set expires_at = ${vault.world.now()} where token_id = ${id}`.execute(
    vault.world.database.db,
  );
  const late = await Promise.all([
    vault.ask('PUT', record('late'), { json: {}, token }),
    vault.ask('GET', record('a'), { token }),
    vault.ask('POST', keys('/unwrap'), { json: { purpose, wrapped }, token }),
  ]);
  expect(late.map(({ status }) => status)).toEqual([401, 401, 401]);
  expect(await counted(id)).toBe(before + 30);
});

describe('what is held', () => {
  interface Held {
    readonly records: number;
    readonly bytes: number;
  }

  /** As it is added up for the customer, and as it is. */
  async function held(): Promise<readonly [Held, Held]> {
    const { db } = vault.world.database;
    const added = await sql<Held>`
      select sum(records)::int as records, sum(record_bytes)::int as bytes from vault_usage
      where owner_id = ${vault.customerId}`.execute(db);
    const is = await sql<Held>`
      select count(*)::int as records, sum(octet_length(sealed_value))::int as bytes from vault_record`.execute(
      db,
    );
    return [added.rows[0] as Held, is.rows[0] as Held];
  }

  test('is known exactly, however many write the same records at once and with whichever token', async () => {
    const { token } = await secondToken();
    await vault.ask('PUT', record('0'), { json: {} });
    await vault.ask('PUT', record('0'), { json: {}, token });
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        vault.ask('PUT', record(`${n % 10}`), {
          json: { text: 'x'.repeat(n) },
          ...(n % 3 === 0 ? { token } : {}),
        }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201).length).toBe(9);
    expect(statuses.filter((status) => status === 200).length).toBe(51);
    const [added, is] = await held();
    expect(is.records).toBe(10);
    expect(added).toEqual(is);
    const revisions = await sql<{ n: number }>`
      select sum(revision)::int as n from vault_record`.execute(vault.world.database.db);
    expect(revisions.rows[0]?.n).toBe(62);
  });

  test('is never more than the customer may, and what is there can still be replaced', async () => {
    await vault.ask('PUT', record('a'), { json: {} });
    await sql`
      insert into vault_quota (owner_id, objects, bytes, records)
      values (${vault.customerId}, 10, 1000000, 2)`.execute(vault.world.database.db);
    const statuses: number[] = [];
    for (const key of ['a', 'b', 'c', 'a', 'b']) {
      statuses.push((await vault.ask('PUT', record(key), { json: { key } })).status);
    }
    expect(statuses).toEqual([200, 201, 422, 200, 200]);
    const [added, is] = await held();
    expect(added).toEqual(is);
  });
});
