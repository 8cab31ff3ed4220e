import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  account,
  ada,
  awsSystem,
  begin,
  credential,
  daysAgo,
  db,
  entitlement,
  examined,
  found,
  hold,
  lack,
  listedSystem,
  nextId,
  now,
  prepare,
  setting,
  zone,
} from './checks.fixture.ts';
import {
  accessIsGivenByRole,
  entitlementsAllowNoMoreThanNeeded,
  everyGrantIsNamed,
  keysAreYoungAndUsed,
  rootUsersRest,
} from './checks.privilege.ts';

beforeAll(begin);
beforeEach(prepare);

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
        values (${nextId()}, ${holder}, ${nextId()}, ${system}, ${purpose}, ${approver}, ${now}, ${endsOn}::date)`.execute(
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
