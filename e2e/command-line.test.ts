import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Installation, install, newBrowser, setUp } from './installation.ts';

let installation: Installation;

beforeAll(async () => {
  installation = await install();
  await setUp(installation);
});

afterAll(async () => {
  await installation?.end();
});

test('who may read the data folder makes, lists and revokes tokens of the installation', async () => {
  const { url, cli } = installation;
  const made = JSON.parse(
    lineOf(await cli('--json', 'token', 'create', 'nightly', '--role', 'auditor', '--days', '7')),
  );
  expect(made.token).toMatch(/^kept_[\w-]{43}$/);
  const listed = JSON.parse(await cli('--json', 'token', 'list')) as {
    id: string;
    name: string;
    roles: string[];
  }[];
  expect(listed).toEqual([
    expect.objectContaining({ id: made.id, name: 'nightly', roles: ['auditor'] }),
  ]);

  const headers = { authorization: `Bearer ${made.token}` };
  expect((await newBrowser(url).get('/api/v1/me', headers)).body['roles']).toEqual(['auditor']);
  // A token never makes a token, and sees none but its own: one that leaked must not outlive itself.
  const more = await newBrowser(url).post(
    '/api/v1/tokens',
    { name: 'more', roles: ['auditor'] },
    headers,
  );
  expect([more.status, more.body['code']]).toEqual([422, 'tokenNeedsPerson']);
  expect((await newBrowser(url).get('/api/v1/tokens', headers)).body['items']).toEqual([]);
  const ended = await newBrowser(url).send(
    'DELETE',
    `/api/v1/tokens/${made.id}`,
    undefined,
    headers,
  );
  expect(ended.status).toBe(404);

  await cli('token', 'revoke', made.id);
  expect((await newBrowser(url).get('/api/v1/me', headers)).status).toBe(401);
});

test('says how the policy stands, in words and for programs', async () => {
  const { url, cli } = installation;
  expect(await cli('status')).toMatch(/^http:\S+: \d+ of 71 promises kept/m);
  const answer = JSON.parse(await cli('--json', 'status')) as { url: string; promises: unknown[] };
  expect([answer.url.replace('127.0.0.1', 'localhost'), answer.promises.length]).toEqual([url, 71]);
});

/** The answer; what is said to people stands before it. */
function lineOf(said: string): string {
  return said.slice(said.indexOf('{'));
}
