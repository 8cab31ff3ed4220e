import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '../../kernel/json.ts';
import {
  type Act,
  ChangesLost,
  type Observation,
  type Stretch,
} from '../../registers/connections/facts.connector.ts';
import type { GithubLink } from './api.ts';
import { github } from './connector.ts';
import { githubSettings } from './facts.ts';
import { FakeGithub } from './fake.ts';

const token = 'example-token-of-the-fake';
let fake: FakeGithub;
let waits: number[];

beforeEach(async () => {
  fake = new FakeGithub('example', token);
  fake.nodeIds = false;
  waits = [];
  fake.addUser({ id: 1, login: 'ada', secondFactor: true, email: 'ada@example.com' }, 'admin');
  fake.addUser({ id: 2, login: 'bo', secondFactor: false }, 'member');
  fake.addUser({ id: 3, login: 'cy', secondFactor: true, email: 'cy@example.com' }, 'member');
  fake.addUser({ id: 4, login: 'dee', secondFactor: false }, 'outside');
  fake.teams.push({
    id: 10,
    slug: 'platform',
    members: new Map([
      ['cy', 'maintainer'],
      ['bo', 'member'],
    ]),
    repositories: { app: 'admin' },
  });
  fake.teams.push({
    id: 11,
    slug: 'readers',
    members: new Map([['bo', 'member']]),
    repositories: { app: 'pull' },
  });
  fake.repositories.push({
    id: 20,
    name: 'app',
    collaborators: new Map([
      ['dee', 'write'],
      ['cy', 'admin'],
    ]),
  });
  fake.repositories.push({ id: 21, name: 'empty', collaborators: new Map() });
  fake.tokens.push({
    id: 30,
    owner: { id: 3, login: 'cy' },
    token_name: 'deploy',
    token_expired: false,
    token_last_used_at: '2026-11-01T09:00:00Z',
    access_granted_at: '2026-01-02T03:04:05Z',
  });
  await fake.listen();
});

afterEach(async () => {
  await fake.close();
});

function linkTo(settings: object = {}, key = token): GithubLink {
  return {
    settings: githubSettings.parse({ organisation: 'example', apiUrl: fake.url, ...settings }),
    secret: { key },
    fetch,
    now: () => Temporal.Instant.from('2026-11-23T09:00:00Z'),
    wait: async (ms) => {
      waits.push(ms);
    },
    signal: new AbortController().signal,
  };
}

async function stretchesOf(
  resume: Json | null = null,
  link = linkTo(),
): Promise<readonly Stretch[]> {
  const stretches: Stretch[] = [];
  for await (const stretch of github.read(link, { read: 'whole', resume })) stretches.push(stretch);
  return stretches;
}

async function readAll() {
  const stretches = await stretchesOf();
  return {
    observations: stretches.flatMap(({ observations }) => observations),
    gaps: stretches.flatMap(({ gaps }) => gaps ?? []),
  };
}

/** Who holds what, by name. */
function holdings(observations: readonly Observation[]): readonly string[] {
  const nameOf = (of: 'account' | 'entitlement', key: string) =>
    observations.flatMap((one) =>
      one.of === of && one.key === key ? (one.facts?.name ?? []) : [],
    )[0] ?? `?${key}`;
  const held = observations.flatMap((one) =>
    one.of === 'held' && one.facts
      ? [`${nameOf('account', one.facts.account)} ${nameOf('entitlement', one.facts.entitlement)}`]
      : [],
  );
  // Whatever is shown again after a reading was cut off is the same.
  return [...new Set(held)].sort();
}

const everything = [
  'ada organisation/owner',
  'bo organisation/member',
  'bo team/platform',
  'bo team/readers',
  'cy organisation/member',
  'cy repository/app/admin',
  'cy team/platform',
  'cy team/platform/maintainer',
  'dee repository/app/write',
];

describe('a reading of GitHub', () => {
  test('shows people, what they hold, and who has no second factor', async () => {
    fake.nodeIds = true;
    const { observations, gaps } = await readAll();
    expect(gaps).toEqual([]);
    expect(holdings(observations)).toEqual(everything);
    const accounts = observations.flatMap((one) =>
      one.of === 'account' && one.facts ? [one.facts] : [],
    );
    expect(accounts.map(({ name, secondFactor, email }) => [name, secondFactor, email])).toEqual([
      ['ada', true, 'ada@example.com'],
      ['bo', false, null],
      ['cy', true, 'cy@example.com'],
      ['dee', false, null],
    ]);
    const privileged = observations.flatMap((one) =>
      one.of === 'entitlement' && one.facts?.privileged ? [one.facts.name] : [],
    );
    expect(privileged).toEqual([
      'organisation/owner',
      'team/platform',
      'team/platform/maintainer',
      'repository/app/admin',
    ]);
    expect(observations).toContainEqual({
      of: 'credential',
      key: 'token/30',
      facts: {
        account: '3',
        kind: 'token',
        name: 'deploy',
        active: true,
        createdAt: Temporal.Instant.from('2026-01-02T03:04:05Z'),
        lastUsedAt: Temporal.Instant.from('2026-11-01T09:00:00Z'),
      },
    });
  });

  test('follows pages of every list', async () => {
    fake.pageSize = 1;
    const { observations } = await readAll();
    expect(holdings(observations)).toEqual(everything);
  });

  test('that is cut off anywhere goes on there, and shows the same in the end', async () => {
    fake.pageSize = 1;
    const whole = await stretchesOf();
    for (const [at, { resume }] of whole.entries()) {
      const rest = await stretchesOf(resume);
      const seen = [...whole.slice(0, at + 1), ...rest].flatMap(({ observations }) => observations);
      expect(holdings(seen)).toEqual(everything);
    }
  });

  test("knows no second factor where the token is no owner's, and says so", async () => {
    fake.owner = false;
    const { observations, gaps } = await readAll();
    expect(gaps).toContainEqual({
      aspect: 'secondFactors',
      permission: 'Organization owner',
      message: expect.stringContaining('Only owners can use this filter.'),
    });
    const factors = observations.flatMap((one) =>
      one.of === 'account' ? [one.facts?.secondFactor] : [],
    );
    expect(factors).toEqual([null, null, null, null]);
    expect(holdings(observations)).toEqual(everything);
  });

  test('knows no tokens where it is no app, and says so', async () => {
    fake.app = false;
    const { gaps } = await readAll();
    expect(gaps.map(({ aspect, permission }) => [aspect, permission])).toEqual([
      ['credentials', 'Organization: Personal access tokens (read), GitHub App'],
    ]);
  });

  test('names the permission that GitHub names', async () => {
    fake.fault = (path) =>
      path.endsWith('/repos')
        ? {
            status: 403,
            message: 'Resource not accessible',
            headers: { 'x-accepted-github-permissions': 'metadata=read' },
          }
        : null;
    const { gaps } = await readAll();
    expect(gaps).toContainEqual({
      aspect: 'held',
      permission: 'metadata=read',
      message: expect.any(String),
    });
  });

  test('of one repository that cannot be seen leaves a gap, and shows the others', async () => {
    fake.repositories.unshift({ id: 22, name: 'secret', collaborators: new Map([['bo', 'read']]) });
    fake.fault = (path) => (path.includes('/secret/') ? { status: 404 } : null);
    const { observations, gaps } = await readAll();
    expect(gaps.map(({ aspect }) => aspect)).toEqual(['held']);
    expect(holdings(observations)).toEqual(everything);
  });

  test.each([
    [
      'a secondary limit, by 403',
      {
        status: 403,
        headers: { 'retry-after': '7' },
        message: 'You have exceeded a secondary rate limit.',
      },
      7000,
    ],
    [
      'a secondary limit, by 429',
      {
        status: 429,
        headers: { 'retry-after': '9' },
        message: 'You have exceeded a secondary rate limit.',
      },
      9000,
    ],
    [
      'the primary limit',
      {
        status: 403,
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' },
        message: 'API rate limit exceeded',
      },
      0,
    ],
  ])('waits out %s', async (_what, answer, ms) => {
    let left = 2;
    fake.fault = (path) => (path.endsWith('/teams') && left-- > 0 ? answer : null);
    const { observations, gaps } = await readAll();
    expect(waits).toEqual([ms, ms]);
    expect(gaps).toEqual([]);
    expect(holdings(observations)).toEqual(everything);
  });

  test('does not wait for ever', async () => {
    fake.fault = () => ({
      status: 429,
      headers: { 'retry-after': '1' },
      message: 'You have exceeded a secondary rate limit.',
    });
    await expect(readAll()).rejects.toMatchObject({ code: 'throttled' });
    expect(waits).toHaveLength(6);
  });

  test.each([
    ['a token that nobody knows', () => linkTo({}, 'another-token-of-nobody'), 'signInRefused'],
    ['an organisation that is not there', () => linkTo({ organisation: 'other' }), 'settingsWrong'],
  ])('with %s says so', async (_what, link, code) => {
    await expect(stretchesOf(null, link())).rejects.toMatchObject({ code });
  });

  test('asks once more where the connection breaks', async () => {
    let left = 1;
    fake.fault = (path) => (path.endsWith('/members') && left-- > 0 ? 'hangUp' : null);
    expect(holdings((await readAll()).observations)).toEqual(everything);
  });

  test('of changes there is none', async () => {
    const changes = github.read(linkTo(), { read: 'changes', since: null, resume: null });
    await expect(changes.next()).rejects.toThrow(ChangesLost);
  });

  test('signs in as an app by its private key', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const link = linkTo({ appId: '5', installationId: '6' }, pem);
    const stretches = await stretchesOf(null, link);
    expect(holdings(stretches.flatMap(({ observations }) => observations))).toEqual(everything);
    expect(fake.asked[0]).toBe('POST /app/installations/6/access_tokens');
  });
});

test('a test of the connection tells what may be read', async () => {
  fake.owner = false;
  fake.app = false;
  const found = await github.test(linkTo());
  expect(found.map(({ aspect, able }) => [aspect, able])).toEqual([
    ['accounts', true],
    ['secondFactors', false],
    ['entitlements', true],
    ['held', true],
    ['credentials', false],
  ]);
});

describe('orders', () => {
  const orders: readonly (readonly [Act, readonly string[]])[] = [
    [
      { act: 'disableAccount', account: 'cy', target: null },
      [
        'cy organisation/member',
        'cy repository/app/admin',
        'cy team/platform',
        'cy team/platform/maintainer',
      ],
    ],
    [{ act: 'disableAccount', account: 'dee', target: null }, ['dee repository/app/write']],
    [{ act: 'removeHeld', account: 'bo', target: 'team/readers' }, ['bo team/readers']],
    [
      { act: 'removeHeld', account: 'cy', target: 'team/platform/maintainer' },
      ['cy team/platform/maintainer'],
    ],
    [
      { act: 'removeHeld', account: 'dee', target: 'repository/app/write' },
      ['dee repository/app/write'],
    ],
    [
      { act: 'removeHeld', account: 'ada', target: 'organisation/owner' },
      ['ada organisation/owner'],
    ],
  ];
  test.each(orders)('%j takes away just that, once and again', async (act, gone) => {
    await github.carryOut(linkTo(), act);
    await github.carryOut(linkTo(), act);
    const after = holdings((await readAll()).observations);
    expect(everything.filter((one) => !after.includes(one))).toEqual(gone);
  });

  test('never invite whoever is no member', async () => {
    await github.carryOut(linkTo(), {
      act: 'removeHeld',
      account: 'nobody',
      target: 'organisation/owner',
    });
    expect(fake.members.has('nobody')).toBe(false);
    expect(fake.asked.some((one) => one.startsWith('PUT'))).toBe(false);
  });

  test.each([
    ['endSessions', null],
    ['removeHeld', 'group of example'],
  ] as const)('that GitHub cannot carry out are refused: %s %s', async (act, target) => {
    await expect(github.carryOut(linkTo(), { act, account: 'bo', target })).rejects.toMatchObject({
      code: 'actUnsupported',
    });
  });

  test('that GitHub refuses name what is missing', async () => {
    fake.fault = () => ({
      status: 403,
      message: 'Must have admin rights',
      headers: { 'x-accepted-github-permissions': 'members=write' },
    });
    const act = github.carryOut(linkTo(), { act: 'disableAccount', account: 'bo', target: null });
    await expect(act).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('members=write'),
    });
  });
});
