import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import type { Check } from '../../policy/check.ts';
import { everyAccountHasASecondFactor } from './checks.factors.ts';
import { passwordPoliciesAreStrong } from './checks.passwords.ts';
import {
  accessIsGivenByRole,
  entitlementsAllowNoMoreThanNeeded,
  everyGrantIsNamed,
  keysAreYoungAndUsed,
  rootUsersRest,
} from './checks.privilege.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const [entraSystem, awsSystem, listedSystem] = [id(1), id(2), id(3)];
const [ada, bo] = [id(11), id(12)];
const zone = 'Asia/Tokyo';
const now = Temporal.Instant.from('2026-11-23T09:00:00Z');
const daysAgo = (days: number) => now.subtract({ hours: 24 * days });

let world: TestWorld;
let serial = 100;
const db = () => world.database.db;

/** Everything that a test here writes, in the order in which it can go. */
const tables = [
  'credential',
  'system_setting',
  'aspect_read',
  'read_gap',
  'connection',
  'access_grant',
  'observation',
  'account',
  'entitlement',
  'read',
  'system',
  'person',
];

beforeAll(async () => {
  world = await testWorld({ start: now.toString() });
});

beforeEach(async () => {
  for (const table of tables) await sql`delete from ${sql.ref(table)}`.execute(db());
  await sql`insert into person (id, name, roles) values (${ada}, 'Ada', '{employee}'), (${bo}, 'Bo', '{employee}')`.execute(
    db(),
  );
  await sql`
    insert into system (id, key, name, single_sign_on) values (${entraSystem}, 'entra', 'Entra', false),
      (${awsSystem}, 'aws', 'AWS', null), (${listedSystem}, 'erp', 'ERP', null)`.execute(db());
  for (const [system, kind] of [
    [entraSystem, 'entra'],
    [awsSystem, 'aws'],
  ] as const) {
    await sql`
      insert into connection (id, system_id, kind, settings, secret, secret_at, every_hours, created_at)
      values (${id(serial++)}, ${system}, ${kind}, '{}', '', ${now}, 24, ${now})`.execute(db());
  }
  await readAspects(entraSystem, 'accounts', 'secondFactors', 'passwordPolicy');
  await readAspects(
    awsSystem,
    'accounts',
    'entitlements',
    'held',
    'secondFactors',
    'signIns',
    'credentials',
    'passwordPolicy',
    'root',
    'lastAccessed',
    'trust',
    'risks',
  );
});

async function readAspects(system: string, ...aspects: readonly string[]): Promise<void> {
  await sql`
    insert into aspect_read (system_id, aspect, at)
    select ${system}, aspect, ${daysAgo(0)} from unnest(${aspects}::text[]) aspect`.execute(db());
}

async function lack(system: string, aspect: string, permission: string): Promise<void> {
  await sql`
    insert into read_gap (system_id, aspect, permission, message, at)
    values (${system}, ${aspect}, ${permission}, 'refused', ${now})`.execute(db());
}

interface Account {
  readonly system?: string;
  readonly person?: string | null;
  readonly kind?: string;
  readonly active?: boolean;
  readonly factor?: boolean | null;
}

async function account(name: string, facts: Account = {}): Promise<string> {
  const { system = awsSystem, person = null, kind = 'staff', active = true, factor = true } = facts;
  const accountId = id(serial++);
  const key = system === listedSystem ? null : name;
  await sql`
    insert into account (id, system_id, name, person_id, kind, source_key, active, second_factor)
    values (${accountId}, ${system}, ${name}, ${person}, ${kind}, ${key}, ${active}, ${factor})`.execute(
    db(),
  );
  return accountId;
}

async function entitlement(name: string, ...risks: readonly string[]): Promise<string> {
  const entitlementId = id(serial++);
  await sql`
    insert into entitlement (id, system_id, name, source_key, risks)
    values (${entitlementId}, ${awsSystem}, ${name}, ${name}, ${risks}::text[])`.execute(db());
  return entitlementId;
}

async function hold(accountId: string, entitlementId: string, system = awsSystem): Promise<void> {
  await sql`
    insert into observation (account_id, entitlement_id, system_id, first_seen_at)
    values (${accountId}, ${entitlementId}, ${system}, ${now})`.execute(db());
}

async function setting(system: string, name: string, value: object): Promise<void> {
  await sql`
    insert into system_setting (system_id, name, value, at)
    values (${system}, ${name}, ${JSON.stringify(value)}::jsonb, ${now})`.execute(db());
}

interface Credential {
  readonly kind?: string;
  readonly key?: string;
  readonly made?: number | null;
  readonly used?: number | null;
  readonly active?: boolean;
}

async function credential(accountId: string, name: string, facts: Credential = {}): Promise<void> {
  const { kind = 'accessKey', key = name, made = 10, used = null, active = true } = facts;
  const at = (days: number | null) => (days === null ? null : daysAgo(days));
  await sql`
    insert into credential (id, system_id, account_id, key, kind, name, active, created_at, last_used_at)
    values (${id(serial++)}, ${awsSystem}, ${accountId}, ${key}, ${kind}, ${name}, ${active}, ${at(made)}, ${at(used)})`.execute(
    db(),
  );
}

/** As the engine asks: what is examined stands before what is asked of it. */
const itemsOf = (check: Check) =>
  check.items ? sql`with item as (${check.items(now, zone)})` : sql``;

/** What a check finds, as `label: reason`. */
async function found(check: Check): Promise<readonly string[]> {
  const { rows } = await sql<{
    label: string;
    detail: { why?: string; names?: string; missing?: string };
  }>`
    ${itemsOf(check)} select label, detail from (${check.violations(now, zone)}) found order by label collate "C"`.execute(
    db(),
  );
  return rows.map(
    ({ label, detail }) => `${label}: ${detail.why ?? detail.names ?? detail.missing}`,
  );
}

async function examined(check: Check): Promise<number> {
  const { rows } = await sql<{ examined: number }>`
    ${itemsOf(check)} ${check.population(now, zone)}`.execute(db());
  return rows[0]?.examined ?? -1;
}

/** Names of sources that were never read: what makes the answer unknown. */
async function unread(check: Check): Promise<readonly string[]> {
  const sources = (await check.sources?.(db(), now)) ?? [];
  expect(sources).not.toEqual([]);
  return sources.filter(({ readAt }) => readAt === null).map(({ name }) => name);
}

const all: readonly Check[] = [
  passwordPoliciesAreStrong,
  everyAccountHasASecondFactor,
  entitlementsAllowNoMoreThanNeeded,
  accessIsGivenByRole,
  keysAreYoungAndUsed,
  rootUsersRest,
  everyGrantIsNamed,
];

describe('ACC-2, ACC-3, ACC-4: checks of facts from outside', () => {
  test.each(all.map((check) => [check.id, check] as const))(
    '%s is unknown where nothing is connected',
    async (_id, check) => {
      await sql`update connection set removed_at = ${now}`.execute(db());
      await sql`delete from aspect_read`.execute(db());
      expect((await unread(check)).length).toBeGreaterThan(0);
      expect(await found(check)).toEqual([]);
    },
  );

  test.each(all.map((check) => [check.id, check] as const))(
    '%s is unknown while a connection has read nothing',
    async (_id, check) => {
      await sql`delete from aspect_read`.execute(db());
      expect((await unread(check)).some((name) => /^(AWS|Entra) · /.test(name))).toBe(true);
    },
  );

  test.each([
    [passwordPoliciesAreStrong, 'passwordPolicy', 'iam:GetAccountPasswordPolicy'],
    [everyAccountHasASecondFactor, 'secondFactors', 'iam:ListMFADevices'],
    [entitlementsAllowNoMoreThanNeeded, 'lastAccessed', 'iam:GenerateServiceLastAccessedDetails'],
    [entitlementsAllowNoMoreThanNeeded, 'trust', 'organizations:ListAccounts'],
    [accessIsGivenByRole, 'held', 'sts:AssumeRole'],
    [keysAreYoungAndUsed, 'credentials', 'iam:ListAccessKeys'],
    [rootUsersRest, 'root', 'iam:GetAccountSummary'],
  ] as const)(
    '$id names the permission that is missing for %s: %s',
    async (check, aspect, permission) => {
      await sql`insert into read (id, system_id, at, source, complete, pairs, added, gone, digest)
      values (${id(serial++)}, ${listedSystem}, ${now}, 'list', true, 0, 0, 0, '')`.execute(db());
      expect(await unread(check)).toEqual([]);
      await lack(awsSystem, aspect, permission);
      expect(await unread(check)).toEqual([`AWS · ${permission}`]);
    },
  );
});

describe('ACC-3: second factors', () => {
  const check = everyAccountHasASecondFactor;

  test('not known is not enrolled; machines need none; emergencies are named', async () => {
    await account('a', { factor: true });
    await account('b', { factor: false });
    await account('c', { factor: null });
    await account('robot', { kind: 'service', factor: null });
    await account('root', { kind: 'break-glass', factor: false });
    await account('left', { active: false, factor: null });
    expect(await examined(check)).toBe(4);
    expect(await found(check)).toEqual([
      'AWS · b: has no second factor',
      'AWS · c: is not known to have a second factor, which counts as none',
      'AWS · root: has no second factor (an account for emergencies)',
    ]);
  });

  test('that the newest read could not see are unknown, not missing', async () => {
    await account('c', { factor: null });
    await lack(awsSystem, 'secondFactors', 'iam:ListMFADevices');
    expect(await found(check)).toEqual([]);
    expect(await unread(check)).toContain('AWS · iam:ListMFADevices');
  });

  test('by single sign-on are those of the identity provider, of the same person', async () => {
    await sql`update system set single_sign_on = true where id = ${awsSystem}`.execute(db());
    await account('ada', { system: entraSystem, person: ada, factor: true });
    await account('bo', { system: entraSystem, person: bo, factor: false });
    await account('ada@aws', { person: ada, factor: null });
    await account('bo@aws', { person: bo, factor: null });
    await account('who@aws', { factor: null });
    const own = await account('own@aws', { person: ada, factor: null });
    await credential(own, 'password', { kind: 'password' });
    expect(await found(check)).toEqual([
      'AWS · bo@aws: has no second factor at the identity provider, by which it is entered',
      'AWS · own@aws: is not known to have a second factor, which counts as none',
      "AWS · who@aws: is nobody's, so that no second factor at the identity provider speaks for it",
      'Entra · bo: has no second factor',
    ]);
    await lack(entraSystem, 'secondFactors', 'AuditLog.Read.All');
    expect(await found(check)).not.toContainEqual(expect.stringContaining('bo@aws'));
    expect(await unread(check)).toContain('Entra · AuditLog.Read.All');
  });

  test('of systems known by lists: what the register says of how one enters, else none', async () => {
    const listed = await account('ada', { system: listedSystem, person: ada, factor: null });
    expect(await found(check)).toEqual([]);
    await hold(listed, id(serial++), listedSystem);
    expect(await found(check)).toEqual([
      'ERP · ada: is not known to have a second factor, which counts as none',
    ]);
    await sql`update system set second_factor = true where id = ${listedSystem}`.execute(db());
    expect(await found(check)).toEqual([]);
    await sql`update system set second_factor = true where id = ${awsSystem}`.execute(db());
    await account('c', { factor: null });
    expect(await found(check)).toEqual([
      'AWS · c: is not known to have a second factor, which counts as none',
    ]);
  });
});

describe('ACC-4: least privilege', () => {
  test('every risk of an entitlement is a reason, and what is gone has none', async () => {
    await entitlement('role/admin', 'administrator', 'wildcardAction', 'wildcardResource');
    await entitlement('role/vendor', 'externalTrust', 'unusedServices');
    await entitlement('policy/own', 'direct');
    await entitlement('role/good');
    const gone = await entitlement('role/gone', 'administrator');
    await sql`update entitlement set absent_since = ${now} where id = ${gone}`.execute(db());
    expect(await examined(entitlementsAllowNoMoreThanNeeded)).toBe(4);
    expect(await found(entitlementsAllowNoMoreThanNeeded)).toEqual([
      'AWS · role/admin: allows everything; allows all actions of a service; changes all resources of a kind',
      'AWS · role/vendor: can be assumed from outside the organisation; allows services not used for 90 days',
    ]);
  });

  test('policies given directly are found with whoever holds them now', async () => {
    const [one, two] = [
      await entitlement('policy/a', 'direct'),
      await entitlement('policy/b', 'direct'),
    ];
    const [holder, other] = [await account('holder'), await account('other')];
    await hold(holder, one);
    await hold(holder, two);
    await hold(other, one);
    await sql`update observation set gone_at = ${now} where account_id = ${other}`.execute(db());
    expect(await found(accessIsGivenByRole)).toEqual(['AWS · holder: policy/a, policy/b']);
    expect(await examined(accessIsGivenByRole)).toBe(2);
  });

  test('keys are old after 90 days, and what nobody used for as long is found', async () => {
    const holder = await account('a');
    await credential(holder, 'K1', { made: 91, used: 1 });
    await credential(holder, 'K2', { made: 89, used: 1 });
    await credential(holder, 'K3', { made: 91, used: null });
    await credential(holder, 'K4', { made: 400, active: false });
    await credential(holder, 'password', { kind: 'password', made: 400, used: 100 });
    await credential(holder, 'unknown', { kind: 'password', made: null });
    expect(await examined(keysAreYoungAndUsed)).toBe(5);
    expect(await found(keysAreYoungAndUsed)).toEqual([
      'AWS · a · K1: an access key made on 2026-08-24',
      'AWS · a · K3: an access key made on 2026-08-24; never used since 2026-08-24',
      'AWS · a · password: not used since 2026-08-15',
    ]);
    expect((await keysAreYoungAndUsed.nextChange?.(db(), now, zone))?.toString()).toBe(
      daysAgo(-1).toString(),
    );
  });

  test('nothing counts as unused where uses could not be read', async () => {
    await credential(await account('a'), 'password', { kind: 'password', made: 400 });
    expect(await found(keysAreYoungAndUsed)).toHaveLength(1);
    await lack(awsSystem, 'signIns', 'iam:GetCredentialReport');
    expect(await found(keysAreYoungAndUsed)).toEqual([]);
  });

  test('root users rest', async () => {
    for (const [name, days, accessKeys] of [
      ['one', 91, 0],
      ['two', 3, 0],
      ['three', null, 1],
    ] as const) {
      await account(name, { kind: 'break-glass' });
      const lastUsedAt = days === null ? null : daysAgo(days).toString();
      await setting(awsSystem, `root/${name}`, { account: name, lastUsedAt, accessKeys });
    }
    expect(await examined(rootUsersRest)).toBe(3);
    expect(await found(rootUsersRest)).toEqual([
      'AWS · three: has access keys',
      'AWS · two: used on 2026-11-20',
    ]);
    expect((await rootUsersRest.nextChange?.(db(), now, zone))?.toString()).toBe(
      daysAgo(-87).toString(),
    );
  });

  test('grants of access to AWS name purpose, approver and end', async () => {
    const grant = async (
      name: string,
      purpose: string,
      approver: string | null,
      endsOn: string | null,
      system = awsSystem,
    ) => {
      const holder = await account(name, { system });
      await sql`
        insert into access_grant (id, account_id, entitlement_id, system_id, purpose, approver_id, granted_at, ends_on)
        values (${id(serial++)}, ${holder}, ${id(serial++)}, ${system}, ${purpose}, ${approver}, ${now}, ${endsOn}::date)`.execute(
        db(),
      );
    };
    await grant('good', 'to deploy', ada, '2027-01-01');
    await grant('bad', '', null, null);
    await grant('endless', 'to deploy', ada, null);
    await grant('over', '', null, '2026-11-01');
    await grant('elsewhere', '', null, null, listedSystem);
    expect(await examined(everyGrantIsNamed)).toBe(3);
    expect(await found(everyGrantIsNamed)).toEqual([
      'AWS · bad: a purpose, an approver, an end',
      'AWS · endless: an end',
    ]);
  });
});
