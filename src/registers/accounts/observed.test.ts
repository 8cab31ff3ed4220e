import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { execute } from '../../platform/execute.ts';
import { actorWith, testWorld } from '../../platform/testing/world.ts';
import { type Gap, heldKey, type Observation } from '../connections/facts.connector.ts';
import { newSystem } from '../systems/facts.ts';
import { systemFlow } from '../systems/store.ts';
import { parseRead } from './facts.content.ts';
import { observedFlow } from './store.observed.ts';
import { readFlow } from './store.reads.ts';
import { openRead, stage } from './store.staging.ts';

const world = await testWorld();
const { db } = world.database;
const officer = actorWith('00000000-0000-7000-8000-000000000001', 'security-officer');
let key = '';
let systemId = '';
let n = 0;

beforeEach(async () => {
  key = `sys${n++}`;
  const system = newSystem.parse({ key, name: key });
  const done = await execute(world, systemFlow, { do: 'registerSystem', system }, officer);
  systemId = (done.ok && done.value[0]?.subject.split('/')[1]) || '';
});

const account = (id: string, name = id, more: object = {}): Observation => ({
  of: 'account',
  key: id,
  facts: {
    name,
    email: null,
    kind: 'staff',
    active: true,
    secondFactor: null,
    lastUsedAt: null,
    ...more,
  },
});
const role = (id: string, name = id, risks: never[] = []): Observation => ({
  of: 'entitlement',
  key: id,
  facts: { name, privileged: false, risks },
});
const holds = (who: string, what: string): Observation => ({
  of: 'held',
  key: heldKey(who, what),
  facts: { account: who, entitlement: what },
});
const gone = (of: 'account' | 'entitlement', id: string): Observation => ({
  of,
  key: id,
  facts: null,
});
const lost = (who: string, what: string): Observation => ({
  of: 'held',
  key: heldKey(who, what),
  facts: null,
});

async function read(
  shown: readonly Observation[],
  { changes = false, gaps = [] as Gap[], openedAt = world.now() } = {},
) {
  world.advance({ minutes: 5 });
  const id = world.newId();
  await db.transaction().execute(async (tx) => {
    const aspects = ['accounts', 'entitlements', 'held', 'secondFactors', 'signIns'];
    await openRead(tx, { id, systemId, source: 'sample', openedAt, changes, aspects });
    await stage(tx, id, shown);
  });
  const command = { do: 'recordObserved' as const, readId: id, gaps, empty: false };
  return await execute(world, observedFlow, command, { kind: 'system', id: 'connector' });
}

async function body(answer: Awaited<ReturnType<typeof read>>) {
  if (!answer.ok) throw new Error(answer.refusal.code);
  return answer.value[0]?.body;
}

async function present(): Promise<string[]> {
  const { rows } = await sql<{ pair: string }>`
    select account.name || ' ' || entitlement.name as pair from observation
    join account on account.id = account_id join entitlement on entitlement.id = entitlement_id
    where observation.system_id = ${systemId} and observation.gone_at is null order by 1`.execute(
    db,
  );
  return rows.map(({ pair }) => pair);
}

async function accounts() {
  const { rows } = await sql<Record<string, unknown>>`
    select name, active, second_factor as factor, absent_since is not null as gone from account
    where system_id = ${systemId} order by name`.execute(db);
  return rows.map(({ name, active, factor, gone: away }) => `${name} ${active} ${factor} ${away}`);
}

async function gapsTold() {
  const { rows } = await sql<{ gap: string }>`
    select aspect || ' ' || message as gap from read_gap where system_id = ${systemId}`.execute(db);
  return rows.map(({ gap }) => gap);
}

const three = [
  account('1', 'aoi'),
  account('2', 'ben'),
  role('r'),
  role('s'),
  holds('1', 'r'),
  holds('2', 'r'),
  holds('2', 's'),
];

describe('a read made of observations', () => {
  test('a whole one becomes what is known; what it no longer shows is gone', async () => {
    expect(await body(await read(three))).toMatchObject({
      pairs: 3,
      accounts: 2,
      newAccounts: 2,
      newEntitlements: 2,
      added: 3,
      gone: 0,
      complete: true,
    });
    expect(await present()).toEqual(['aoi r', 'ben r', 'ben s']);
    const fewer = await read([account('1', 'aoi'), role('r'), holds('1', 'r')]);
    expect(await body(fewer)).toMatchObject({ added: 0, gone: 2, goneAccounts: 1 });
    expect(await present()).toEqual(['aoi r']);
    expect(await accounts()).toEqual(['aoi true null false', 'ben false null true']);
    const staged = await sql<{ n: number }>`
      select (select count(*) from staged_fact) + (select count(*) from staged_held) + (select count(*) from open_read) as n`.execute(
      db,
    );
    expect(staged.rows[0]?.n).toBe(0);
  });

  test('changes are laid over what was there: brought, taken away, renamed', async () => {
    await read(three);
    const changed = await read(
      [
        account('2', 'benedict'),
        lost('2', 'r'),
        holds('1', 's'),
        account('3', 'chika'),
        holds('3', 'r'),
      ],
      { changes: true },
    );
    expect(await body(changed)).toMatchObject({ pairs: 4, added: 2, gone: 1, newAccounts: 1 });
    expect(await present()).toEqual(['aoi r', 'aoi s', 'benedict s', 'chika r']);
    await read([gone('account', '1'), gone('entitlement', 's')], { changes: true });
    expect(await present()).toEqual(['chika r']);
    expect(await accounts()).toEqual([
      'aoi false null true',
      'benedict true null false',
      'chika true null false',
    ]);
  });

  test('the last word about a key counts', async () => {
    await read(three);
    await read([lost('1', 'r'), holds('1', 'r'), holds('1', 's'), lost('1', 's')], {
      changes: true,
    });
    expect(await present()).toEqual(['aoi r', 'ben r', 'ben s']);
  });

  test('with a gap in what proves absence it is not complete, and nothing is gone', async () => {
    await read(three);
    const gaps = [{ aspect: 'held' as const, permission: 'GroupMember.Read.All', message: '403' }];
    const part = await read([account('1', 'aoi'), role('r'), role('t'), holds('1', 't')], { gaps });
    expect(await body(part)).toMatchObject({ complete: false, gone: 0, gaps: ['held'] });
    expect(await present()).toEqual(['aoi r', 'aoi t', 'ben r', 'ben s']);
    const { rows } = await sql`
      select aspect, permission from read_gap where system_id = ${systemId}`.execute(db);
    expect(rows).toEqual([{ aspect: 'held', permission: 'GroupMember.Read.All' }]);
    await read(three);
    const after = await sql`select from read_gap where system_id = ${systemId}`.execute(db);
    expect(after.rows).toHaveLength(0);
  });

  test('second factors may come apart; unread again they are unknown, never yes', async () => {
    const factor = (id: string, enrolled: boolean): Observation => ({
      of: 'secondFactor',
      key: id,
      facts: { enrolled },
    });
    await read([...three, factor('1', true), factor('2', false)]);
    expect(await accounts()).toEqual(['aoi true true false', 'ben true false false']);
    await read([factor('2', true)], { changes: true });
    expect(await accounts()).toEqual(['aoi true true false', 'ben true true false']);
    const gaps = [{ aspect: 'secondFactors' as const, permission: 'x', message: '' }];
    await read([], { changes: true, gaps });
    expect(await accounts()).toEqual(['aoi true null false', 'ben true null false']);
  });

  test('access of an account that was not shown waits for it, and is a gap until then', async () => {
    await read([role('r'), account('1', 'aoi'), holds('9', 'r'), holds('1', 'r')]);
    expect(await present()).toEqual(['aoi r']);
    expect(await gapsTold()).toEqual(['held contradicts']);
    const late = [lost('1', 'r'), holds('8', 'r')];
    const still = await body(await read(late, { changes: true }));
    expect(still).toMatchObject({ complete: true, gone: 1, dangling: 2, gaps: ['held'] });
    await read([account('9', 'late'), account('8', 'later')], { changes: true });
    expect(await present()).toEqual(['late r', 'later r']);
    const after = await sql`select from read_gap where system_id = ${systemId}`.execute(db);
    expect(after.rows).toHaveLength(0);
  });

  test.each([
    ['an account', 'account'],
    ['an entitlement', 'entitlement'],
  ] as const)('a whole one that shows access and not %s proves nothing gone', async (_what, of) => {
    await read(three);
    const without = three.filter((one) => !(one.of === of && ['2', 's'].includes(one.key)));
    const torn = await body(await read([...without, holds('2', 's')]));
    expect(torn).toMatchObject({ complete: false, gone: 0, goneAccounts: 0, gaps: ['held'] });
    expect(await gapsTold()).toEqual(['held contradicts']);
    expect(await present()).toEqual(['aoi r', 'ben r', 'ben s']);
    expect(await accounts()).toEqual(['aoi true null false', 'ben true null false']);
    const { rows } = await sql<{ complete: boolean }>`
      select complete from read where system_id = ${systemId} order by at`.execute(db);
    expect(rows.map(({ complete }) => complete)).toEqual([true, false]);
    expect(await body(await read(three))).toMatchObject({ complete: true, gaps: [] });
    expect(await gapsTold()).toEqual([]);
  });

  test('a whole one of access alone, without one account, is refused as empty', async () => {
    const answer = await read([role('r'), holds('1', 'r')]);
    expect(answer).toMatchObject({ ok: false, refusal: { code: 'emptyRead' } });
  });

  test('one that shows no access at all contradicts nothing', async () => {
    expect(await body(await read([account('1'), role('r')]))).toMatchObject({ complete: true });
  });

  test('names may be swapped, shared and borne again by another key', async () => {
    await read(three);
    await read([account('1', 'ben'), account('2', 'aoi')], { changes: true });
    expect(await present()).toEqual(['aoi r', 'aoi s', 'ben r']);
    await read([
      account('1', 'twin'),
      account('2', 'twin'),
      role('r'),
      holds('1', 'r'),
      holds('2', 'r'),
    ]);
    expect(await present()).toEqual(['twin (2) r', 'twin r']);
    await read([gone('account', '1'), account('7', 'twin'), holds('7', 'r')], { changes: true });
    expect(await present()).toEqual(['twin (2) r', 'twin r']);
  });

  test('accounts of a list without keys are recognised by their names', async () => {
    const { content } = parseRead('aoi r\nzoe r\n', 'pairs');
    const { duplicates: _, ...shown } = content;
    const list = {
      do: 'recordRead' as const,
      system: key,
      source: 'file',
      complete: true,
      empty: false,
    };
    await execute(world, readFlow, { ...list, ...shown }, officer);
    expect(await body(await read(three))).toMatchObject({
      newAccounts: 1,
      newEntitlements: 1,
      gone: 1,
    });
    expect(await present()).toEqual(['aoi r', 'ben r', 'ben s']);
  });

  test('nothing at all is refused, and so is what began before a newer read', async () => {
    const early = world.now();
    expect(await read([])).toMatchObject({ ok: false, refusal: { code: 'emptyRead' } });
    world.advance({ minutes: 1 });
    await read(three);
    expect(await read(three, { openedAt: early })).toMatchObject({
      ok: false,
      refusal: { code: 'readOvertaken' },
    });
  });

  test('credentials and settings follow the newest read', async () => {
    const secret = (id: string, active = true): Observation => ({
      of: 'credential',
      key: id,
      facts: {
        account: '1',
        kind: 'accessKey',
        name: id,
        active,
        createdAt: null,
        lastUsedAt: null,
      },
    });
    const setting: Observation = { of: 'setting', key: 'passwordPolicy', facts: { length: 14 } };
    await read([...three, secret('k1'), secret('k2'), setting]);
    await read([...three, secret('k2', false)]);
    const { rows } = await sql`
      select name, active from credential where system_id = ${systemId}`.execute(db);
    expect(rows).toEqual([{ name: 'k2', active: false }]);
    const settings = await sql`select from system_setting where system_id = ${systemId}`.execute(
      db,
    );
    expect(settings.rows).toHaveLength(0);
  });
});
