import type { IAM } from '@aws-sdk/client-iam';
import type { JsonObject } from '../../kernel/json.ts';
import {
  type Aspect,
  heldKey,
  type Observation,
  type Risk,
} from '../../registers/connections/facts.connector.ts';
import { type Means, type Report, readMeans, readReport, rootRow } from './credentials.ts';
import { inlineName } from './facts.ts';
import { eachOf, type Gaps, ifThere } from './gaps.ts';
import { matches } from './glob.ts';
import type { Verdict } from './judge.ts';
import { readUnused } from './lastaccessed.ts';
import type { Session } from './session.ts';
import { type IamUser, readSnapshot, type Snapshot } from './snapshot.ts';
import { accountOf, type Inside } from './trust.ts';

/** Users that a role lets in from other accounts are known only when all accounts were read. */
export interface AcrossAccounts {
  /** ARN of a user, and a pattern of roles that its policies name. */
  readonly assuming: [user: string, pattern: string][];
  /** ARN of a role, and an account inside whose users it lets in. */
  readonly trusting: [role: string, account: string][];
}

/** What IAM's reading of an account is about: all that is missing where its role cannot be assumed. */
const ofAccounts: readonly Aspect[] = [
  'accounts',
  'entitlements',
  'held',
  'secondFactors',
  'signIns',
  'credentials',
  'passwordPolicy',
  'root',
  'lastAccessed',
  'trust',
  'risks',
];

const usersAtOnce = 50;
const requestsAtOnce = 4;

/** Everything of one account, a stretch at a time. ARNs are the keys of what has one. */
export async function* readAccount(
  session: Session,
  account: string,
  inside: Inside,
  across: AcrossAccounts,
  gaps: Gaps,
): AsyncGenerator<readonly Observation[], void, void> {
  const iam = await session.iam(account);
  const { wait, now } = session.link;
  const assumed = await gaps.attempt(ofAccounts, 'sts:AssumeRole', () => iam.config.credentials());
  if (!assumed) return;
  yield await settingsOf(iam, account, gaps);
  const report = await readReport(iam, gaps, wait);
  yield await rootOf(iam, `arn:${session.partition}:iam::${account}:root`, report, gaps);
  const snapshot = await readSnapshot(iam, inside, gaps);
  if (!snapshot) return;
  const direct = new Set(snapshot.users.flatMap(({ attached }) => attached));
  const holders = [
    ...snapshot.roles,
    ...snapshot.groups,
    ...[...direct].flatMap((arn) => {
      const policy = snapshot.policies.get(arn);
      return policy ? [{ arn, createdAt: policy.createdAt }] : [];
    }),
  ];
  const unused = await readUnused(iam, holders, now(), wait, gaps);
  yield [...entitlementsOf(snapshot, direct, unused), ...outsidersOf(snapshot, inside)];
  for (let at = 0; at < snapshot.users.length; at += usersAtOnce) {
    const users = snapshot.users.slice(at, at + usersAtOnce);
    yield await readUsers(iam, users, snapshot, report, gaps);
  }
  noteAcross(snapshot, account, across);
}

/** Password policy; without one of its own an account has the one that AWS gives. */
async function settingsOf(iam: IAM, account: string, gaps: Gaps): Promise<readonly Observation[]> {
  const asked = await gaps.attempt(
    ['passwordPolicy'],
    'iam:GetAccountPasswordPolicy',
    async () => ({ answer: await ifThere(() => iam.getAccountPasswordPolicy({})) }),
  );
  if (!asked) return [];
  const policy = asked.answer?.PasswordPolicy;
  const facts: JsonObject = {
    account,
    own: policy !== undefined,
    minimumLength: policy?.MinimumPasswordLength ?? (policy ? 6 : 8),
    upperCase: policy?.RequireUppercaseCharacters ?? false,
    lowerCase: policy?.RequireLowercaseCharacters ?? false,
    numbers: policy?.RequireNumbers ?? false,
    symbols: policy?.RequireSymbols ?? false,
    reusePrevented: policy?.PasswordReusePrevention ?? 0,
    maximumAgeDays: policy?.MaxPasswordAge ?? null,
  };
  return [{ of: 'setting', key: `passwordPolicy/${account}`, facts }];
}

/** The root user: an account for emergencies, which nobody can take away from. */
async function rootOf(
  iam: IAM,
  arn: string,
  report: Report | null,
  gaps: Gaps,
): Promise<readonly Observation[]> {
  const summary = await gaps.attempt(['root'], 'iam:GetAccountSummary', () =>
    iam.getAccountSummary({}),
  );
  const counts: Readonly<Record<string, number>> = summary?.SummaryMap ?? {};
  const row = report?.get(rootRow);
  if (!summary || !row) {
    gaps.add({
      aspect: 'root',
      permission: summary ? '' : 'iam:GetAccountSummary',
      message: `the credential report says nothing of ${arn}`,
    });
    if (!summary) return [];
  }
  // An organisation may have taken the credentials of root users away altogether.
  const password = counts['AccountPasswordPresent'] !== 0;
  const keys = row
    ? row.keys.filter((key) => key?.active).length
    : (counts['AccountAccessKeysPresent'] ?? 0);
  const secondFactor =
    counts['AccountMFAEnabled'] === undefined
      ? (row?.mfa ?? null)
      : counts['AccountMFAEnabled'] === 1;
  const lastUsedAt =
    [row?.passwordLastUsedAt, ...(row?.keys ?? []).map((key) => key?.lastUsedAt)]
      .flatMap((at) => at ?? [])
      .sort(Temporal.Instant.compare)
      .at(-1) ?? null;
  return [
    {
      of: 'account',
      key: arn,
      facts: {
        name: arn,
        email: null,
        kind: 'break-glass',
        active: password || keys > 0,
        secondFactor,
        lastUsedAt,
      },
    },
    { of: 'entitlement', key: arn, facts: { name: arn, privileged: true, risks: [] } },
    held(arn, arn),
    {
      of: 'setting',
      key: `root/${arn.split(':')[4]}`,
      facts: {
        account: arn,
        lastUsedAt: lastUsedAt?.toString() ?? null,
        accessKeys: keys,
        password,
        secondFactor,
        used: row !== undefined,
      },
    },
  ];
}

function entitlementsOf(
  { groups, roles, policies, users }: Snapshot,
  direct: ReadonlySet<string>,
  unused: ReadonlySet<string>,
): Observation[] {
  const entitlement = (name: string, verdict: Verdict, more: readonly Risk[]): Observation => {
    const risks = [
      ...verdict.risks,
      ...more,
      ...(unused.has(name) ? ['unusedServices' as const] : []),
    ];
    return { of: 'entitlement', key: name, facts: { name, privileged: verdict.privileged, risks } };
  };
  return [
    ...groups.map(({ arn, verdict }) => entitlement(arn, verdict, [])),
    ...roles.map(({ arn, verdict, trust }) =>
      entitlement(arn, verdict, trust.outside.length > 0 ? ['externalTrust'] : []),
    ),
    ...[...direct].flatMap((arn) => {
      const policy = policies.get(arn);
      return policy ? [entitlement(arn, policy.verdict, ['direct'])] : [];
    }),
    ...users.flatMap(({ arn, inline }) =>
      inline.map(({ name, verdict }) => entitlement(inlineName(arn, name), verdict, ['direct'])),
    ),
  ];
}

/** Whoever outside may assume a role holds it; so do users that its trust policy names. */
function outsidersOf({ roles }: Snapshot, { read }: Inside): Observation[] {
  return roles.flatMap(({ arn, trust }) => [
    ...trust.outside.flatMap((name) => [outsider(name), held(name, arn)]),
    ...trust.users.flatMap((user) => [
      // Of an account that is ours and not read, nothing else tells of its users.
      ...(read.has(accountOf(user) ?? '') ? [] : [outsider(user)]),
      held(user, arn),
    ]),
  ]);
}

function outsider(name: string): Observation {
  return {
    of: 'account',
    key: name,
    facts: {
      name,
      email: null,
      kind: 'service',
      active: true,
      secondFactor: null,
      lastUsedAt: null,
    },
  };
}

const held = (account: string, entitlement: string): Observation => ({
  of: 'held',
  key: heldKey(account, entitlement),
  facts: { account, entitlement },
});

async function readUsers(
  iam: IAM,
  users: readonly IamUser[],
  snapshot: Snapshot,
  report: Report | null,
  gaps: Gaps,
): Promise<readonly Observation[]> {
  const groups = new Map(snapshot.groups.map(({ name, arn }) => [name, arn]));
  const observations: Observation[] = [];
  await eachOf(users, requestsAtOnce, async (user) => {
    const means = await readMeans(iam, user, report, gaps);
    observations.push(
      userFacts(user, means),
      ...user.groups.flatMap((name) => groups.get(name) ?? []).map((arn) => held(user.arn, arn)),
      ...user.attached.map((arn) => held(user.arn, arn)),
      ...user.inline.map(({ name }) => held(user.arn, inlineName(user.arn, name))),
      ...rolesOf(user, snapshot).map((arn) => held(user.arn, arn)),
      ...means.credentials.map(
        (facts): Observation => ({ of: 'credential', key: `${user.arn}/${facts.name}`, facts }),
      ),
    );
  });
  return observations;
}

/** A user is a person's where a tag says whose or a password lets somebody in; else a machine's. */
function userFacts(user: IamUser, means: Means): Observation {
  const tagged = (...keys: readonly string[]) =>
    Object.entries(user.tags).find(([key]) => keys.includes(key.toLowerCase()))?.[1] ?? null;
  const email = tagged('email', 'e-mail', 'mail');
  const said = tagged('kept:kind', 'account-kind');
  const kind =
    said === 'staff' || said === 'service' || said === 'break-glass'
      ? said
      : email !== null || means.password !== false
        ? 'staff'
        : 'service';
  const active = means.password !== false || means.credentials.some((one) => one.active);
  const { secondFactor, lastUsedAt } = means;
  return {
    of: 'account',
    key: user.arn,
    facts: { name: user.arn, email, kind, active, secondFactor, lastUsedAt },
  };
}

/** Roles of the same account that let the account in, and that the user's policies name. */
function rolesOf(user: IamUser, snapshot: Snapshot): readonly string[] {
  const patterns = assumedBy(user, snapshot);
  if (patterns.length === 0) return [];
  const account = user.arn.split(':')[4] ?? '';
  return snapshot.roles
    .filter(({ arn, trust }) => {
      const lets = trust.accounts.includes(account) && !trust.users.includes(user.arn);
      return lets && patterns.some((pattern) => matches(pattern, arn));
    })
    .map(({ arn }) => arn);
}

function assumedBy(user: IamUser, { groups, policies }: Snapshot): readonly string[] {
  const verdicts = [
    ...user.inline.map(({ verdict }) => verdict),
    ...user.attached.flatMap((arn) => policies.get(arn)?.verdict ?? []),
    ...groups.filter(({ name }) => user.groups.includes(name)).map(({ verdict }) => verdict),
  ];
  return [...new Set(verdicts.flatMap(({ assumes }) => assumes))];
}

/** Remembers what joins this account with others. */
function noteAcross(snapshot: Snapshot, account: string, across: AcrossAccounts): void {
  for (const user of snapshot.users) {
    for (const pattern of assumedBy(user, snapshot)) {
      if (!pattern.includes(`::${account}:`)) across.assuming.push([user.arn, pattern]);
    }
  }
  for (const { arn, trust } of snapshot.roles) {
    for (const other of trust.accounts) if (other !== account) across.trusting.push([arn, other]);
  }
}

/** What all accounts together show: users of one who may assume roles of another. */
export function heldAcross({ assuming, trusting }: AcrossAccounts): readonly Observation[] {
  return assuming.flatMap(([user, pattern]) =>
    trusting
      .filter(([role, account]) => user.includes(`::${account}:`) && matches(pattern, role))
      .map(([role]) => held(user, role)),
  );
}
