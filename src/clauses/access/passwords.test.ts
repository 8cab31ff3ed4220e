import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import { minCharacters, passwordFault } from '../../platform/identity/password.ts';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { passwordPoliciesAreStrong as check } from './checks.passwords.ts';

const person = { name: 'Ada Example', email: 'ada@example.com', organisation: 'Example' };

describe('ACC-2: localPasswordsAreStrong', () => {
  test.each([
    ['short', 'x7#Lq9', 'passwordTooShort'],
    ['of what everybody tries first', 'password2026!!', 'passwordGuessable'],
    ['of what one knows of its owner', 'ada.example.2026', 'passwordGuessable'],
    ['long, and of nobody', 'quiet-harbour-lantern', null],
  ])('a password that is %s', (_what, password, fault) => {
    expect(passwordFault(password, person)).toBe(fault);
  });

  test('no less than what is asked of other systems that refuse known passwords', () => {
    expect(minCharacters).toBeGreaterThanOrEqual(8);
  });
});

describe('ACC-2: password policies of systems', () => {
  const system = '01900000-0000-7000-8000-000000000001';
  let world: TestWorld;
  const db = () => world.database.db;

  beforeAll(async () => {
    world = await testWorld();
    await sql`insert into system (id, key, name) values (${system}, 'aws', 'AWS')`.execute(db());
  });

  /** What is found where a system says this of its passwords. */
  async function found(
    ...settings: readonly (readonly [string, object])[]
  ): Promise<readonly string[]> {
    await sql`delete from system_setting`.execute(db());
    for (const [name, value] of settings) {
      await sql`
        insert into system_setting (system_id, name, value, at)
        values (${system}, ${name}, ${JSON.stringify(value)}::jsonb, ${world.now()})`.execute(db());
    }
    const { rows } = await sql<{ label: string; detail: { why: string } }>`
      select label, detail from (${check.violations(world.now(), 'UTC')}) found order by 1`.execute(
      db(),
    );
    const { rows: counted } = await check.population(world.now(), 'UTC').execute(db());
    const rules = settings.filter(([name]) => name.startsWith('passwordPolicy'));
    expect(counted[0]?.examined).toBe(rules.length);
    return rows.map(({ label, detail }) => `${label}: ${detail.why}`);
  }

  const domains = (authenticationType: string) => [
    { id: 'example.com', isVerified: true, authenticationType },
  ];
  test.each([
    [{ minimumLength: 14 }, null],
    [{ minimumLength: 8 }, 'passwords of 8 characters are enough'],
    [{ minimumLength: 8, knownPasswordsRefused: true }, null],
    [{ minimumLength: 7, knownPasswordsRefused: true }, 'passwords of 7 characters are enough'],
    [{ maximumAgeDays: 90 }, 'nothing is said of how long a password must be'],
    [{ domains: domains('Managed') }, null],
    [
      { domains: domains('Federated') },
      'a federated domain keeps its passwords elsewhere, where they are not read',
    ],
  ])('%j', async (value, why) => {
    expect(await found(['passwordPolicy', value])).toEqual(why === null ? [] : [`AWS: ${why}`]);
  });

  test('users whom the provider lets have weak passwords are named', async () => {
    const weak = (account: string) => [`weakPassword/${account}`, { account }] as const;
    await sql`
      insert into account (id, system_id, name, source_key, active) values
        ('01900000-0000-7000-8000-000000000011', ${system}, 'ada@example.com', 'u1', true),
        ('01900000-0000-7000-8000-000000000012', ${system}, 'bo@example.com', 'u2', false)`.execute(
      db(),
    );
    const why =
      "may have a weak password: DisableStrongPassword takes the account out of the provider's rule";
    const rule = ['passwordPolicy', { domains: domains('Managed') }] as const;
    expect(await found(rule, weak('u1'), weak('u2'), weak('u3'))).toEqual([
      `AWS · ada@example.com: ${why}`,
    ]);
  });

  test('count for accounts of AWS whose users have passwords, or may have', async () => {
    const policies = ['111122223333', '444455556666'].map(
      (account) => [`passwordPolicy/${account}`, { account, minimumLength: 8 }] as const,
    );
    expect(await found(...policies)).toEqual([]);
    const [user, id] = ['arn:aws:iam::111122223333:user/a', '01900000-0000-7000-8000-000000000002'];
    await sql`insert into account (id, system_id, name) values (${id}, ${system}, ${user})`.execute(
      db(),
    );
    await sql`
      insert into credential (id, system_id, account_id, key, kind, name, active)
      values (${id}, ${system}, ${id}, ${`${user}/password`}, 'password', 'password', true)`.execute(
      db(),
    );
    expect(await found(...policies)).toEqual([
      'AWS · 111122223333: passwords of 8 characters are enough',
    ]);
    await sql`
      insert into read_gap (system_id, aspect, permission, message, at)
      values (${system}, 'credentials', 'iam:ListAccessKeys', 'refused', ${world.now()})`.execute(
      db(),
    );
    expect(await found(...policies)).toHaveLength(2);
  });
});
