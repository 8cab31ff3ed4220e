import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IAM } from '@aws-sdk/client-iam';
import { aws } from '../src/connectors/aws/connector.ts';
import { assignmentName, awsSettings, centreGroupName } from '../src/connectors/aws/facts.ts';
import { organisationActions, readingActions } from '../src/connectors/aws/permissions.ts';
import type { AwsLink } from '../src/connectors/aws/session.ts';
import type { Act, Gap, Observation } from '../src/registers/connections/facts.connector.ts';
import { type Moto, motoVersion, startMoto } from './moto.ts';
import { type MotoCompany, seedMoto } from './moto-company.ts';
import { type Outcome, Tally } from './suite.ts';

export const name = 'our connector to AWS by moto (IAM, Organizations, STS, Identity Center)';

/** What moto does not implement, so that nothing is shown of it here. */
const limits = [
  'no service last accessed details (its answer is a server error): a gap of lastAccessed',
  'no root user in the credential report: a gap of root',
  'no permissions boundary of permission sets, which are all provisioned in one account',
  'no paging of authorization details, which our own tests try',
];

export async function run(): Promise<Outcome> {
  const tally = new Tally();
  const moto = await startMoto();
  if ('missing' in moto) {
    tally.skip(moto.missing);
    return tally.outcome();
  }
  try {
    const company = await seedMoto(moto.url);
    tally.note(`moto ${motoVersion}; it has ${limits.join('; ')}`);
    const before = await readAll(linkTo(moto, company));
    expectFacts(before, company, tally);
    expectGaps(
      before.gaps,
      [
        ['lastAccessed', ''],
        ['root', ''],
      ],
      'a reading with all permissions',
      tally,
    );
    await carryOutAll(moto, company, before, tally);
    await expectPermissions(moto, company, tally);
  } finally {
    await moto.stop();
  }
  return tally.outcome();
}

function linkTo(moto: Moto, { reader }: MotoCompany): AwsLink {
  return {
    settings: awsSettings.parse({ endpoint: moto.url }),
    secret: reader,
    fetch,
    now: () => Temporal.Now.instant(),
    wait: async (ms) => {
      await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 50)));
    },
    signal: new AbortController().signal,
  };
}

interface Reading {
  readonly gaps: readonly Gap[];
  has(of: Observation['of'], facts: Readonly<Record<string, unknown>>): boolean;
  /** Names of what an account holds, by the account's name. */
  held(account: string): readonly string[];
}

async function readAll(link: AwsLink): Promise<Reading> {
  const observations: Observation[] = [];
  const gaps: Gap[] = [];
  for await (const stretch of aws.read(link, { read: 'whole', resume: null })) {
    observations.push(...stretch.observations);
    gaps.push(...(stretch.gaps ?? []));
  }
  const nameOf = (of: 'account' | 'entitlement', key: string) =>
    observations.flatMap((one) =>
      one.of === of && one.key === key ? (one.facts?.name ?? []) : [],
    )[0];
  return {
    gaps,
    has: (of, facts) =>
      observations.some(
        (one) =>
          one.of === of &&
          one.facts !== null &&
          Object.entries(facts).every(
            ([key, value]) =>
              JSON.stringify((one.facts as Readonly<Record<string, unknown>>)[key]) ===
              JSON.stringify(value),
          ),
      ),
    held: (account) =>
      observations
        .flatMap((one) =>
          one.of === 'held' && one.facts && nameOf('account', one.facts.account) === account
            ? (nameOf('entitlement', one.facts.entitlement) ?? [])
            : [],
        )
        .sort(),
  };
}

const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';

function expectFacts(read: Reading, company: MotoCompany, tally: Tally): void {
  const { production, sandbox, home } = company;
  const iam = `arn:aws:iam::${production}`;
  const expectHas = (of: Observation['of'], facts: Readonly<Record<string, unknown>>) =>
    tally.expect(read.has(of, facts), `${of} ${JSON.stringify(facts)}`, 'was not read');
  const expectHeld = (account: string, ...entitlements: readonly string[]) => {
    const held = read.held(account);
    tally.expect(
      String(held) === String(entitlements.toSorted()),
      `what ${account} holds`,
      String(held),
    );
  };
  expectHas('account', {
    name: `${iam}:user/alice`,
    email: 'alice@example.com',
    kind: 'staff',
    active: true,
    secondFactor: true,
  });
  expectHas('account', { name: `${iam}:user/bob`, kind: 'staff', secondFactor: false });
  expectHas('account', { name: `${iam}:user/machines/robot`, kind: 'service', active: true });
  expectHas('account', { name: `arn:aws:iam::${sandbox}:user/carol`, email: 'carol@example.com' });
  expectHas('account', { name: `arn:aws:iam::${home}:user/kept`, kind: 'service' });
  expectHas('account', { name: `${iam}:root`, kind: 'break-glass', secondFactor: false });
  expectHas('account', { name: 'dora@example.com', email: 'dora@example.com', secondFactor: null });
  expectHas('credential', { kind: 'password', account: `${iam}:user/bob` });
  expectHas('credential', { kind: 'accessKey', name: company.keys.robot, active: true });
  expectHas('entitlement', {
    name: administrator,
    privileged: true,
    risks: ['administrator', 'wildcardAction', 'wildcardResource', 'direct'],
  });
  expectHas('entitlement', {
    name: `${iam}:group/teams/developers`,
    privileged: false,
    risks: ['wildcardAction'],
  });
  expectHas('entitlement', { name: `${iam}:user/bob#own`, risks: ['direct'] });
  expectHas('entitlement', { name: `${iam}:role/Deploy`, risks: ['wildcardResource'] });
  expectHas('entitlement', { name: `${iam}:role/Vendor`, risks: ['externalTrust'] });
  expectHas('entitlement', { name: `${iam}:role/Function`, risks: [] });
  expectHas('entitlement', { name: assignmentName('Everything', home), privileged: true });
  expectHas('entitlement', { name: centreGroupName('Platform'), risks: [] });
  expectHas('setting', { account: production, own: true, minimumLength: 16, reusePrevented: 24 });
  expectHas('setting', { account: sandbox, own: false, minimumLength: 8 });
  expectHeld(`${iam}:user/alice`, administrator);
  expectHeld(`${iam}:user/bob`, `${iam}:group/teams/developers`, `${iam}:user/bob#own`);
  expectHeld('999988887777', `${iam}:role/Vendor`);
  expectHeld('dora@example.com', assignmentName('Everything', home));
  expectHeld('emil@example.com', centreGroupName('Platform'));
}

function expectGaps(
  gaps: readonly Gap[],
  expected: readonly (readonly [string, string])[],
  what: string,
  tally: Tally,
): void {
  const seen = [...new Set(gaps.map(({ aspect, permission }) => `${aspect} ${permission}`))].sort();
  const wanted = expected.map((pair) => pair.join(' ')).sort();
  tally.expect(String(seen) === String(wanted), `gaps of ${what}`, String(seen));
}

/** Orders are carried out twice, which is no error, and the next reading shows that all is gone. */
async function carryOutAll(
  moto: Moto,
  company: MotoCompany,
  before: Reading,
  tally: Tally,
): Promise<void> {
  const { home, production, keys } = company;
  const iam = `arn:aws:iam::${production}`;
  const remove = (account: string, target: string): Act => ({ act: 'removeHeld', account, target });
  const removals = [
    remove(`${iam}:user/alice`, administrator),
    remove(`${iam}:user/bob`, `${iam}:group/teams/developers`),
    remove(`${iam}:user/bob`, `${iam}:user/bob#own`),
    remove('dora@example.com', assignmentName('Everything', home)),
    remove('emil@example.com', centreGroupName('Platform')),
  ];
  const acts: readonly Act[] = [
    ...removals,
    { act: 'deactivateCredential', account: `${iam}:user/machines/robot`, target: keys.robot },
    { act: 'deactivateCredential', account: `${iam}:user/bob`, target: 'password' },
    { act: 'disableAccount', account: `${iam}:user/alice`, target: null },
  ];
  for (const { account, target } of removals) {
    tally.expect(before.held(account).includes(target ?? ''), `${account} held ${target} before`);
  }
  const link = linkTo(moto, company);
  for (const act of [...acts, ...acts]) await aws.carryOut(link, act);
  const after = await readAll(link);
  for (const { account, target } of removals) {
    tally.expect(!after.held(account).includes(target ?? ''), `${target} is gone from ${account}`);
  }
  tally.expect(
    after.has('credential', { name: keys.robot, active: false }),
    'the key of robot is inactive',
  );
  tally.expect(!after.has('credential', { account: `${iam}:user/bob` }), 'bob has no password');
  tally.expect(
    after.has('account', { name: `${iam}:user/alice`, active: false }),
    'alice is disabled',
  );
}

/** With moto enforcing IAM's policies: what the templates grant suffices, and what is missing is named. */
async function expectPermissions(moto: Moto, company: MotoCompany, tally: Tally): Promise<void> {
  const granted = templateActions();
  const known = [...Object.keys(readingActions), ...Object.keys(organisationActions)].sort();
  tally.expect(
    String(granted) === String(known),
    'the template grants what is asked for',
    String(granted),
  );
  const link = linkTo(moto, company);
  await grant(moto, company, granted);
  await moto.enforceAfter(0);
  const enough = await readAll(link);
  expectGaps(enough.gaps, [['root', '']], "a reading with the template's permissions", tally);
  const without = ['iam:GetAccountPasswordPolicy', 'iam:ListAccessKeys'];
  await moto.enforceAfter(Number.POSITIVE_INFINITY);
  await grant(
    moto,
    company,
    granted.filter((action) => !without.includes(action)),
  );
  await moto.enforceAfter(0);
  const less = await readAll(link);
  expectGaps(
    less.gaps,
    [
      ['root', ''],
      ['passwordPolicy', 'iam:GetAccountPasswordPolicy'],
      ['credentials', 'iam:ListAccessKeys'],
    ],
    'a reading without two permissions',
    tally,
  );
}

/** Actions of the reading role in the CloudFormation template. */
function templateActions(): readonly string[] {
  const path = join(import.meta.dirname, '../docs/connectors/aws/kept-reader.yaml');
  const named = readFileSync(path, 'utf8').matchAll(/^\s*- ([a-z]+:[A-Za-z]+)$/gm);
  return [...named].map(([, action = '']) => action).sort();
}

/** Gives these actions to the user of the home account and to the reading roles, and no others. */
async function grant(moto: Moto, company: MotoCompany, actions: readonly string[]): Promise<void> {
  const document = (more: readonly string[]) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: [...actions, ...more], Resource: '*' }],
    });
  const { home, production, sandbox } = company;
  for (const account of [home, production, sandbox]) {
    const iam = await seedingClient(moto, account, home);
    if (account === home) {
      const PolicyDocument = document(['sts:AssumeRole', 'sts:GetCallerIdentity']);
      await iam.putUserPolicy({ UserName: 'kept', PolicyName: 'read', PolicyDocument });
    } else {
      const PolicyDocument = document([]);
      await iam.putRolePolicy({ RoleName: 'KeptReader', PolicyName: 'read', PolicyDocument });
    }
  }
}

async function seedingClient(moto: Moto, account: string, home: string): Promise<IAM> {
  const common = { endpoint: moto.url, region: 'us-east-1' };
  const anyKeys = { accessKeyId: 'AKIAEXAMPLEEXAMPLE00', secretAccessKey: 'example' };
  if (account === home) return new IAM({ ...common, credentials: anyKeys });
  const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  const credentials = fromTemporaryCredentials({
    masterCredentials: anyKeys,
    clientConfig: common,
    params: { RoleArn: `arn:aws:iam::${account}:role/KeptReader`, RoleSessionName: 'seed' },
  });
  return new IAM({ ...common, credentials });
}
