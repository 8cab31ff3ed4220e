import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePolicy } from './document.ts';
import { readTrust } from './trust.ts';

type Written = Readonly<Record<string, unknown>>;

const inside = {
  accounts: new Set(['111122223333', '444455556666']),
  read: new Set(['111122223333', '444455556666']),
  organisation: 'o-example',
};

const trusting = (Principal: unknown, more: Written = {}) => ({
  Effect: 'Allow',
  Action: 'sts:AssumeRole',
  Principal,
  ...more,
});
const read = (...statements: readonly Written[]) =>
  readTrust(parsePolicy(JSON.stringify({ Statement: statements })), inside);

const web = { Action: 'sts:AssumeRoleWithWebIdentity' };
const github = 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com';
const ofOrganisation = { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-example' } } };
const subject = (value: string) => ({
  ...web,
  Condition: { StringLike: { 'token.actions.githubusercontent.com:sub': value } },
});

describe('ACC-4: roles that can be assumed from outside', () => {
  const table: readonly (readonly [string, Written, readonly string[]])[] = [
    ['an account inside', trusting({ AWS: 'arn:aws:iam::111122223333:root' }), []],
    ['an account inside, by its id', trusting({ AWS: '444455556666' }), []],
    ['an account outside', trusting({ AWS: '999988887777' }), ['999988887777']],
    [
      'a role outside',
      trusting({ AWS: 'arn:aws:iam::999988887777:role/vendor' }),
      ['arn:aws:iam::999988887777:role/vendor'],
    ],
    [
      'an account outside, with an external id',
      trusting({ AWS: '999988887777' }, { Condition: { StringEquals: { 'sts:ExternalId': 'x' } } }),
      ['999988887777'],
    ],
    ['anybody', trusting('*'), ['*']],
    ['anybody of the organisation', trusting('*', ofOrganisation), []],
    [
      'anybody of another organisation',
      trusting('*', { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-other' } } }),
      ['*'],
    ],
    [
      'anybody whose organisation is not ours',
      trusting('*', { Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-example' } } }),
      ['*'],
    ],
    [
      'all but one',
      { Effect: 'Allow', Action: 'sts:*', NotPrincipal: { AWS: '111122223333' } },
      ['*'],
    ],
    ['a service of AWS', trusting({ Service: 'ec2.amazonaws.com' }), []],
    ['a principal that was deleted', trusting({ AWS: 'AIDAEXAMPLEEXAMPLE' }), []],
    [
      "the house's own identity provider",
      trusting(
        { Federated: 'arn:aws:iam::111122223333:saml-provider/entra' },
        { Action: 'sts:AssumeRoleWithSAML' },
      ),
      [],
    ],
    ['workflows of everybody', trusting({ Federated: github }, web), [github]],
    ['workflows of every repository', trusting({ Federated: github }, subject('repo:*')), [github]],
    [
      'workflows of one repository',
      trusting({ Federated: github }, subject('repo:example/app:*')),
      [],
    ],
    [
      'whoever has an account with a public provider',
      trusting({ Federated: 'accounts.google.com' }, web),
      ['accounts.google.com'],
    ],
    ['an action that is not about assuming', trusting('*', { Action: 'sts:TagSession' }), []],
    [
      'a pattern of actions',
      trusting({ AWS: '999988887777' }, { Action: 'sts:Assume*' }),
      ['999988887777'],
    ],
  ];
  test.each(table)('%s', (_who, statement, outside) => {
    expect(read(statement).outside).toEqual(outside);
  });

  test('a denial to everybody outside the organisation holds for all statements', () => {
    const denial = {
      Effect: 'Deny',
      Principal: '*',
      Action: 'sts:AssumeRole',
      Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-example' } },
    };
    expect(read(trusting('*'), denial).outside).toEqual([]);
    expect(read(trusting('*'), { ...denial, Action: 's3:*' }).outside).toEqual(['*']);
  });

  test('users and accounts inside are told apart', () => {
    const user = 'arn:aws:iam::111122223333:user/alice';
    expect(read(trusting({ AWS: [user, '444455556666'] }))).toEqual({
      outside: [],
      users: [user],
      accounts: ['444455556666'],
    });
  });

  test('an account is outside exactly where the organisation does not know it', () => {
    const id = fc.stringMatching(/^\d{12}$/);
    fc.assert(
      fc.property(id, fc.boolean(), (account, byArn) => {
        const principal = byArn ? `arn:aws:iam::${account}:root` : account;
        const known = inside.accounts.has(account);
        expect(read(trusting({ AWS: principal })).outside).toEqual(known ? [] : [principal]);
      }),
    );
  });

  test('a statement more never makes an outsider disappear, unless it denies', () => {
    const principal = fc.constantFrom(
      '*',
      '999988887777',
      '111122223333',
      'arn:aws:iam::111122223333:user/a',
    );
    const statement = fc.record({ AWS: principal, confined: fc.boolean() });
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1 }), statement, (list, one) => {
        const written = (it: { AWS: string; confined: boolean }) =>
          trusting({ AWS: it.AWS }, it.confined ? ofOrganisation : {});
        const before = new Set(read(...list.map(written)).outside);
        const after = new Set(read(...list.map(written), written(one)).outside);
        expect(after).toEqual(after.union(before));
      }),
    );
  });
});
