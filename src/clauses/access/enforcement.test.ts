import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { signInsAskForASecondFactor as check } from './checks.enforcement.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const tenant = id(1);
let world: TestWorld;
const db = () => world.database.db;

/** As Microsoft Graph shows a policy that asks everybody, always and everywhere. */
function policy(change: { users?: object; applications?: object; conditions?: object } = {}) {
  return {
    displayName: 'MFA',
    state: 'enabled',
    conditions: {
      userRiskLevels: [],
      signInRiskLevels: [],
      servicePrincipalRiskLevels: [],
      clientAppTypes: ['all'],
      platforms: null,
      locations: null,
      devices: null,
      insiderRiskLevels: null,
      applications: {
        includeApplications: ['All'],
        excludeApplications: [],
        includeUserActions: [],
        applicationFilter: null,
        ...change.applications,
      },
      users: {
        includeUsers: ['All'],
        excludeUsers: [],
        excludeGroups: [],
        excludeRoles: [],
        excludeGuestsOrExternalUsers: null,
        ...change.users,
      },
      ...change.conditions,
    },
    grantControls: granting({ builtInControls: ['mfa'] }),
  };
}

const granting = (change: object) => ({
  operator: 'OR',
  builtInControls: [],
  customAuthenticationFactors: [],
  termsOfUse: [],
  authenticationStrength: null,
  ...change,
});

beforeAll(async () => {
  world = await testWorld();
  await sql`insert into system (id, key, name) values (${tenant}, 'entra', 'Entra')`.execute(db());
  await sql`
    insert into connection (id, system_id, kind, settings, secret, secret_at, every_hours, created_at)
    values (${id(2)}, ${tenant}, 'entra', '{}', '', ${world.now()}, 24, ${world.now()})`.execute(
    db(),
  );
  await sql`
    insert into account (id, system_id, name, source_key, kind) values
      (${id(3)}, ${tenant}, 'bo@example.com', 'u1', 'staff'),
      (${id(4)}, ${tenant}, 'emergency@example.com', 'u2', 'break-glass')`.execute(db());
  await sql`
    insert into entitlement (id, system_id, name, source_key) values (${id(5)}, ${tenant}, 'group/Old', 'g1')`.execute(
    db(),
  );
});

beforeEach(async () => {
  await sql`delete from system_setting`.execute(db());
  await sql`delete from read_gap`.execute(db());
  await sql`update connection set removed_at = null`.execute(db());
});

async function setting(name: string, value: object): Promise<void> {
  await sql`
    insert into system_setting (system_id, name, value, at)
    values (${tenant}, ${name}, ${JSON.stringify(value)}::jsonb, ${world.now()})`.execute(db());
}

async function lack(aspect: string): Promise<void> {
  await sql`
    insert into read_gap (system_id, aspect, permission, message, at)
    values (${tenant}, ${aspect}, 'Policy.Read.All', 'refused', ${world.now()})`.execute(db());
}

const read = async (policies: readonly object[], enabled = false) => {
  await setting('conditionalAccess', { policies });
  await setting('securityDefaults', { enabled });
};

/** What the engine would say: reasons where there are any, else what was never read, else kept. */
async function answer(): Promise<string> {
  const { rows } = await sql<{ detail: { why: string; whyJa: string } }>`
    select detail from (${check.violations(world.now(), 'UTC')}) found`.execute(db());
  if (rows.length > 0) return rows.map(({ detail }) => detail.why).join('; ');
  const sources = (await check.sources?.(db(), world.now())) ?? [];
  const missing = sources.filter(({ readAt }) => readAt === null).map(({ name }) => name);
  return missing.length > 0 ? `unknown: ${missing.join(', ')}` : `kept by ${sources.length}`;
}

describe('ACC-3: a second factor is asked for', () => {
  test('by one policy for everybody, or by security defaults', async () => {
    await read([policy()]);
    expect(await answer()).toBe('kept by 1');
    const { rows } = await check.population(world.now(), 'UTC').execute(db());
    expect(rows).toEqual([{ examined: 1 }]);
  });

  test.each([
    ['an authentication strength', { authenticationStrength: { requirementsSatisfied: 'mfa' } }],
    ['all of its controls', { operator: 'AND', builtInControls: ['mfa', 'compliantDevice'] }],
  ])('by %s', async (_what, controls) => {
    await read([{ ...policy(), grantControls: granting(controls) }]);
    expect(await answer()).toBe('kept by 1');
  });

  test.each([
    ['a device in place of it', { builtInControls: ['mfa', 'compliantDevice'] }],
    ['terms in place of it', { builtInControls: ['mfa'], termsOfUse: ['t1'] }],
    ['a strength of one factor', { authenticationStrength: { requirementsSatisfied: 'none' } }],
    ['another control', { builtInControls: ['block'] }],
  ])('not by %s', async (_what, controls) => {
    await read([{ ...policy(), grantControls: granting(controls) }]);
    expect(await answer()).toMatch(/^neither a conditional access policy nor security defaults/);
  });

  test.each([
    ['only reports', { ...policy(), state: 'enabledForReportingButNotEnforced' }],
    ['asks some users only', policy({ users: { includeUsers: ['u1'] } })],
    ['for some applications only', policy({ applications: { includeApplications: ['a1'] } })],
    ['for some applications only', policy({ applications: { applicationFilter: { rule: 'x' } } })],
    ['under conditions only', policy({ conditions: { signInRiskLevels: ['high'] } })],
    ['under conditions only', policy({ conditions: { clientAppTypes: ['browser'] } })],
    [
      'under conditions only',
      policy({
        conditions: { locations: { includeLocations: ['All'], excludeLocations: ['AllTrusted'] } },
      }),
    ],
    ['under conditions only', policy({ conditions: { notKnownYet: { only: ['some'] } } })],
  ])('not by one that %s', async (said, narrow) => {
    await read([narrow]);
    const why = await answer();
    expect(why).toContain('“MFA”');
    expect(why).toContain(said);
  });

  test.each(['disabled', 'somethingNew'])('not by one that is %s', async (state) => {
    await read([{ ...policy(), state }]);
    expect(await answer()).toMatch(/^neither/);
  });

  test('who and what is left out is named, but for accounts for emergencies', async () => {
    await read([policy({ users: { excludeUsers: ['u2'] } })]);
    expect(await answer()).toBe('kept by 1');
    const users = {
      excludeUsers: ['u1', 'u2', 'u9'],
      excludeGroups: ['g1', 'g2'],
      excludeRoles: ['r1'],
      excludeGuestsOrExternalUsers: { guestOrExternalUserTypes: 'serviceProvider' },
    };
    await sql`delete from system_setting`.execute(db());
    await read([policy({ users, applications: { excludeApplications: ['a1'] } })]);
    const why = await answer();
    expect(why).toMatch(/^the conditional access policy “MFA” asks .* leaves out /);
    expect(new Set(why.split(' leaves out ')[1]?.split(', '))).toEqual(
      new Set([
        'bo@example.com',
        'u9',
        'group/Old',
        'group/g2',
        'role/r1',
        'GuestsOrExternalUsers',
        'application/a1',
      ]),
    );
  });

  test('the nearest to what is needed gives the reason; one that suffices is enough', async () => {
    const some = policy({ users: { includeUsers: ['u1'] } });
    const but = { ...policy({ users: { excludeGroups: ['g1'] } }), displayName: 'Nearly' };
    await read([some, but]);
    expect(await answer()).toContain('“Nearly”');
    await sql`delete from system_setting`.execute(db());
    await read([some, but, policy()]);
    expect(await answer()).toBe('kept by 1');
  });
});

describe('ACC-3: where a tenant cannot be read', () => {
  test('nothing read yet is unknown', async () => {
    expect(await answer()).toBe('unknown: Entra · conditionalAccess, Entra · securityDefaults');
  });

  test('either suffices where it asks for a second factor, however little the other shows', async () => {
    await read([policy()], true);
    await lack('conditionalAccess');
    expect(await answer()).toBe('kept by 1');
    await sql`delete from system_setting`.execute(db());
    await sql`delete from read_gap`.execute(db());
    await read([policy()]);
    await lack('securityDefaults');
    expect(await answer()).toBe('kept by 1');
  });

  test('where the one asks for none and the other is not seen, the permission is named', async () => {
    await read([]);
    await lack('securityDefaults');
    expect(await answer()).toBe('unknown: Entra · Policy.Read.All');
    await sql`delete from read_gap`.execute(db());
    await lack('conditionalAccess');
    expect(await answer()).toBe('unknown: Entra · Policy.Read.All');
  });

  test('what an older reading showed counts no more', async () => {
    await read([policy()], true);
    await lack('conditionalAccess');
    await lack('securityDefaults');
    expect(await answer()).toBe('unknown: Entra · Policy.Read.All, Entra · Policy.Read.All');
  });

  test('a tenant that is not connected is not judged', async () => {
    await sql`update connection set removed_at = ${world.now()}`.execute(db());
    await read([]);
    expect(await answer()).toBe('kept by 0');
  });
});
