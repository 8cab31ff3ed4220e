import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Check } from '../../policy/check.ts';
import { everyAccountHasASecondFactor } from './checks.factors.ts';
import {
  account,
  ada,
  awsSystem,
  begin,
  bo,
  credential,
  db,
  entraSystem,
  examined,
  found,
  hold,
  lack,
  listedSystem,
  nextId,
  now,
  prepare,
  setting,
  unread,
} from './checks.fixture.ts';
import { passwordPoliciesAreStrong } from './checks.passwords.ts';
import {
  accessIsGivenByRole,
  entitlementsAllowNoMoreThanNeeded,
  everyGrantIsNamed,
  keysAreYoungAndUsed,
  rootUsersRest,
} from './checks.privilege.ts';

beforeAll(begin);
beforeEach(prepare);

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
      values (${nextId()}, ${listedSystem}, ${now}, 'list', true, 0, 0, 0, '')`.execute(db());
      expect(await unread(check)).toEqual([]);
      await lack(awsSystem, aspect, permission);
      expect(await unread(check)).toEqual([`AWS · ${permission}`]);
    },
  );
});

describe('ACC-2: password policies', () => {
  const iamUser = 'arn:aws:iam::111122223333:user/a';

  test('of AWS accounts whose users have passwords are long', async () => {
    await setting(awsSystem, 'passwordPolicy/111122223333', {
      account: '111122223333',
      minimumLength: 8,
    });
    await setting(awsSystem, 'passwordPolicy/444455556666', {
      account: '444455556666',
      minimumLength: 8,
    });
    await setting(awsSystem, 'passwordPolicy/777788889999', {
      account: '777788889999',
      minimumLength: 14,
    });
    for (const user of [iamUser, 'arn:aws:iam::777788889999:user/b']) {
      await credential(await account(user), 'password', {
        kind: 'password',
        key: `${user}/password`,
      });
    }
    expect(await examined(passwordPoliciesAreStrong)).toBe(3);
    expect(await found(passwordPoliciesAreStrong)).toEqual([
      'AWS · 111122223333: passwords of 8 characters are enough',
    ]);
  });

  test('are judged even where nobody may say who has a password', async () => {
    await setting(awsSystem, 'passwordPolicy/111122223333', {
      account: '111122223333',
      minimumLength: 8,
    });
    expect(await found(passwordPoliciesAreStrong)).toEqual([]);
    await lack(awsSystem, 'credentials', 'iam:ListAccessKeys');
    expect(await found(passwordPoliciesAreStrong)).toHaveLength(1);
  });

  test.each([
    [{ minimumLength: 8 }, 'passwords of 8 characters are enough'],
    [{ minimumLength: 8, knownPasswordsRefused: true }, null],
    [{ minimumLength: 7, knownPasswordsRefused: true }, 'passwords of 7 characters are enough'],
    [{ maximumAgeDays: 90 }, 'nothing is said of how long a password must be'],
    [{ domains: [{ id: 'example.com', isVerified: true, authenticationType: 'Managed' }] }, null],
    [
      { domains: [{ id: 'example.com', isVerified: true, authenticationType: 'Federated' }] },
      'a federated domain keeps its passwords elsewhere, where they are not read',
    ],
  ])('of a whole system: %j', async (value, why) => {
    await setting(entraSystem, 'passwordPolicy', value);
    expect(await found(passwordPoliciesAreStrong)).toEqual(why === null ? [] : [`Entra: ${why}`]);
  });
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
    await hold(listed, nextId(), listedSystem);
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
