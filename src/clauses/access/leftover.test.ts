import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { contextFor, execute, executeAs } from '../../platform/execute.ts';
import { actorWith, type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { accountFlow } from '../../registers/accounts/store.accounts.ts';
import { observedFlow } from '../../registers/accounts/store.observed.ts';
import { readFlow } from '../../registers/accounts/store.reads.ts';
import { openRead, stage } from '../../registers/accounts/store.staging.ts';
import { heldKey, type Observation } from '../../registers/connections/facts.connector.ts';
import { recordDeparture } from '../../registers/people/store.leaving.ts';
import { leaversHoldNothing } from './checks.leavers.ts';
import { revokedAccessIsGone } from './checks.ts';
import * as flows from './flows.ts';
import { reactions } from './obligations.ts';
import { leaverRoutes } from './routes.leavers.ts';
import { endAccess } from './store.leaving.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [lena, entra, list] = [id(3), id(11), id(12)] as [string, string, string];
const kept = { kind: 'system', id: 'reaction' } as const;
const officer = actorWith(id(1), 'security-officer', 'employee');

interface Shown {
  readonly active: boolean;
  readonly groups?: readonly string[];
  readonly keys?: readonly { readonly active: boolean }[];
}

let world: TestWorld;
beforeEach(async () => {
  world = await testWorld({ start: '2026-02-02T00:00:00Z' });
  const { db } = world.database;
  await sql`
    insert into person (id, name, email, roles, ends_on) values
      (${id(1)}, 'Olga Officer', 'olga@example.com', '{employee,security-officer}', null),
      (${lena}, 'Lena Leaver', 'lena@example.com', '{employee}', '2026-02-01')`.execute(db);
  await sql`
    insert into system (id, key, name) values (${entra}, 'entra', 'Entra'), (${list}, 'list', 'List')`.execute(
    db,
  );
});

/** A read by which a source tells its accounts, as a connector does; nobody but those shown is there. */
async function observe(
  accounts: Readonly<Record<string, Shown>>,
  gaps: readonly { aspect: 'credentials' | 'held'; permission: string; message: string }[] = [],
): Promise<void> {
  const { db } = world.database;
  const readId = world.newId();
  const observations = Object.entries(accounts).flatMap(([name, shown]) =>
    observationsOf(name, shown),
  );
  observations.push({
    of: 'entitlement',
    key: 'g',
    facts: { name: 'g', privileged: false, risks: [] },
  });
  await db.transaction().execute(async (tx) => {
    const aspects = ['accounts', 'entitlements', 'held', 'credentials'];
    const read = { id: readId, systemId: entra as never, source: 'test', openedAt: world.now() };
    await openRead(tx, { ...read, changes: false, aspects, tokenId: null });
    await stage(tx, readId, observations);
  });
  const command = { do: 'recordObserved' as const, readId, gaps: [...gaps], empty: true };
  const done = await execute(world, observedFlow, command, kept);
  if (!done.ok) throw new Error(done.refusal.code);
  await react('AccessObserved', `system/${entra}`);
  world.advance({ hours: 1 });
}

function observationsOf(name: string, { active, groups = [], keys = [] }: Shown): Observation[] {
  const facts = {
    name,
    email: name,
    kind: 'staff',
    active,
    secondFactor: null,
    lastUsedAt: null,
  } as const;
  return [
    { of: 'account', key: name, facts },
    ...groups.map((entitlement): Observation => {
      const held = { account: name, entitlement };
      return { of: 'held', key: heldKey(name, entitlement), facts: held };
    }),
    ...keys.map((key, n): Observation => {
      const credential = { account: name, kind: 'accessKey', name: `key${n}`, ...key } as const;
      return {
        of: 'credential',
        key: `${name}/${n}`,
        facts: { ...credential, createdAt: null, lastUsedAt: null },
      };
    }),
  ];
}

/** A list of access, as from a file. */
async function bring(accounts: readonly string[]): Promise<void> {
  const read = {
    do: 'recordRead',
    system: 'list',
    source: 'test',
    complete: true,
    empty: true,
  } as const;
  const command = {
    ...read,
    accounts: accounts.map((name) => ({ name, email: name })),
    entitlements: [{ name: 'g' }],
    pairs: accounts.flatMap((_, n) => [n, 0]),
  };
  const done = await execute(world, readFlow, command, officer);
  if (!done.ok) throw new Error(done.refusal.code);
  await react('AccessObserved', `system/${list}`);
  world.advance({ hours: 1 });
}

/** Twice, as an entry may be shown: the second time must change nothing. */
async function react(type: string, subject: string): Promise<void> {
  const { db } = world.database;
  const room = { db, execute: executeAs(world, kept), context: await contextFor(world, kept) };
  for (let times = 0; times < 2; times++)
    await reactions[type]?.(room, { entryIndex: 0, type, subject, body: {} });
}

async function leave(): Promise<void> {
  const context = await contextFor(world, kept);
  await world.database.db.transaction().execute(async (tx) => {
    await endAccess(tx, lena as never, context);
    const at = world.now();
    const departure = { at, trigger: 'button', triggeredAt: at, counts: {} } as const;
    await recordDeparture(tx, lena as never, departure);
  });
  world.advance({ hours: 1 });
}

async function orders(): Promise<readonly string[]> {
  const { rows } = await sql<{ line: string }>`
    select system.key || ' ' || coalesce(entitlement.name, '(account)') || case when withdrawn_at is not null then ' withdrawn' when proven_at is null then '' else ' proven' end
      as line
    from revoke_order o join system on system.id = o.system_id left join entitlement on entitlement.id = o.entitlement_id
    order by ordered_at, system.key, entitlement.name nulls first`.execute(world.database.db);
  return rows.map(({ line }) => line);
}

async function leftOver(): Promise<readonly unknown[]> {
  const { rows } = await leaversHoldNothing
    .violations(world.now(), 'UTC')
    .execute(world.database.db);
  return rows.map(({ detail }) => (detail as { what: string }).what);
}

const sources = async () =>
  (await leaversHoldNothing.sources?.(world.database.db, world.now()))?.map(({ name }) => name);

describe('ACC-7: the account of a leaver', () => {
  test('that holds nothing is ordered to go, and proven when it is switched off', async () => {
    await observe({ 'lena@example.com': { active: true } });
    expect(await leftOver()).toEqual(['an account to sign in with']);
    await leave();
    expect(await orders()).toEqual(['entra (account)']);
    await observe({ 'lena@example.com': { active: true } });
    expect(await orders()).toEqual(['entra (account)']);
    await observe({ 'lena@example.com': { active: false } });
    expect(await orders()).toEqual(['entra (account) proven']);
    expect(await leftOver()).toEqual([]);
  });

  test('that lives on by a key alone is left, until no key of it is active', async () => {
    const robot = (active: boolean) => ({
      'lena@example.com': { active: false, keys: [{ active }] },
    });
    await observe(robot(true));
    expect(await leftOver()).toEqual(['an account to sign in with, active credentials: 1']);
    await leave();
    expect(await orders()).toEqual(['entra (account)']);
    await observe(robot(false));
    expect(await orders()).toEqual(['entra (account) proven']);
    expect(await leftOver()).toEqual([]);
  });

  test('that is gone altogether is proven as well', async () => {
    await observe({ 'lena@example.com': { active: true, groups: ['g'] } });
    await leave();
    await observe({});
    expect(await orders()).toEqual(['entra (account) proven', 'entra g proven']);
  });

  test('is not proven by what an incomplete read says, nor where credentials could not be read', async () => {
    const off = { 'lena@example.com': { active: false } };
    await observe({ 'lena@example.com': { active: true } });
    await leave();
    await observe({ 'lena@example.com': { active: true } });
    await observe(off, [{ aspect: 'held', permission: 'p', message: '' }]);
    expect(await orders()).toEqual(['entra (account)']);
    await observe(off, [{ aspect: 'credentials', permission: 'iam:ListAccessKeys', message: '' }]);
    expect(await orders()).toEqual(['entra (account)']);
    expect(await sources()).toContain('Entra · iam:ListAccessKeys');
    world.advance({ hours: 24 });
    const overdue = await revokedAccessIsGone
      .violations(world.now(), 'UTC')
      .execute(world.database.db);
    expect(overdue.rows.map(({ detail }) => detail)).toMatchObject([
      { problem: 'credentialsUnread' },
    ]);
    await observe(off);
    expect(await orders()).toEqual(['entra (account) proven']);
  });

  test('of which only lists tell is gone once it holds nothing, and breaks nothing for ever', async () => {
    await bring(['lena@example.com', 'olga@example.com']);
    expect(await leftOver()).toEqual(['entitlements: 1']);
    await leave();
    expect(await orders()).toEqual(['list (account)', 'list g']);
    await bring(['olga@example.com']);
    expect(await orders()).toEqual(['list (account) proven', 'list g proven']);
    expect(await leftOver()).toEqual([]);
  });

  test('that shows only after they left is ordered to go by the read that shows it, once', async () => {
    await observe({});
    await leave();
    expect(await orders()).toEqual([]);
    await observe({ 'lena@example.com': { active: true, groups: ['g'] } });
    expect(await orders()).toEqual(['entra (account)', 'entra g']);
    await observe({});
    await observe({ 'lena@example.com': { active: true } });
    expect(await orders()).toEqual(['entra (account) proven', 'entra g proven', 'entra (account)']);
  });

  test('that is linked to them after they left is ordered to go', async () => {
    await observe({ llv: { active: true } });
    await leave();
    const { rows } = await sql<{ id: string }>`select id from account`.execute(world.database.db);
    const accountId = rows[0]?.id ?? '';
    const command = { do: 'linkAccount', id: accountId, personId: lena } as never;
    expect((await execute(world, accountFlow, command, officer)).ok).toBe(true);
    await react('AccountLinked', `account/${accountId}`);
    expect(await orders()).toEqual(['entra (account)']);
  });

  test('is left alone once they are back, and ordered to go anew when they leave again', async () => {
    await observe({ 'lena@example.com': { active: true } });
    await leave();
    await sql`update person set left_at = null, ends_on = null where id = ${lena}`.execute(
      world.database.db,
    );
    await react('EmploymentContinued', `person/${lena}`);
    expect(await orders()).toEqual(['entra (account) withdrawn']);
    await observe({ 'lena@example.com': { active: true } });
    expect(await orders()).toEqual(['entra (account) withdrawn']);
    await leave();
    expect(await orders()).toEqual(['entra (account) withdrawn', 'entra (account)']);
  });
});

describe('the list of leavers', () => {
  const listed = async (query: object = {}) => {
    const { listLeavers } = leaverRoutes;
    const answered = await listLeavers.handle(
      { db: world.database.db, now: world.now(), actor: officer, language: 'en' } as never,
      listLeavers.input.parse(query),
    );
    if ('stream' in answered || !answered.ok) throw new Error('no page');
    return listLeavers.output.parse(answered.value).items;
  };
  const onlyOne = async () => {
    const [leaver, ...others] = await listed();
    expect([leaver?.person, others]).toEqual(['Lena Leaver', []]);
    return { ...leaver, system: leaver?.systems[0] };
  };
  const at = (hours: number) =>
    Temporal.Instant.from('2026-02-02T00:00:00Z')
      .add({ hours })
      .toString({ smallestUnit: 'millisecond' });

  test('shows an account as a whole beside what it holds, step by step to its proof', async () => {
    const groups = ['g'];
    await observe({
      'lena@example.com': { active: true, groups },
      'olga@example.com': { active: true },
    });
    await leave();
    const ordered = { name: 'lena@example.com', orderedAt: at(1), carriedOutAt: null };
    expect(await onlyOne()).toMatchObject({
      ...{ state: 'open', orders: 2, carriedOut: 0, proven: 0, seconds: null },
      system: {
        name: 'Entra',
        orders: 2,
        accounts: [{ ...ordered, provenAt: null, seconds: null }],
      },
    });

    const { rows } = await sql<{ originId: string; no: number }>`
      select origin_id as "originId", no from revoke_order where entitlement_id is null`.execute(
      world.database.db,
    );
    const command = { connectionId: id(70), systemId: entra, orders: rows };
    expect(await execute(world, flows.recordCarriedOut, command, kept)).toMatchObject({ ok: true });
    const carriedOut = { ...ordered, carriedOutAt: at(2) };
    // The system is done only once everything there is; its account by itself is.
    expect(await onlyOne()).toMatchObject({
      ...{ state: 'open', orders: 2, carriedOut: 1, proven: 0 },
      system: { carriedOutAt: null, accounts: [{ ...carriedOut, provenAt: null, seconds: null }] },
    });

    world.advance({ hours: 1 });
    await observe({ 'lena@example.com': { active: true } });
    expect(await onlyOne()).toMatchObject({
      ...{ state: 'open', orders: 2, proven: 1, seconds: null },
      system: {
        ...{ provenAt: null, seconds: null },
        accounts: [{ ...carriedOut, provenAt: null, seconds: null }],
      },
    });
    expect(await listed({ state: 'proven' })).toEqual([]);

    await observe({ 'lena@example.com': { active: false } });
    expect(await onlyOne()).toMatchObject({
      ...{ state: 'proven', orders: 2, proven: 2, seconds: 10_800 },
      system: {
        provenAt: at(4),
        seconds: 10_800,
        accounts: [{ provenAt: at(4), seconds: 10_800 }],
      },
    });
  });

  test('counts an account that holds nothing, and is overdue while that is there', async () => {
    await observe({ 'lena@example.com': { active: true } });
    await leave();
    expect(await onlyOne()).toMatchObject({
      ...{ state: 'open', orders: 1 },
      system: { orders: 1, accounts: [{ name: 'lena@example.com' }] },
    });
    world.advance({ hours: 48 });
    expect(await listed({ state: 'overdue' })).toHaveLength(1);
    await observe({ 'lena@example.com': { active: false } });
    expect(await onlyOne()).toMatchObject({ state: 'proven', orders: 1, proven: 1 });
  });

  test('names the accounts of each system, those that only lists tell of too', async () => {
    await observe({ 'lena@example.com': { active: true, groups: ['g'] } });
    await bring(['lena@example.com', 'olga@example.com']);
    await leave();
    const systems = async () =>
      (await onlyOne()).systems?.map(({ name, orders, accounts }) => ({
        ...{ name, orders },
        accounts: accounts.map((account) => [account.name, account.provenAt !== null]),
      }));
    expect(await systems()).toEqual([
      { name: 'Entra', orders: 2, accounts: [['lena@example.com', false]] },
      { name: 'List', orders: 2, accounts: [['lena@example.com', false]] },
    ]);
    await bring(['olga@example.com']);
    expect(await systems()).toEqual([
      { name: 'Entra', orders: 2, accounts: [['lena@example.com', false]] },
      { name: 'List', orders: 2, accounts: [['lena@example.com', true]] },
    ]);
  });

  test('is silent of an order that was taken back, because the account is another’s', async () => {
    await observe({ 'lena@example.com': { active: true } });
    await leave();
    const { rows } = await sql<{ id: string }>`select id from account`.execute(world.database.db);
    const accountId = rows[0]?.id ?? '';
    const command = { do: 'linkAccount', id: accountId, personId: id(1) } as never;
    expect((await execute(world, accountFlow, command, officer)).ok).toBe(true);
    await react('AccountLinked', `account/${accountId}`);
    expect(await orders()).toEqual(['entra (account) withdrawn']);
    expect(await onlyOne()).toMatchObject({ state: 'proven', orders: 0, systems: [] });
  });
});
