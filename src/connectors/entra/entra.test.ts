import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '../../kernel/json.ts';
import {
  ChangesLost,
  type Gap,
  type Observation,
  type ReadFrom,
} from '../../registers/connections/facts.connector.ts';
import { entra } from './connector.ts';
import { actPermissions, entraSecret, entraSettings, permissions } from './facts.ts';
import { FakeGraph } from './fake.ts';
import type { EntraLink } from './graph.ts';

const credentials = {
  tenantId: '11111111-2222-4333-8444-555555555555',
  clientId: '66666666-7777-4888-8999-000000000000',
  clientSecret: 'sample secret',
};
const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';

let fake: FakeGraph;
let link: EntraLink;

beforeEach(async () => {
  fake = new FakeGraph(credentials);
  const url = await fake.listen();
  const { directory } = fake;
  directory.putUser('u1', { upn: 'aoi@example.com', signedInAt: '2026-01-04T10:00:00Z' });
  directory.putUser('u2', { upn: 'ben@example.com', mfa: false });
  directory.putUser('u3', { upn: 'chika@example.com', enabled: false });
  directory.putGroup('g1', 'Finance');
  directory.putRole('r1', 'Global Administrator', globalAdministrator);
  directory.add('g1', 'u1');
  directory.add('g1', 'u2');
  directory.add('r1', 'u1');
  link = linkTo(url, credentials.clientSecret);
});

afterEach(() => fake.close());

function linkTo(url: string, clientSecret: string): EntraLink {
  const { tenantId, clientId } = credentials;
  return {
    settings: entraSettings.parse({ tenantId, clientId, graphUrl: url, loginUrl: url }),
    secret: entraSecret.parse({ clientSecret }),
    fetch,
    now: () => Temporal.Instant.from('2026-01-05T00:00:00Z'),
    wait: async () => undefined,
    signal: new AbortController().signal,
  };
}

async function read(from: ReadFrom = { read: 'whole', resume: null }) {
  const shown: Observation[] = [];
  const gaps: Gap[] = [];
  const resumes: Json[] = [];
  const stretches = entra.read(link, from);
  for (;;) {
    const turn = await stretches.next();
    if (turn.done) return { shown, gaps, resumes, next: turn.value.next };
    shown.push(...turn.value.observations);
    gaps.push(...(turn.value.gaps ?? []));
    resumes.push(turn.value.resume);
  }
}

const lineOf = ({ of, key, facts }: Observation) =>
  `${of} ${key.replace('\n', ' ')} ${facts ? (JSON.stringify(facts).match(/"(?:name|enrolled|at)":("[^"]*"|\w+)/)?.[1] ?? '') : 'gone'}`.trim();

describe('reading a tenant', () => {
  test('shows users, groups, roles, second factors, sign-ins and policies', async () => {
    const { shown, gaps } = await read();
    expect(gaps).toEqual([]);
    expect(shown.map(lineOf)).toEqual([
      'account u1 "aoi@example.com"',
      'account u2 "ben@example.com"',
      'account u3 "chika@example.com"',
      'entitlement g1 "group/Finance"',
      'held u1 g1',
      'held u2 g1',
      'entitlement r1 "role/Global Administrator"',
      'held u1 r1',
      'secondFactor u1 true',
      'secondFactor u2 false',
      'secondFactor u3 true',
      'signIn u1 "2026-01-04T10:00:00Z"',
      'signIn u2 null',
      'signIn u3 null',
      'setting conditionalAccess',
      'setting passwordPolicy',
      'setting securityDefaults',
    ]);
    const role = shown.find(({ key }) => key === 'r1');
    expect(role?.facts).toMatchObject({ privileged: true });
    expect(shown.find(({ key }) => key === 'u3')?.facts).toMatchObject({ active: false });
  });

  test('page by page, and goes on where it was cut off', async () => {
    fake.pageSize = 2;
    const whole = await read();
    const cut = whole.resumes[3] ?? null;
    const rest = await read({ read: 'whole', resume: cut });
    expect(whole.shown.slice(-rest.shown.length)).toEqual(rest.shown);
    expect(rest.shown.length).toBeLessThan(whole.shown.length);
    expect(rest.next).toEqual(whole.next);
  });

  test('then only what has changed since', async () => {
    const { next } = await read();
    fake.directory.putUser('u4', { upn: 'daichi@example.com' });
    fake.directory.add('g1', 'u4');
    fake.directory.remove('g1', 'u2');
    fake.directory.deleteUser('u3');
    const changes = await read({ read: 'changes', since: next, resume: null });
    expect(
      changes.shown.map(lineOf).filter((line) => !/^(secondFactor|signIn|setting)/.test(line)),
    ).toEqual([
      'account u3 gone',
      'account u4 "daichi@example.com"',
      'entitlement g1 "group/Finance"',
      'held u4 g1',
      'held u2 g1 gone',
    ]);
  });

  test('whose passwords may be weak, and whose no longer', async () => {
    const upn = 'ben@example.com';
    const exempt = (shown: readonly Observation[]) =>
      shown.filter(({ key }) => key.startsWith('weakPassword/')).map(lineOf);
    fake.directory.putUser('u1', { upn: 'aoi@example.com', passwordPolicies: 'None' });
    fake.directory.putUser('u2', {
      upn,
      passwordPolicies: 'DisablePasswordExpiration, DisableStrongPassword',
    });
    const whole = await read();
    expect(exempt(whole.shown)).toEqual(['setting weakPassword/u2']);
    fake.directory.putUser('u2', { upn, passwordPolicies: 'DisablePasswordExpiration' });
    const changes = await read({ read: 'changes', since: whole.next, resume: null });
    expect(exempt(changes.shown)).toEqual(['setting weakPassword/u2 gone']);
    fake.directory.putUser('u3', { upn, passwordPolicies: 'DisableStrongPassword' });
    const more = await read({ read: 'changes', since: changes.next, resume: null });
    expect(exempt(more.shown)).toEqual(['setting weakPassword/u3']);
  });

  test('links that were made when less was selected are not followed', async () => {
    const { next } = await read();
    const { form: _, ...before } = next as Record<string, string>;
    await expect(read({ read: 'changes', since: before, resume: null })).rejects.toThrow(
      ChangesLost,
    );
  });

  test('security defaults, where they are said to be on or off', async () => {
    const said = ({ shown }: Awaited<ReturnType<typeof read>>) =>
      shown.filter(({ key }) => key === 'securityDefaults').map(({ facts }) => facts);
    expect(said(await read())).toEqual([{ enabled: false }]);
    fake.directory.securityDefaults = { isEnabled: true };
    expect(said(await read())).toEqual([{ enabled: true }]);
    fake.directory.securityDefaults = {};
    expect(said(await read())).toEqual([]);
    fake.forbidden.add('/policies/identitySecurityDefaults');
    expect((await read()).gaps).toMatchObject([
      { aspect: 'securityDefaults', permission: 'Policy.Read.All' },
    ]);
  });

  test('a delta token that Graph has forgotten ends the reading of changes', async () => {
    const { next } = await read();
    fake.forgottenBefore = fake.directory.version + 1;
    await expect(read({ read: 'changes', since: next, resume: null })).rejects.toThrow(ChangesLost);
  });

  test('what may not be read is a gap that names the permission; the rest is read', async () => {
    fake.forbidden.add('/reports/').add('signInActivity').add('/groups/delta');
    const { gaps, shown, next } = await read();
    expect(gaps.map(({ aspect, permission }) => `${aspect} ${permission}`)).toEqual([
      'entitlements GroupMember.Read.All',
      'held GroupMember.Read.All',
      'secondFactors AuditLog.Read.All',
      'signIns AuditLog.Read.All',
    ]);
    expect(shown.filter(({ of }) => of === 'account')).toHaveLength(3);
    expect(next).toBeNull();
  });

  test('a report that fails is a gap; users that fail end the reading', async () => {
    fake.fault = (path) => (path.includes('/reports/') ? { status: 503 } : null);
    const { gaps } = await read();
    expect(gaps).toMatchObject([{ aspect: 'secondFactors', permission: '' }]);
    fake.fault = (path) => (path.includes('/users/delta') ? { status: 500 } : null);
    await expect(read()).rejects.toMatchObject({ code: 'sourceFails' });
  });

  test('a link that leads elsewhere is not followed with the token', async () => {
    const from: ReadFrom = {
      read: 'changes',
      since: { form: '2', users: 'https://elsewhere.example.com/v1.0/users/delta' },
      resume: null,
    };
    await expect(read(from)).rejects.toMatchObject({ code: 'unexpectedAnswer' });
  });

  test('a secret that is no good is said to be no good, without being said', async () => {
    link = linkTo(fake.url, 'another secret');
    const failed = read();
    await expect(failed).rejects.toMatchObject({ code: 'signInRefused' });
    await expect(failed).rejects.toThrow(/AADSTS7000215/);
    await expect(failed).rejects.not.toThrow(/another secret/);
  });
});

test('the guide names every permission that is asked for', async () => {
  const guide = join(import.meta.dirname, '../../../docs/connectors/entra.md');
  const text = await readFile(guide, 'utf8');
  const named = [...Object.values(permissions), ...Object.values(actPermissions)];
  expect(named.filter((permission) => !text.includes(`\`${permission}\``))).toEqual([]);
});

describe('testing the connection', () => {
  test('says permission by permission what is missing', async () => {
    fake.forbidden.add('/identity/conditionalAccess');
    const capabilities = await entra.test(link);
    expect(capabilities.filter(({ able }) => !able)).toMatchObject([
      { aspect: 'conditionalAccess', permission: 'Policy.Read.All' },
    ]);
    expect(capabilities).toHaveLength(8);
  });
});

describe('carrying out', () => {
  test('takes away what was ordered, and again without harm', async () => {
    const account = 'aoi@example.com';
    const twice = async (act: Parameters<typeof entra.carryOut>[1]) => {
      await entra.carryOut(link, act);
      await entra.carryOut(link, act);
    };
    await twice({ act: 'removeHeld', account, target: 'group/Finance' });
    await twice({ act: 'disableAccount', account, target: null });
    await entra.carryOut(link, { act: 'endSessions', account, target: null });
    const { shown } = await read();
    expect(shown.map(lineOf)).not.toContain('held u1 g1');
    expect(shown.find(({ key }) => key === 'u1')?.facts).toMatchObject({ active: false });
    expect(fake.directory.sessionsEndedOf('u1')).toBe(1);
  });

  test('does nothing rather than the wrong thing', async () => {
    fake.directory.putGroup('g2', 'Finance');
    const order = { act: 'removeHeld', account: 'ben@example.com' } as const;
    await expect(entra.carryOut(link, { ...order, target: 'group/Finance' })).rejects.toMatchObject(
      { code: 'actUnsupported' },
    );
    await expect(
      entra.carryOut(link, { ...order, target: 'role/Global Administrator' }),
    ).rejects.toMatchObject({ code: 'actUnsupported' });
  });
});
