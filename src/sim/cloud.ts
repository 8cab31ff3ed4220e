import { z } from 'zod';
import { invariant } from '../kernel/invariant.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { World } from '../platform/world.ts';
import {
  type Aspect,
  type Connector,
  type EntitlementFacts,
  heldKey,
  type Observation,
} from '../registers/connections/facts.connector.ts';
import { connectionFlow } from '../registers/connections/store.ts';
import { createRunner } from '../server/connections/runner.ts';
import { sealSecret } from '../server/connections/secrets.ts';
import type { Company } from './company.ts';

/**
 * What the sample company's identity provider and cloud show on its last day, read by the real
 * runner: second factors but for one, an old key, a root user who was at work, roles that allow too
 * much. The connections are paused afterwards: there is nothing behind them.
 */
export async function connectCloud(world: World, company: Company): Promise<void> {
  const sources: Readonly<Record<string, Connector>> = {
    entra: sampleSource(
      'entra',
      ['secondFactors', 'signIns', 'passwordPolicy', 'conditionalAccess', 'securityDefaults'],
      () => entraShows(world, company),
    ),
    aws: sampleSource(
      'aws',
      [
        'secondFactors',
        'signIns',
        'credentials',
        'passwordPolicy',
        'root',
        'lastAccessed',
        'trust',
        'risks',
      ],
      () => awsShows(world, company),
    ),
  };
  const connectors = Object.fromEntries(
    Object.entries(sources).map(([kind, source]) => [kind, async () => source]),
  );
  const outside = { connectors, fetch, wait: async () => undefined };
  const ids = new Map(Object.keys(sources).map((kind) => [kind, world.newId()]));
  for (const [kind, id] of ids) {
    const secret = sealSecret(world.keys, id, 'reading', {});
    const made = await company.officer(connectionFlow, {
      do: 'setUpConnection',
      id,
      system: kind,
      kind,
      settings: settingsOf[kind] ?? {},
      secret,
      everyHours: 24,
    });
    invariant(made.ok, `the company connects ${kind}`);
  }
  await createRunner(world, outside, 'sample').runDue();
  for (const id of ids.values()) {
    const change = { do: 'changeConnection', id, version: 1, paused: true } as const;
    const paused = await company.officer(connectionFlow, change);
    invariant(paused.ok, 'the connection is paused');
  }
}

const settingsOf: Readonly<Record<string, JsonObject>> = {
  entra: {
    tenantId: '11111111-2222-4333-8444-555555555555',
    clientId: '66666666-7777-4888-8999-aaaaaaaaaaaa',
  },
  aws: { region: 'eu-central-1', externalId: 'sample-external-id' },
};

function sampleSource(
  kind: string,
  more: readonly Aspect[],
  shows: () => readonly Observation[],
): Connector {
  return {
    kind,
    settings: z.looseObject({}),
    secret: z.looseObject({}),
    aspects: ['accounts', 'entitlements', 'held', ...more],
    acts: [],
    test: async () => [],
    async *read() {
      yield { observations: shows(), resume: null };
      return { next: null };
    },
    carryOut: async () => undefined,
  };
}

interface Shown {
  readonly secondFactor: (staffNo: number) => boolean | null;
  readonly entitlement: (name: string) => Omit<EntitlementFacts, 'name'>;
}

/** What there is, as reality has it. */
function accessOf(
  system: string,
  { now }: World,
  { reality }: Company,
  shown: Shown,
): Observation[] {
  const pairs = reality.pairsOf(system);
  const names = [...new Set(pairs.map(([account]) => account))];
  const staff = names.filter((name) => !name.startsWith('svc-'));
  return [
    ...names.map((name, no): Observation => {
      const isStaff = staff.includes(name);
      const lastUsedAt = now().subtract({ hours: 3 + ((no * 7) % 90) });
      const secondFactor = isStaff ? shown.secondFactor(staff.indexOf(name)) : null;
      const facts = {
        name,
        email: name.includes('@') ? name : null,
        active: true,
        secondFactor,
        lastUsedAt,
      };
      return { of: 'account', key: name, facts: { ...facts, kind: isStaff ? 'staff' : 'service' } };
    }),
    ...[...new Set(pairs.map(([, entitlement]) => entitlement))].map(
      (name): Observation => ({
        of: 'entitlement',
        key: name,
        facts: { name, ...shown.entitlement(name) },
      }),
    ),
    ...pairs.map(([account, entitlement]) => held(account, entitlement)),
  ];
}

function held(account: string, entitlement: string): Observation {
  return { of: 'held', key: heldKey(account, entitlement), facts: { account, entitlement } };
}

/** One of the staff has put the second factor off; one account is for emergencies. */
function entraShows(world: World, company: Company): readonly Observation[] {
  const domain = { id: 'example.com', isVerified: true, authenticationType: 'Managed' };
  const emergency = 'break-glass@example.com';
  const lastUsedAt = world.now().subtract({ hours: 24 * 200 });
  return [
    ...accessOf('entra', world, company, {
      secondFactor: (no) => no !== 4,
      entitlement: (name) => ({ privileged: name === 'global-administrator', risks: [] }),
    }),
    {
      of: 'account',
      key: emergency,
      facts: {
        name: emergency,
        email: null,
        kind: 'break-glass',
        active: true,
        secondFactor: true,
        lastUsedAt,
      },
    },
    {
      of: 'entitlement',
      key: 'global-administrator',
      facts: { name: 'global-administrator', privileged: true, risks: [] },
    },
    held(emergency, 'global-administrator'),
    { of: 'setting', key: 'passwordPolicy', facts: { domains: [domain] } },
    { of: 'setting', key: 'conditionalAccess', facts: { policies: conditionalAccess(emergency) } },
    // Both at once cannot be: a tenant has its own policies or Microsoft's defaults.
    { of: 'setting', key: 'securityDefaults', facts: { enabled: false } },
  ];
}

/** Everybody is asked for a second factor but the account for emergencies; a stricter rule is tried out. */
function conditionalAccess(emergency: string): JsonObject[] {
  const conditions = {
    clientAppTypes: ['all'],
    applications: { includeApplications: ['All'], excludeApplications: [] },
    users: { includeUsers: ['All'], excludeUsers: [emergency], excludeGroups: [] },
  };
  const strength = { displayName: 'Phishing-resistant MFA', requirementsSatisfied: 'mfa' };
  return [
    {
      displayName: 'Second factor for everybody',
      state: 'enabled',
      conditions,
      grantControls: { operator: 'OR', builtInControls: ['mfa'] },
    },
    {
      displayName: 'Phishing-resistant for everybody',
      state: 'enabledForReportingButNotEnforced',
      conditions,
      grantControls: { operator: 'OR', builtInControls: [], authenticationStrength: strength },
    },
  ];
}

const awsAccount = '111122223333';
const arn = (what: string) => `arn:aws:iam::${awsAccount}:${what}`;
const risksOf: Readonly<Record<string, EntitlementFacts['risks']>> = {
  administrator: ['administrator', 'wildcardAction', 'wildcardResource'],
  operator: ['wildcardResource', 'unusedServices'],
};

/** People come by single sign-on; beside them a user from before, the root user, and a vendor. */
function awsShows(world: World, company: Company): readonly Observation[] {
  const daysAgo = (days: number) => world.now().subtract({ hours: 24 * days });
  const [legacy, root, vendor, role] = [
    arn('user/legacy-deploy'),
    arn('root'),
    '999988887777',
    arn('role/Vendor'),
  ];
  const policy = 'arn:aws:iam::aws:policy/PowerUserAccess';
  const account = (name: string, kind: 'service' | 'break-glass', days: number): Observation => ({
    of: 'account',
    key: name,
    facts: {
      name,
      email: null,
      kind,
      active: true,
      secondFactor: kind === 'break-glass',
      lastUsedAt: daysAgo(days),
    },
  });
  const entitlement = (name: string, risks: EntitlementFacts['risks']): Observation => ({
    of: 'entitlement',
    key: name,
    facts: { name, privileged: risks.includes('wildcardAction'), risks },
  });
  const credential = (
    kind: 'accessKey' | 'password',
    name: string,
    made: number,
    used: number,
  ): Observation => ({
    of: 'credential',
    key: `${legacy}/${name}`,
    facts: {
      account: legacy,
      kind,
      name,
      active: true,
      createdAt: daysAgo(made),
      lastUsedAt: daysAgo(used),
    },
  });
  const policyFacts = { account: awsAccount, own: false, minimumLength: 8, reusePrevented: 0 };
  const rootFacts = {
    account: root,
    lastUsedAt: daysAgo(12).toString(),
    accessKeys: 0,
    password: true,
    secondFactor: true,
  };
  return [
    ...accessOf('aws', world, company, {
      secondFactor: () => null,
      entitlement: (name) => ({ privileged: name === 'administrator', risks: risksOf[name] ?? [] }),
    }),
    account(legacy, 'service', 95),
    account(root, 'break-glass', 12),
    account(vendor, 'service', 1),
    entitlement(policy, ['wildcardAction', 'wildcardResource', 'direct']),
    entitlement(role, ['externalTrust']),
    held(legacy, policy),
    held(vendor, role),
    credential('accessKey', 'AKIAEXAMPLELEGACY000', 400, 95),
    credential('password', 'password', 400, 300),
    { of: 'setting', key: `passwordPolicy/${awsAccount}`, facts: policyFacts },
    { of: 'setting', key: `root/${awsAccount}`, facts: rootFacts },
  ];
}
