import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Observation, Stretch } from '../../registers/connections/facts.connector.ts';
import { github } from './connector.ts';
import { githubSettings } from './facts.ts';
import { FakeGithub } from './fake.ts';

/** Lists that are paged by number, and shift while they are read. */

const token = 'example-token-of-the-fake';
let fake: FakeGithub;

beforeEach(async () => {
  fake = new FakeGithub('example', token);
  fake.nodeIds = false;
  fake.addUser({ id: 1, login: 'ada', secondFactor: true }, 'admin');
  fake.addUser({ id: 2, login: 'bo', secondFactor: true }, 'member');
  fake.addUser({ id: 3, login: 'cy', secondFactor: true }, 'member');
  const members = new Map([
    ['cy', 'member'],
    ['bo', 'member'],
  ]);
  fake.teams.push({ id: 10, slug: 'platform', members, repositories: {} });
  fake.repositories.push({ id: 20, name: 'app', collaborators: new Map([['cy', 'admin']]) });
  await fake.listen();
});

afterEach(async () => {
  await fake.close();
});

async function readAll() {
  const link = {
    settings: githubSettings.parse({ organisation: 'example', apiUrl: fake.url }),
    secret: { key: token },
    fetch,
    now: () => Temporal.Instant.from('2026-11-23T09:00:00Z'),
    wait: async () => undefined,
    signal: new AbortController().signal,
  };
  const stretches: Stretch[] = [];
  for await (const stretch of github.read(link, { read: 'whole', resume: null }))
    stretches.push(stretch);
  return {
    observations: stretches.flatMap(({ observations }) => observations),
    gaps: stretches.flatMap(({ gaps }) => gaps ?? []),
  };
}

/** What each login holds; of an account that was not shown, `?`. */
function holdings(observations: readonly Observation[]): readonly string[] {
  const names = new Map<string, string>(
    observations.flatMap((one) =>
      (one.of === 'account' || one.of === 'entitlement') && one.facts
        ? [[`${one.of} ${one.key}`, one.facts.name] as const]
        : [],
    ),
  );
  const nameOf = (of: string, key: string) => names.get(`${of} ${key}`) ?? '?';
  return observations.flatMap((one) =>
    one.of === 'held' && one.facts
      ? [`${nameOf('account', one.facts.account)} ${nameOf('entitlement', one.facts.entitlement)}`]
      : [],
  );
}

/** Does something each time that a page of a list is asked for. */
function whenAsked(list: string, page: string, role: string, act: () => void): void {
  fake.fault = (path, query) => {
    if (path.endsWith(list) && query.get('page') === page && query.get('role') === role) act();
    return null;
  };
}

test('misses nobody where somebody leaves between two pages', async () => {
  for (const [at, login] of ['eve', 'fay'].entries())
    fake.addUser({ id: 5 + at, login, secondFactor: true }, 'member');
  fake.pageSize = 2;
  whenAsked('/example/members', '2', 'member', () => fake.members.delete('bo'));
  const { observations, gaps } = await readAll();
  expect(gaps).toEqual([]);
  expect(holdings(observations)).toContain('eve organisation/member');
  expect(holdings(observations)).toContain('fay organisation/member');
});

test('misses nobody of a team that somebody leaves between two pages', async () => {
  fake.pageSize = 1;
  const members = fake.teams[0]?.members;
  whenAsked('/platform/members', '2', 'all', () => members?.delete('cy'));
  const { observations, gaps } = await readAll();
  expect(gaps).toEqual([]);
  expect(holdings(observations)).toContain('bo team/platform');
});

test('of a list that changes each time says that it may have missed somebody', async () => {
  fake.pageSize = 1;
  let id = 100;
  whenAsked('/example/members', '2', 'member', () => {
    const [first = ''] = [...fake.members].flatMap(([who, as]) => (as === 'member' ? [who] : []));
    fake.members.delete(first);
    fake.addUser({ id, login: `new${id++}`, secondFactor: true }, 'member');
  });
  const { gaps } = await readAll();
  const gap = { permission: '', message: 'shifts' };
  expect(gaps).toEqual([
    { aspect: 'accounts', ...gap },
    { aspect: 'held', ...gap },
  ]);
  expect(id).toBe(105);
});

test('misses nobody who becomes an owner meanwhile', async () => {
  whenAsked('/example/members', '1', 'member', () => fake.members.set('cy', 'admin'));
  const { observations, gaps } = await readAll();
  expect(gaps).toEqual([]);
  expect(holdings(observations)).toContain('cy organisation/owner');
});

test('asks for a list of one page once', async () => {
  await readAll();
  const asked = (path: string) => fake.asked.filter((one) => one === `GET ${path}`).length;
  expect(asked('/orgs/example/teams')).toBe(1);
  expect(asked('/orgs/example/outside_collaborators')).toBe(2);
  expect(asked('/repos/example/app/collaborators')).toBe(1);
});
