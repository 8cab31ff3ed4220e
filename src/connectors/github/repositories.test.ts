import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { codeAlert, dependabotAlert } from '../../inventory/reports/samples.fixture.ts';
import { readAlerts } from './alerts.ts';
import type { GithubLink } from './api.ts';
import { githubSettings } from './facts.ts';
import { FakeRepository } from './fake.repositories.ts';
import { FakeGithub } from './fake.ts';
import { isSigned, readHook } from './hooks.ts';
import { createIssue, issuesWithMarkers, markerOf, quiet, seeIssue } from './issues.ts';
import { readRepository, repositoryLimits } from './repository.ts';

const token = 'example-token-of-the-fake';
const itemId = '0193b6a0-0000-7000-8000-000000000002';
let fake: FakeGithub;
let shop: FakeRepository;

beforeEach(async () => {
  fake = new FakeGithub('example', token);
  shop = new FakeRepository(fake, 'shop');
  await fake.listen();
});

afterEach(async () => {
  await fake.close();
});

const link = (): GithubLink => ({
  settings: githubSettings.parse({ organisation: 'example', apiUrl: fake.url }),
  secret: { key: token },
  fetch,
  now: () => Temporal.Instant.from('2026-11-23T09:00:00Z'),
  wait: async () => undefined,
  signal: new AbortController().signal,
});
const lockfile = '{"lockfileVersion":3,"packages":{}}';

describe('lockfiles of a repository', () => {
  test('are read from the default branch: known names, nothing installed', async () => {
    shop.files.set('package-lock.json', lockfile);
    shop.files.set('services/api/go.mod', 'module example.com/api\n');
    shop.files.set('node_modules/left-pad/package-lock.json', lockfile.replace('3', '2'));
    shop.files.set('src/index.js', 'export {};');
    const read = await readRepository(link(), 'example/shop');
    expect(read).toEqual({
      complete: true,
      notes: [],
      files: [
        { name: 'package-lock.json', text: lockfile },
        { name: 'services/api/go.mod', text: 'module example.com/api\n' },
      ],
    });
    expect(fake.asked.filter((one) => one.includes('/blobs/'))).toHaveLength(2);
  });

  test('of a tree that is shown in part, or with too many, prove nothing gone', async () => {
    for (const name of ['a', 'b', 'c'])
      shop.files.set(`${name}/go.sum`, 'example.com/m v1.0.0 h1:x=\n');
    for (const limits of [{ files: 2 }, { bytes: 60 }, { files: 2, fileBytes: 30 }]) {
      const few = await readRepository(link(), 'example/shop', { ...repositoryLimits, ...limits });
      expect(few.complete).toBe(false);
      expect(few.notes).toContainEqual(expect.stringMatching(/go.sum is left out/));
      expect(few.files.length).toBeLessThan(3);
    }
    shop.files.clear();
    shop.files.set('go.mod', 'module example.com/api\n');
    shop.truncated = true;
    expect((await readRepository(link(), 'example/shop')).complete).toBe(false);
  });

  test('are none where nothing was committed', async () => {
    expect(await readRepository(link(), 'example/shop')).toMatchObject({
      files: [],
      complete: true,
    });
  });

  test.each(['other/shop', 'shop', 'example/../shop/x', ''])(
    '%s is not of this connection',
    async (location) => {
      await expect(readRepository(link(), location)).rejects.toMatchObject({
        code: 'settingsWrong',
      });
      expect(fake.asked).toEqual([]);
    },
  );

  test('of a repository that is not there are a problem of its settings', async () => {
    await expect(readRepository(link(), 'example/gone')).rejects.toMatchObject({
      code: 'settingsWrong',
    });
  });
});

describe('alerts of a repository', () => {
  test('are all read, page by page, and again only when something has changed', async () => {
    fake.pageSize = 2;
    shop.dependabot = Array.from({ length: 5 }, (_, n) => ({
      ...dependabotAlert,
      number: n,
      security_advisory: {
        ...dependabotAlert.security_advisory,
        ghsa_id: `GHSA-2222-2222-222${n + 2}`,
      },
    }));
    const first = await readAlerts(link(), 'example/shop', 'dependabot', null);
    if (first.read !== 'whole') throw new Error('was to be read');
    expect(first.report).toMatchObject({ reporter: 'dependabot', complete: true });
    expect(first.report.findings).toHaveLength(5);
    const asked = fake.asked.length;
    expect(await readAlerts(link(), 'example/shop', 'dependabot', first.tag)).toEqual({
      read: 'unchanged',
    });
    expect(fake.asked).toHaveLength(asked + 1);
    shop.dependabot = shop.dependabot.slice(1);
    expect(await readAlerts(link(), 'example/shop', 'dependabot', first.tag)).toMatchObject({
      read: 'whole',
    });
  });

  test('of code scanning are read open and dismissed; none is a whole answer too', async () => {
    expect(await readAlerts(link(), 'example/shop', 'codeScanning', null)).toMatchObject({
      read: 'whole',
      report: { complete: true, findings: [] },
    });
    shop.codeScanning = [
      codeAlert,
      {
        ...codeAlert,
        number: 5,
        state: 'dismissed',
        dismissed_reason: 'false positive',
        rule: { id: 'js/other' },
      },
    ];
    const read = await readAlerts(link(), 'example/shop', 'codeScanning', null);
    expect(
      read.read === 'whole' && read.report.findings.map(({ statement }) => statement?.kind ?? null),
    ).toEqual([null, 'notAffected']);
  });

  test('that may not be read say which permission is missing', async () => {
    shop.forbidden.add('dependabot');
    expect(await readAlerts(link(), 'example/shop', 'dependabot', null)).toMatchObject({
      read: 'refused',
      permission: 'dependabot=read',
    });
  });

  test('that are none of what GitHub documents are an unexpected answer', async () => {
    shop.dependabot = [{ number: 'x', state: 'open' }];
    await expect(readAlerts(link(), 'example/shop', 'dependabot', null)).rejects.toMatchObject({
      code: 'unexpectedAnswer',
      message: expect.stringContaining('at 0.number'),
    });
  });
});

describe('issues', () => {
  const order = { itemId, title: 'V-1: CVE-2019-11358 in jquery', body: 'Upgrade to 3.4.0.' };
  const since = '2026-11-20T00:00:00Z';

  test('carry a marker by which they are found again, whoever edits them', async () => {
    expect(await issuesWithMarkers(link(), 'example/shop', since)).toEqual(new Map());
    const made = await createIssue(link(), 'example/shop', order);
    expect(made).toMatchObject({ number: 1, state: 'open' });
    fake.pageSize = 1;
    await createIssue(link(), 'example/shop', { ...order, itemId: itemId.replace(/2$/, '3') });
    const found = await issuesWithMarkers(link(), 'example/shop', since);
    expect([...found.keys()]).toEqual([itemId, itemId.replace(/2$/, '3')]);
    expect(shop.issues[0]?.body).toContain(markerOf(itemId));
  });

  test('are followed, also where they are no more', async () => {
    await createIssue(link(), 'example/shop', order);
    const [issue] = shop.issues;
    if (issue) issue.state = 'closed';
    expect(await seeIssue(link(), 'example/shop', 1)).toMatchObject({ state: 'closed' });
    expect(await seeIssue(link(), 'example/shop', 9)).toBeNull();
  });

  test('whose making nobody heard of are not made again, but found', async () => {
    shop.losesAnswers = true;
    await expect(createIssue(link(), 'example/shop', order)).rejects.toMatchObject({
      code: 'sourceFails',
    });
    expect(shop.issues).toHaveLength(1);
    expect((await issuesWithMarkers(link(), 'example/shop', since)).has(itemId)).toBe(true);
  });

  test('hold what strangers wrote so that it does nothing', () => {
    const hostile = `See @everyone, #1, [x](javascript:1) ${markerOf(itemId)} <img src=x>`;
    expect(quiet(hostile)).not.toMatch(/@\w|#\d|<|(?<!\\)\[/);
  });

  test('that may not be made say so', async () => {
    shop.forbidden.add('issues');
    await expect(createIssue(link(), 'example/shop', order)).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});

describe('webhooks', () => {
  const secret = 'sample-secret-of-the-hook';

  test('are taken only with the signature of their very bytes', () => {
    const { body, headers } = shop.delivery('push', { ref: 'refs/heads/main' }, secret, 'd1');
    const bytes = Buffer.from(body);
    const signature = headers['x-hub-signature-256'];
    expect(isSigned(secret, bytes, signature)).toBe(true);
    expect(isSigned('another', bytes, signature)).toBe(false);
    expect(isSigned(secret, Buffer.from(`${body} `), signature)).toBe(false);
    expect(isSigned(secret, bytes, null)).toBe(false);
    expect(isSigned(secret, bytes, signature.slice(0, -2))).toBe(false);
    expect(
      isSigned('', bytes, `sha256=${createHmac('sha256', '').update(bytes).digest('hex')}`),
    ).toBe(false);
  });

  const repository = { full_name: 'example/shop', default_branch: 'main' };
  test.each([
    [
      'dependabot_alert',
      { alert: dependabotAlert },
      { readAgain: true, report: { reporter: 'dependabot' } },
    ],
    [
      'code_scanning_alert',
      { alert: codeAlert },
      { readAgain: true, report: { reporter: 'github-code-scanning' } },
    ],
    [
      'push',
      { ref: 'refs/heads/main', commits: [{ modified: ['web/pnpm-lock.yaml'] }] },
      { readAgain: true },
    ],
    [
      'push',
      { ref: 'refs/heads/main', commits: [{ modified: ['readme.md'] }] },
      { readAgain: false },
    ],
    [
      'push',
      { ref: 'refs/heads/other', commits: [{ modified: ['go.mod'] }] },
      { readAgain: false },
    ],
    [
      'issues',
      { issue: { number: 4, state: 'closed' } },
      { issue: { number: 4, state: 'closed' } },
    ],
    ['ping', { zen: 'x' }, { readAgain: false, report: null }],
  ])('%s %j', (event, payload, outcome) => {
    expect(readHook(event, { ...payload, repository })).toMatchObject({
      repository: 'example/shop',
      ...outcome,
    });
  });

  test('about nothing known ask for nothing; malformed ones are refused', () => {
    expect(readHook('ping', { hook_id: 1 })).toMatchObject({ repository: null, readAgain: false });
    expect(() => readHook('dependabot_alert', { alert: {}, repository })).toThrow(
      /at alert\.number/,
    );
  });
});
