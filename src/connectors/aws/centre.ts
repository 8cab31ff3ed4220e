import type { Identitystore, User } from '@aws-sdk/client-identitystore';
import type { InstanceMetadata, SSOAdmin } from '@aws-sdk/client-sso-admin';
import {
  type Aspect,
  heldKey,
  type Observation,
} from '../../registers/connections/facts.connector.ts';
import { NotAPolicy, parsePolicy } from './document.ts';
import { assignmentName, centreGroupName, passwordName } from './facts.ts';
import { Gaps, ifThere } from './gaps.ts';
import { harmless, judge, together, type Verdict, within } from './judge.ts';
import type { Session } from './session.ts';

/** Where there is no answer, nothing of Identity Center is known. */
const ofCentre: readonly Aspect[] = ['accounts', 'entitlements', 'held'];

/** Everything of IAM Identity Center that concerns the accounts read. */
export async function* readCentre(
  session: Session,
  accounts: readonly string[],
  gaps: Gaps,
): AsyncGenerator<readonly Observation[], void, void> {
  const centre = await session.identityCentre();
  const instances = await gaps.attempt(ofCentre, 'sso:ListInstances', () =>
    pagesOf(
      (token) => centre.listInstances(token),
      ({ Instances }) => Instances,
    ),
  );
  for (const instance of instances ?? []) {
    yield* new CentreReading(session, centre, await session.identityStore(), instance, gaps).read(
      new Set(accounts),
    );
  }
}

/** Follows `NextToken` to the end. */
export async function pagesOf<Page extends { NextToken?: string | undefined }, T>(
  ask: (token: { NextToken?: string }) => Promise<Page>,
  items: (page: Page) => readonly T[] | undefined,
): Promise<readonly T[]> {
  const gathered: T[] = [];
  let token: string | undefined;
  do {
    const page = await ask(token === undefined ? {} : { NextToken: token });
    gathered.push(...(items(page) ?? []));
    token = page.NextToken;
  } while (token);
  return gathered;
}

/** The reading of one instance of Identity Center. */
class CentreReading {
  readonly #session: Session;
  readonly #centre: SSOAdmin;
  readonly #store: Identitystore;
  readonly #gaps: Gaps;
  readonly #instance: string;
  readonly #storeId: string;
  /** Verdicts of managed policies that were looked up, by ARN. */
  readonly #policies = new Map<string, Verdict>();
  /** Users that the list named. */
  readonly #users = new Set<string>();
  /** What users have whom the list did not name: they came since, or are gone and still named. */
  readonly #strays: { readonly user: string; readonly entitlement: string }[] = [];
  /** What groups are given, by id. */
  readonly #groups = new Map<string, Verdict[]>();

  constructor(
    session: Session,
    centre: SSOAdmin,
    store: Identitystore,
    instance: InstanceMetadata,
    gaps: Gaps,
  ) {
    this.#session = session;
    this.#centre = centre;
    this.#store = store;
    this.#gaps = gaps;
    this.#instance = instance.InstanceArn ?? '';
    this.#storeId = instance.IdentityStoreId ?? '';
  }

  async *read(accounts: ReadonlySet<string>): AsyncGenerator<readonly Observation[], void, void> {
    yield* this.#listed();
    const sets = await this.#gaps.attempt(ofCentre, 'sso:ListPermissionSets', () =>
      pagesOf(
        (token) => this.#centre.listPermissionSets({ InstanceArn: this.#instance, ...token }),
        ({ PermissionSets }) => PermissionSets,
      ),
    );
    for (const set of sets ?? []) yield await this.#permissionSet(set, accounts);
    for (const [id, verdicts] of this.#groups) yield* this.#group(id, together(verdicts));
    yield* this.#late();
  }

  #userKey(id: string): string {
    return `${this.#storeId}/user/${id}`;
  }

  /** Users who came while all was read; whoever is not there now either is nobody, and has nothing. */
  async *#late(): AsyncGenerator<readonly Observation[], void, void> {
    if (this.#strays.length === 0) return;
    yield* this.#listed();
    yield this.#strays.flatMap(({ user, entitlement }) =>
      this.#users.has(user) ? [held(this.#userKey(user), entitlement)] : [],
    );
  }

  #heldBy(user: string, entitlement: string): Observation[] {
    if (this.#users.has(user)) return [held(this.#userKey(user), entitlement)];
    this.#strays.push({ user, entitlement });
    return [];
  }

  /** Users who have not been listed before. */
  async *#listed(): AsyncGenerator<readonly Observation[], void, void> {
    let token: string | undefined;
    do {
      const from = token === undefined ? {} : { NextToken: token };
      const page = await this.#gaps.attempt(ofCentre, 'identitystore:ListUsers', () =>
        this.#store.listUsers({ IdentityStoreId: this.#storeId, ...from }),
      );
      const users = (page?.Users ?? []).filter(({ UserId = '' }) => !this.#users.has(UserId));
      for (const { UserId = '' } of users) this.#users.add(UserId);
      yield users.flatMap((user) => this.#userFacts(user));
      token = page?.NextToken;
    } while (token);
  }

  #userFacts(user: User): Observation[] {
    const key = this.#userKey(user.UserId ?? '');
    const name = user.UserName ?? key;
    const email = user.Emails?.find(({ Primary }) => Primary) ?? user.Emails?.[0];
    const account: Observation = {
      of: 'account',
      key,
      facts: {
        name,
        email: email?.Value ?? null,
        kind: 'staff',
        active: user.UserStatus !== 'DISABLED',
        // No interface of Identity Center says who has enrolled a second factor.
        secondFactor: null,
        lastUsedAt: null,
      },
    };
    // Whoever an identity provider has sent signs in there; the others have a password here.
    if ((user.ExternalIds ?? []).length > 0) return [account];
    const facts = {
      account: key,
      kind: 'password',
      name: passwordName,
      active: true,
      createdAt: null,
      lastUsedAt: null,
    } as const;
    return [account, { of: 'credential', key: `${key}/${passwordName}`, facts }];
  }

  /** Who is given a permission set in which account. */
  async #permissionSet(
    set: string,
    accounts: ReadonlySet<string>,
  ): Promise<readonly Observation[]> {
    const at = { InstanceArn: this.#instance, PermissionSetArn: set };
    const described = await this.#gaps.attempt(ofCentre, 'sso:DescribePermissionSet', () =>
      this.#centre.describePermissionSet(at),
    );
    const name = described?.PermissionSet?.Name;
    const provisioned = await this.#gaps.attempt(
      ofCentre,
      'sso:ListAccountsForProvisionedPermissionSet',
      () =>
        pagesOf(
          (token) => this.#centre.listAccountsForProvisionedPermissionSet({ ...at, ...token }),
          ({ AccountIds }) => AccountIds,
        ),
    );
    if (!name || !provisioned) return [];
    const common = await this.#verdictOf(at);
    const observations: Observation[] = [];
    for (const account of provisioned.filter((id) => accounts.has(id))) {
      const own = await this.#customerManaged(at, account);
      observations.push(...(await this.#assignments(at, name, account, together([common, own]))));
    }
    return observations;
  }

  async #assignments(
    at: PermissionSetAt,
    name: string,
    account: string,
    verdict: Verdict,
  ): Promise<readonly Observation[]> {
    const assigned = await this.#gaps.attempt(ofCentre, 'sso:ListAccountAssignments', () =>
      pagesOf(
        (token) => this.#centre.listAccountAssignments({ ...at, AccountId: account, ...token }),
        ({ AccountAssignments }) => AccountAssignments,
      ),
    );
    const key = `${at.PermissionSetArn}/${account}`;
    const users: string[] = [];
    for (const { PrincipalType, PrincipalId = '' } of assigned ?? []) {
      if (PrincipalType === 'USER') users.push(PrincipalId);
      else {
        const given = this.#groups.get(PrincipalId) ?? [];
        this.#groups.set(PrincipalId, [...given, verdict]);
      }
    }
    if (users.length === 0) return [];
    const { privileged, risks } = verdict;
    return [
      { of: 'entitlement', key, facts: { name: assignmentName(name, account), privileged, risks } },
      ...users.flatMap((user) => this.#heldBy(user, key)),
    ];
  }

  /** A group is an entitlement where something is given to it: what it gives is what that allows. */
  async *#group(id: string, verdict: Verdict): AsyncGenerator<readonly Observation[], void, void> {
    const at = { IdentityStoreId: this.#storeId, GroupId: id };
    const described = await this.#gaps.attempt(
      ofCentre,
      'identitystore:DescribeGroup',
      async () => ({
        group: await ifThere(() => this.#store.describeGroup(at)),
      }),
    );
    if (!described?.group) return;
    const key = `${this.#storeId}/group/${id}`;
    const { privileged, risks } = verdict;
    const name = centreGroupName(described.group.DisplayName ?? id);
    yield [{ of: 'entitlement', key, facts: { name, privileged, risks } }];
    let token: string | undefined;
    do {
      const from = token === undefined ? {} : { NextToken: token };
      const page = await this.#gaps.attempt(['held'], 'identitystore:ListGroupMemberships', () =>
        this.#store.listGroupMemberships({ ...at, ...from }),
      );
      yield (page?.GroupMemberships ?? []).flatMap(({ MemberId }) =>
        MemberId?.UserId === undefined ? [] : this.#heldBy(MemberId.UserId, key),
      );
      token = page?.NextToken;
    } while (token);
  }

  /** What a permission set allows in every account alike. */
  async #verdictOf(at: PermissionSetAt): Promise<Verdict> {
    const ask = <T>(permission: string, asking: () => Promise<T>) =>
      this.#gaps.attempt(['risks'], permission, async () => ({
        answer: await ifThere(asking),
      }));
    const managed = await ask('sso:ListManagedPoliciesInPermissionSet', () =>
      pagesOf(
        (token) => this.#centre.listManagedPoliciesInPermissionSet({ ...at, ...token }),
        ({ AttachedManagedPolicies }) => AttachedManagedPolicies,
      ),
    );
    const inline = await ask('sso:GetInlinePolicyForPermissionSet', () =>
      this.#centre.getInlinePolicyForPermissionSet(at),
    );
    // A boundary only ever takes away: where it may not be read, more is seen as allowed than is.
    const boundary = await new Gaps().attempt(
      ['risks'],
      'sso:GetPermissionsBoundaryForPermissionSet',
      async () => ({
        answer: await ifThere(() => this.#centre.getPermissionsBoundaryForPermissionSet(at)),
      }),
    );
    const verdicts = [this.#judge(inline?.answer?.InlinePolicy)];
    const home = this.#session.organisationAccount;
    for (const { Arn } of managed?.answer ?? [])
      if (Arn) verdicts.push(await this.#managed(Arn, home));
    const limit = boundary?.answer?.PermissionsBoundary?.ManagedPolicyArn;
    const sum = together(verdicts);
    return limit ? within(sum, await this.#managed(limit, home)) : sum;
  }

  /** Policies that a permission set names and each account has its own of. */
  async #customerManaged(at: PermissionSetAt, account: string): Promise<Verdict> {
    const references = await this.#gaps.attempt(
      ['risks'],
      'sso:ListCustomerManagedPolicyReferencesInPermissionSet',
      () =>
        pagesOf(
          (token) =>
            this.#centre.listCustomerManagedPolicyReferencesInPermissionSet({ ...at, ...token }),
          ({ CustomerManagedPolicyReferences }) => CustomerManagedPolicyReferences,
        ),
    );
    const verdicts: Verdict[] = [];
    for (const { Name, Path = '/' } of references ?? []) {
      const arn = `arn:${this.#session.partition}:iam::${account}:policy${Path}${Name}`;
      verdicts.push(await this.#managed(arn, account));
    }
    return together(verdicts);
  }

  async #managed(arn: string, account: string): Promise<Verdict> {
    const known = this.#policies.get(arn);
    if (known) return known;
    const iam = await this.#session.iam(account);
    const document = await this.#gaps.attempt(['risks'], 'iam:GetPolicy', async () => {
      const policy = await iam.getPolicy({ PolicyArn: arn });
      return policy.Policy?.DefaultVersionId ?? '';
    });
    const version =
      document === null
        ? null
        : await this.#gaps.attempt(['risks'], 'iam:GetPolicyVersion', () =>
            iam.getPolicyVersion({ PolicyArn: arn, VersionId: document }),
          );
    const verdict = this.#judge(version?.PolicyVersion?.Document);
    this.#policies.set(arn, verdict);
    return verdict;
  }

  #judge(text: string | undefined): Verdict {
    if (text === undefined || text === '') return harmless;
    try {
      return judge([parsePolicy(text)]);
    } catch (error) {
      if (!(error instanceof NotAPolicy)) throw error;
      const message = `a policy of Identity Center: ${error.message}`;
      this.#gaps.add({ aspect: 'risks', permission: '', message });
      return harmless;
    }
  }
}

interface PermissionSetAt {
  readonly InstanceArn: string;
  readonly PermissionSetArn: string;
}

const held = (account: string, entitlement: string): Observation => ({
  of: 'held',
  key: heldKey(account, entitlement),
  facts: { account, entitlement },
});
