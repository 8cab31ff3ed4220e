import { describe, expect, test } from 'vitest';
import type { Json } from '../../kernel/json.ts';
import {
  ChangesLost,
  type Gap,
  type Observation,
  type Stretch,
} from '../../registers/connections/facts.connector.ts';
import { aws } from './connector.ts';
import { type Answers, denied, FakeError, fakeAws, linkTo } from './fake.ts';
import type { AwsLink } from './session.ts';

const home = '111122223333';
const other = '444455556666';

async function stretchesOf(link: AwsLink, resume: Json | null = null): Promise<readonly Stretch[]> {
  const stretches: Stretch[] = [];
  for await (const stretch of aws.read(link, { read: 'whole', resume })) stretches.push(stretch);
  return stretches;
}

async function readOf(answers: Answers, settings: object = {}) {
  const fake = fakeAws(answers);
  const link = linkTo(fake, settings);
  const stretches = await stretchesOf(link);
  const observations = stretches.flatMap((stretch) => stretch.observations);
  const gaps = stretches.flatMap((stretch) => stretch.gaps ?? []);
  return { fake, link, stretches, observations, gaps };
}

type FactsOf<Of extends Observation['of']> = NonNullable<Extract<Observation, { of: Of }>['facts']>;

function factsOf<Of extends Observation['of']>(observations: readonly Observation[], of: Of) {
  return observations.flatMap((one) =>
    one.of === of && one.facts ? [one.facts as FactsOf<Of>] : [],
  );
}

const missing = (gaps: readonly Gap[]) =>
  gaps.map(({ aspect, permission }) => `${aspect}: ${permission}`);

const header =
  'user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date';
const reportOf = (...rows: readonly string[]) =>
  Buffer.from([header, ...rows].join('\n')).toString('base64');
const rootRow = `<root_account>,arn:aws:iam::${home}:root,2020-01-01T00:00:00+00:00,not_supported,2026-11-01T10:00:00+00:00,not_supported,not_supported,true,true,2024-02-03T00:00:00+00:00,2026-11-02T00:00:00+00:00,us-east-1,s3,false,N/A,N/A`;

const user = (name: string, more: object = {}) => ({
  Path: '/',
  UserName: name,
  UserId: `AIDA${name}`,
  Arn: `arn:aws:iam::${home}:user/${name}`,
  CreateDate: '2024-01-01T00:00:00Z',
  ...more,
});
const policyOf = (Action: string, Resource: string) =>
  encodeURIComponent(JSON.stringify({ Statement: { Effect: 'Allow', Action, Resource } }));
const role = (name: string, principal: object, account = home, more: object = {}) => ({
  Path: '/',
  RoleName: name,
  Arn: `arn:aws:iam::${account}:role/${name}`,
  CreateDate: '2024-01-01T00:00:00Z',
  AssumeRolePolicyDocument: encodeURIComponent(
    JSON.stringify({
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: principal }],
    }),
  ),
  ...more,
});

describe('a reading of AWS', () => {
  test('follows pages, and judges policies that come after those who hold them', async () => {
    const pages: Readonly<Record<string, object>> = {
      '': {
        UserDetailList: [
          user('a', { AttachedManagedPolicies: [{ PolicyArn: 'arn:aws:iam::aws:policy/X' }] }),
        ],
        IsTruncated: true,
        Marker: 'two',
      },
      two: { UserDetailList: [user('b')], IsTruncated: true, Marker: 'three' },
      three: {
        Policies: [
          {
            Arn: 'arn:aws:iam::aws:policy/X',
            CreateDate: '2020-01-01T00:00:00Z',
            PolicyVersionList: [
              { IsDefaultVersion: false, Document: 'old' },
              { IsDefaultVersion: true, Document: policyOf('*', '*') },
            ],
          },
        ],
        IsTruncated: false,
      },
    };
    const { observations } = await readOf({
      GetAccountAuthorizationDetails: ({ input }) => ({ ...pages[input['Marker'] ?? ''] }),
      GenerateServiceLastAccessedDetails: () => denied('iam:GenerateServiceLastAccessedDetails'),
    });
    expect(factsOf(observations, 'account').map(({ name }) => name)).toEqual(
      expect.arrayContaining([`arn:aws:iam::${home}:user/a`, `arn:aws:iam::${home}:user/b`]),
    );
    expect(factsOf(observations, 'entitlement')).toContainEqual({
      name: 'arn:aws:iam::aws:policy/X',
      privileged: true,
      risks: ['administrator', 'wildcardAction', 'wildcardResource', 'direct'],
    });
  });

  test('waits for the credential report, and takes the root user from it', async () => {
    let asked = 0;
    const { observations, link, gaps } = await readOf({
      GenerateCredentialReport: () => ({ State: asked++ < 2 ? 'INPROGRESS' : 'COMPLETE' }),
      GetCredentialReport: () => ({ Content: reportOf(rootRow) }),
    });
    expect(link.waits).toEqual([2000, 2000]);
    expect(gaps).toEqual([]);
    expect(factsOf(observations, 'account')).toEqual([
      {
        name: `arn:aws:iam::${home}:root`,
        email: null,
        kind: 'break-glass',
        active: true,
        secondFactor: true,
        lastUsedAt: Temporal.Instant.from('2026-11-02T00:00:00Z'),
      },
    ]);
    expect(factsOf(observations, 'setting')).toContainEqual(
      expect.objectContaining({ accessKeys: 1, lastUsedAt: '2026-11-02T00:00:00Z', used: true }),
    );
  });

  test('looks credentials up that the report speaks of, so that what is gone is gone', async () => {
    const row = (name: string, password: string, key: string) =>
      `${name},arn:aws:iam::${home}:user/${name},2024-01-01T00:00:00+00:00,${password},N/A,N/A,N/A,false,${key},${key === 'true' ? '2024-01-01T00:00:00+00:00' : 'N/A'},N/A,N/A,N/A,false,N/A,N/A`;
    const { observations, fake } = await readOf({
      GetCredentialReport: () => ({
        Content: reportOf(rootRow, row('gone', 'true', 'true'), row('bare', 'false', 'false')),
      }),
      GetAccountAuthorizationDetails: () => ({
        UserDetailList: [user('gone'), user('bare')],
        IsTruncated: false,
      }),
    });
    expect(factsOf(observations, 'credential')).toEqual([]);
    expect(fake.asked.filter((one) => /ListAccessKeys|GetLoginProfile/.test(one))).toHaveLength(2);
    const [gone, bare] = ['gone', 'bare'].map((name) =>
      factsOf(observations, 'account').find((one) => one.name.endsWith(name)),
    );
    expect(gone).toMatchObject({ active: false, kind: 'service' });
    expect(bare).toMatchObject({ active: false, kind: 'service' });
  });

  test('marks what allows services that nobody used for ninety days', async () => {
    const services: Readonly<Record<string, readonly object[]>> = {
      Old: [
        { ServiceName: 'S3', ServiceNamespace: 's3', LastAuthenticated: '2026-11-20T00:00:00Z' },
        { ServiceName: 'EC2', ServiceNamespace: 'ec2' },
      ],
      Used: [
        { ServiceName: 'S3', ServiceNamespace: 's3', LastAuthenticated: '2026-11-20T00:00:00Z' },
      ],
    };
    const polled = new Set<string>();
    const { observations, fake, gaps } = await readOf({
      GetCredentialReport: () => ({ Content: reportOf(rootRow) }),
      GetAccountAuthorizationDetails: () => ({
        RoleDetailList: [
          role('Old', { AWS: home }),
          role('Used', { AWS: home }),
          role('New', { AWS: home }, home, { CreateDate: '2026-11-01T00:00:00Z' }),
        ],
        IsTruncated: false,
      }),
      GenerateServiceLastAccessedDetails: ({ input }) => ({
        JobId: (input['Arn']?.split('/').at(-1) ?? '').padEnd(36, '-'),
      }),
      GetServiceLastAccessedDetails: ({ input }) => {
        const name = (input['JobId'] ?? '').replaceAll('-', '');
        const first = !polled.has(name);
        polled.add(name);
        const list = services[name] ?? [];
        if (first)
          return {
            JobStatus: 'IN_PROGRESS',
            JobCreationDate: '2026-11-23T00:00:00Z',
            ServicesLastAccessed: [],
            JobCompletionDate: '2026-11-23T00:00:00Z',
          };
        return {
          JobStatus: 'COMPLETED',
          JobCreationDate: '2026-11-23T00:00:00Z',
          JobCompletionDate: '2026-11-23T00:00:00Z',
          ServicesLastAccessed: list,
          IsTruncated: false,
        };
      },
    });
    const risks = Object.fromEntries(
      factsOf(observations, 'entitlement').map((one) => [one.name.split('/').at(-1), one.risks]),
    );
    expect(risks).toMatchObject({ Old: ['unusedServices'], Used: [], New: [] });
    expect(fake.asked.filter((one) => one.includes('GenerateServiceLastAccessed'))).toHaveLength(2);
    expect(gaps).toEqual([]);
  });

  test('goes on with other accounts where a role cannot be assumed, and names what is missing', async () => {
    const { observations, gaps } = await readOf({
      ListAccounts: () => ({
        Accounts: [
          { Id: home, Status: 'ACTIVE' },
          { Id: other, Status: 'ACTIVE' },
          { Id: '777788889999', Status: 'SUSPENDED' },
        ],
      }),
      AssumeRole: () =>
        new FakeError(
          403,
          'AccessDenied',
          `User: x is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${other}:role/KeptReader`,
        ),
      GetCredentialReport: () => ({ Content: reportOf(rootRow) }),
      GetAccountAuthorizationDetails: () => ({ UserDetailList: [user('a')], IsTruncated: false }),
    });
    expect(factsOf(observations, 'account').map(({ name }) => name)).toEqual([
      `arn:aws:iam::${home}:root`,
      `arn:aws:iam::${home}:user/a`,
    ]);
    expect(missing(gaps)).toEqual(
      expect.arrayContaining([
        'accounts: sts:AssumeRole',
        'held: sts:AssumeRole',
        'trust: sts:AssumeRole',
      ]),
    );
    expect(missing(gaps).every((gap) => gap.endsWith('sts:AssumeRole'))).toBe(true);
  });

  test('shows who may assume a role of another account, and who comes from outside', async () => {
    const details: Readonly<Record<string, object>> = {
      [home]: {
        UserDetailList: [
          user('hub', {
            UserPolicyList: [
              {
                PolicyName: 'go',
                PolicyDocument: policyOf('sts:AssumeRole', `arn:aws:iam::${other}:role/De*`),
              },
            ],
          }),
        ],
        IsTruncated: false,
      },
      [other]: {
        RoleDetailList: [
          role('Deploy', { AWS: home }, other),
          role('Vendor', { AWS: '999988887777' }, other),
        ],
        IsTruncated: false,
      },
    };
    const { observations } = await readOf({
      ListAccounts: () => ({
        Accounts: [
          { Id: other, Status: 'ACTIVE' },
          { Id: home, Status: 'ACTIVE' },
        ],
      }),
      GetAccountAuthorizationDetails: ({ account }) => ({ ...details[account] }),
      GenerateServiceLastAccessedDetails: () => denied('iam:GenerateServiceLastAccessedDetails'),
    });
    const held = factsOf(observations, 'held').map(
      ({ account, entitlement }) => `${account} ${entitlement}`,
    );
    expect(held).toContain(`arn:aws:iam::${home}:user/hub arn:aws:iam::${other}:role/Deploy`);
    expect(held).toContain(`999988887777 arn:aws:iam::${other}:role/Vendor`);
    expect(held).not.toContain(`arn:aws:iam::${home}:user/hub arn:aws:iam::${other}:role/Vendor`);
  });

  test('that was cut off goes on after the last whole account', async () => {
    const answers: Answers = {
      ListAccounts: () => ({
        Accounts: [
          { Id: other, Status: 'ACTIVE' },
          { Id: home, Status: 'ACTIVE' },
        ],
      }),
    };
    const whole = await readOf(answers);
    const afterHome = whole.stretches.find(
      ({ resume }) => (resume as { after: string }).after === home,
    );
    const fake = fakeAws(answers);
    await stretchesOf(linkTo(fake), afterHome?.resume ?? null);
    expect(fake.asked.filter((one) => one.endsWith('GetAccountSummary'))).toEqual([
      `${other} GetAccountSummary`,
    ]);
  });

  test('repeats what was throttled', async () => {
    let refusals = 2;
    const { gaps } = await readOf({
      GetCredentialReport: () => ({ Content: reportOf(rootRow) }),
      GetAccountAuthorizationDetails: () =>
        refusals-- > 0 ? new FakeError(400, 'Throttling', 'Rate exceeded') : { IsTruncated: false },
    });
    expect(gaps).toEqual([]);
    expect(refusals).toBe(-1);
  });

  test('a document that is no policy leaves risks unknown, and all else known', async () => {
    const { gaps } = await readOf({
      GetCredentialReport: () => ({ Content: reportOf(rootRow) }),
      GetAccountAuthorizationDetails: () => ({
        UserDetailList: [
          user('a', { UserPolicyList: [{ PolicyName: 'odd', PolicyDocument: 'odd' }] }),
        ],
        IsTruncated: false,
      }),
    });
    expect(missing(gaps)).toEqual(['risks: ']);
  });

  test('of changes there is none', async () => {
    const link = linkTo(fakeAws({}));
    await expect(
      aws.read(link, { read: 'changes', since: null, resume: null }).next(),
    ).rejects.toThrow(ChangesLost);
  });

  test.each([
    [
      'keys that nobody knows',
      new FakeError(
        403,
        'InvalidClientTokenId',
        'The security token included in the request is invalid.',
      ),
      { name: 'SourceProblem', code: 'signInRefused' },
    ],
    ['no connection', null, { name: 'TypeError', message: 'fetch failed' }],
  ])('with %s fails as a whole', async (_what, error, problem) => {
    const fake = fakeAws({ GetCallerIdentity: () => error ?? {} });
    const broken: typeof fetch = async () => {
      throw new TypeError('fetch failed');
    };
    const link = linkTo(error ? fake : { fetch: broken });
    const failure = await stretchesOf(link).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject(problem);
  });
});

describe('a test of the connection', () => {
  test('names each permission that is missing, and the aspects that miss none', async () => {
    const fake = fakeAws({
      GetAccountPasswordPolicy: () => denied('iam:GetAccountPasswordPolicy'),
      GenerateServiceLastAccessedDetails: () => ({ JobId: 'x'.repeat(36) }),
    });
    const found = await aws.test(linkTo(fake));
    expect(found.filter(({ able }) => !able).map(({ permission }) => permission)).toEqual([
      'iam:GetAccountPasswordPolicy',
    ]);
    expect(new Set(found.map(({ aspect }) => aspect))).toEqual(new Set(aws.aspects));
  });
});
