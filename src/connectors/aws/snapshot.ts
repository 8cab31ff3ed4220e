import type {
  AttachedPolicy,
  GetAccountAuthorizationDetailsResponse,
  GroupDetail,
  IAM,
  ManagedPolicyDetail,
  PolicyDetail,
  RoleDetail,
  UserDetail,
} from '@aws-sdk/client-iam';
import type { Instant } from '../../kernel/instant.ts';
import { NotAPolicy, parsePolicy } from './document.ts';
import type { Gaps } from './gaps.ts';
import { harmless, judge, together, type Verdict, within } from './judge.ts';
import { instantOf } from './session.ts';
import { type Inside, readTrust, type Trust } from './trust.ts';

/** Identities of one account and what their policies come to; documents are not kept. */
export interface Snapshot {
  readonly users: readonly IamUser[];
  readonly groups: readonly IamGroup[];
  readonly roles: readonly IamRole[];
  /** Managed policies by ARN. */
  readonly policies: ReadonlyMap<string, ManagedPolicy>;
}

export interface ManagedPolicy {
  readonly verdict: Verdict;
  readonly createdAt: Instant | null;
}

export interface IamUser {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: Instant | null;
  readonly tags: Readonly<Record<string, string>>;
  /** Names of groups. */
  readonly groups: readonly string[];
  /** ARNs of managed policies that are attached to the user. */
  readonly attached: readonly string[];
  readonly inline: readonly { readonly name: string; readonly verdict: Verdict }[];
}

export interface IamGroup {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: Instant | null;
  readonly verdict: Verdict;
}

export interface IamRole {
  readonly arn: string;
  readonly createdAt: Instant | null;
  readonly verdict: Verdict;
  readonly trust: Trust;
}

const everything = ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy'] as const;

/** Objects of an answer: few enough that one page with long documents stays well below a megabyte. */
const pageSize = 100;

/**
 * Reads the authorization details of an account, page by page.
 *
 * @returns null where AWS refuses, which is a gap
 */
export async function readSnapshot(iam: IAM, inside: Inside, gaps: Gaps): Promise<Snapshot | null> {
  const gathered = new Gathering(inside, gaps);
  let marker: string | undefined;
  do {
    const from = marker;
    const page = await gaps.attempt(
      ['accounts', 'entitlements', 'held', 'trust', 'risks'],
      'iam:GetAccountAuthorizationDetails',
      () =>
        iam.getAccountAuthorizationDetails({
          Filter: [...everything],
          MaxItems: pageSize,
          ...(from === undefined ? {} : { Marker: from }),
        }),
    );
    if (!page) return null;
    gathered.add(page);
    marker = page.IsTruncated ? page.Marker : undefined;
  } while (marker !== undefined);
  return gathered.whole();
}

/** Policies may come pages after those who hold them, so verdicts are put together at the end. */
class Gathering {
  readonly #inside: Inside;
  readonly #gaps: Gaps;
  readonly #policies = new Map<string, ManagedPolicy>();
  readonly #users: IamUser[] = [];
  readonly #groups: (() => IamGroup)[] = [];
  readonly #roles: (() => IamRole)[] = [];

  constructor(inside: Inside, gaps: Gaps) {
    this.#inside = inside;
    this.#gaps = gaps;
  }

  add(page: GetAccountAuthorizationDetailsResponse): void {
    for (const policy of page.Policies ?? []) this.#addPolicy(policy);
    for (const user of page.UserDetailList ?? []) this.#addUser(user);
    for (const group of page.GroupDetailList ?? []) this.#addGroup(group);
    for (const role of page.RoleDetailList ?? []) this.#addRole(role);
  }

  whole(): Snapshot {
    return {
      users: this.#users,
      groups: this.#groups.map((group) => group()),
      roles: this.#roles.map((role) => role()),
      policies: this.#policies,
    };
  }

  #addPolicy({ Arn = '', PolicyVersionList, CreateDate }: ManagedPolicyDetail): void {
    const current = PolicyVersionList?.find((version) => version.IsDefaultVersion);
    this.#policies.set(Arn, {
      verdict: this.#judge(Arn, [current?.Document]),
      createdAt: instantOf(CreateDate),
    });
  }

  #addUser(user: UserDetail): void {
    const { Arn: arn = '', UserName: name = '' } = user;
    this.#users.push({
      arn,
      name,
      createdAt: instantOf(user.CreateDate),
      tags: Object.fromEntries((user.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
      groups: user.GroupList ?? [],
      attached: arnsOf(user.AttachedManagedPolicies),
      inline: (user.UserPolicyList ?? []).map((policy) => ({
        name: policy.PolicyName ?? '',
        verdict: this.#judge(`${arn} ${policy.PolicyName}`, [policy.PolicyDocument]),
      })),
    });
  }

  #addGroup(group: GroupDetail): void {
    const { Arn: arn = '', GroupName: name = '' } = group;
    const inline = this.#judge(arn, documentsOf(group.GroupPolicyList));
    const attached = arnsOf(group.AttachedManagedPolicies);
    const createdAt = instantOf(group.CreateDate);
    this.#groups.push(() => ({ arn, name, createdAt, verdict: this.#sum(inline, attached) }));
  }

  #addRole(role: RoleDetail): void {
    const { Arn: arn = '', Path = '/' } = role;
    // Roles that AWS keeps for itself, or makes for Identity Center, are not given to anybody here.
    if (Path.startsWith('/aws-service-role/') || Path.startsWith('/aws-reserved/')) return;
    const inline = this.#judge(arn, documentsOf(role.RolePolicyList));
    const attached = arnsOf(role.AttachedManagedPolicies);
    const boundary = role.PermissionsBoundary?.PermissionsBoundaryArn;
    const trust = this.#trust(arn, role.AssumeRolePolicyDocument);
    this.#roles.push(() => {
      const limit = boundary === undefined ? undefined : this.#policies.get(boundary)?.verdict;
      const sum = this.#sum(inline, attached);
      const verdict = limit ? within(sum, limit) : sum;
      return { arn, createdAt: instantOf(role.CreateDate), verdict, trust };
    });
  }

  #sum(inline: Verdict, attached: readonly string[]): Verdict {
    const managed = attached.map((arn) => this.#policies.get(arn)?.verdict ?? this.#unread(arn));
    return together([inline, ...managed]);
  }

  #unread(arn: string): Verdict {
    this.#doubt('risks', `${arn} is attached, and its document is not among the answers`);
    return harmless;
  }

  #judge(whose: string, texts: readonly (string | undefined)[]): Verdict {
    try {
      return judge(texts.map((text) => parsePolicy(text ?? '')));
    } catch (error) {
      if (!(error instanceof NotAPolicy)) throw error;
      this.#doubt('risks', `policy of ${whose}: ${error.message}`);
      return harmless;
    }
  }

  #trust(arn: string, text: string | undefined): Trust {
    try {
      return readTrust(parsePolicy(text ?? ''), this.#inside);
    } catch (error) {
      if (!(error instanceof NotAPolicy)) throw error;
      this.#doubt('trust', `trust policy of ${arn}: ${error.message}`);
      return { outside: [], users: [], accounts: [] };
    }
  }

  #doubt(aspect: 'risks' | 'trust', message: string): void {
    this.#gaps.add({ aspect, permission: '', message });
  }
}

function arnsOf(attached: readonly AttachedPolicy[] | undefined): readonly string[] {
  return (attached ?? []).flatMap(({ PolicyArn }) => PolicyArn ?? []);
}

function documentsOf(policies: readonly PolicyDetail[] | undefined) {
  return (policies ?? []).map(({ PolicyDocument }) => PolicyDocument);
}
