import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, expect, inject, test } from 'vitest';
import { closureOf, next, noteDue } from '../../clauses/retention/store.closure.ts';
import { insertOrganisation } from '../../platform/organisation.ts';
import { openDatabase } from '../../platform/postgres/database.ts';
import { databaseUrl } from '../../platform/testing/postgres.ts';
import type { World } from '../../platform/world.ts';
import { heldOf } from '../../registers/vault/store.erasing.ts';
import { worldOn } from './kill.fixture.ts';
import { type Account, anAccount, aProduct, fill, requestClosure } from './testing.ts';

/** The full proof is 200; every run of the tests does a dozen. */
const kills = Number(process.env['KEPT_KILLS'] ?? 12);
const { url, template } = inject('postgres');
const name = `kill_${process.pid}`;
const folder = await mkdtemp(join(tmpdir(), 'kept-kill-'));
const from = '2026-01-05T03:00:00Z';
/** Day 31 of whoever closed on the first day. */
const later = '2026-02-05T03:00:00Z';
/** By then is tried again what was put off. */
const afterwards = '2026-02-05T09:00:00Z';

const home = openDatabase(url, 1);
let world: World | null = null;

afterAll(async () => {
  await world?.database.close();
  await home.pool.query(`drop database if exists ${name} with (force)`);
  await home.close();
  await rm(folder, { recursive: true, force: true });
});

/** Closed long enough ago, and the first look taken. */
async function due(it: World, account: Account): Promise<void> {
  expect(await requestClosure(it, account)).toMatchObject({ ok: true });
  const closure = await closureOf(it.database.db, account.customerId);
  await it.database.db.transaction().execute(async (tx) => {
    await noteDue(tx, closure?.id ?? '', closure?.dueAt ?? null);
    await next(tx, account.customerId, closure?.dueAt ?? it.now(), it);
  });
}

/** Lets a process erase, and kills it after so long; null: lets it come to its end. */
async function erase(afterMs: number | null, at = later): Promise<number | null> {
  const program = join(import.meta.dirname, 'kill.fixture.ts');
  const words = [program, databaseUrl(url, name), folder, at];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  if (afterMs !== null) {
    await pause(afterMs);
    child.kill('SIGKILL');
  }
  const [code] = (await ended) as [number | null];
  return code;
}

test(`RET-5: killed ${kills} times while it erases, Kept erases all of it and nothing else`, {
  timeout: 120_000 + kills * 30_000,
}, async () => {
  await home.pool.query(`create database ${name} template ${template}`);
  const it = await worldOn({ databaseUrl: databaseUrl(url, name), folder, from });
  world = it;
  const organisation = {
    name: 'Example',
    zone: 'Asia/Tokyo',
    languages: ['en' as const],
    domain: 'example.com',
  };
  await it.database.db
    .transaction()
    .execute((tx) => insertOrganisation(tx, { id: it.newId(), ...organisation }, it.now()));
  const productId = await aProduct(it);
  const other = await anAccount(it, productId, 'other');
  await fill(it, other, { objects: 3 });
  const untouched = await heldOf(it.database.db, other.customerId);
  const closed: Account[] = [];
  let hit = 0;
  for (let n = 0; n < kills; n += 1) {
    for (let each = 0; each < 3; each += 1) {
      const account = await anAccount(it, productId, `closed-${n}-${each}`);
      await fill(it, account, { objects: 4, records: 2 });
      await due(it, account);
      closed.push(account);
    }
    if ((await erase(randomInt(0, 400))) === null) hit += 1;
  }
  expect(hit).toBeGreaterThan(0);
  expect(await erase(null)).toBe(0);
  // The last words of one who was killed may be written under the eyes of the next, who steps back.
  expect(await erase(null, afterwards)).toBe(0);
  for (const account of closed) await erased(it, account);
  await saidOnce(it);
  expect(await heldOf(it.database.db, other.customerId)).toEqual(untouched);
  expect(await it.keystore.exists(other.customerId)).toBe(true);
  expect(await filesOf(it, other)).toBe(3);
});

async function erased(it: World, account: Account): Promise<void> {
  expect(await closureOf(it.database.db, account.customerId)).toMatchObject({ state: 'certified' });
  expect(await it.keystore.exists(account.customerId)).toBe(false);
  expect(await filesOf(it, account)).toBe(0);
  expect(await heldOf(it.database.db, account.customerId)).toMatchObject({
    objects: 0,
    records: 0,
  });
}

async function filesOf(it: World, { customerId }: Account): Promise<number> {
  let files = 0;
  for await (const _ of it.objects.list(customerId)) files += 1;
  return files;
}

/** Each step stands in the ledger once, whoever died over it. */
async function saidOnce(it: World): Promise<void> {
  const { rows } = await sql<{ times: number }>`
    select distinct count(*)::int as times from ledger_entry
    where type in ('CustomerErasureBegun', 'CustomerKeyDestroyed', 'CustomerRowsErased',
      'CustomerDataErased', 'ErasureCertified')
    group by subject, type`.execute(it.database.db);
  expect(rows).toEqual([{ times: 1 }]);
}
