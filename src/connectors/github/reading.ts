import { z } from 'zod';
import type { Instant } from '../../kernel/instant.ts';
import {
  type Aspect,
  ChangesLost,
  type Gap,
  heldKey,
  type Observation,
  type ReadEnd,
  type ReadFrom,
  SourceProblem,
  type Stretch,
} from '../../registers/connections/facts.connector.ts';
import {
  type Github,
  type GithubLink,
  GithubRefused,
  githubOf,
  itemsAs,
  type Page,
} from './api.ts';
import {
  maintainerName,
  memberName,
  ownerName,
  permissions,
  repositoryName,
  type Stage,
  stages,
  teamName,
} from './facts.ts';

const user = z.object({ id: z.int(), login: z.string(), node_id: z.string().default('') });
type User = z.output<typeof user>;
const team = z.object({ id: z.int(), slug: z.string() });
const repository = z.object({
  id: z.int(),
  name: z.string(),
  archived: z.boolean().default(false),
});
const collaborator = user.extend({ role_name: z.string() });
const given = z.object({
  role_name: z.string().optional(),
  permissions: z.record(z.string(), z.boolean()).optional(),
});
const token = z.object({
  id: z.int(),
  owner: z.object({ id: z.int() }),
  token_name: z.string().default(''),
  token_expired: z.boolean(),
  token_last_used_at: z.string().nullable(),
  access_granted_at: z.string(),
});
const organisation = z.object({
  two_factor_requirement_enabled: z.boolean().nullish(),
  default_repository_permission: z.string().nullish(),
  members_can_create_public_repositories: z.boolean().nullish(),
});

/** Where a reading stands: stages before this one, and pages of it, were read. */
const place = z.object({ stage: z.int(), page: z.int() });

/** Reads an organisation, a page at a time. GitHub does not say what has changed. */
export async function* readGithub(
  link: GithubLink,
  from: ReadFrom,
): AsyncGenerator<Stretch, ReadEnd, void> {
  if (from.read === 'changes') throw new ChangesLost('GitHub does not say what has changed');
  const begun = from.resume === null ? { stage: 0, page: 1 } : place.parse(from.resume);
  const reading = new Reading(link, await githubOf(link));
  for (let stage = begun.stage; stage < stages.length; stage += 1) {
    const name = stages[stage] as Stage;
    let page: number | null = stage === begun.stage ? begun.page : 1;
    while (page !== null) {
      const { observations, next } = await reading.pageOf(name, page);
      const resume = next === null ? { stage: stage + 1, page: 1 } : { stage, page: next };
      yield { observations, gaps: reading.takeGaps(), resume };
      page = next;
    }
  }
  return { next: null };
}

interface Read {
  readonly observations: readonly Observation[];
  readonly next: number | null;
}

const nothing: Read = { observations: [], next: null };

class Reading {
  readonly #github: Github;
  readonly #org: string;
  #gaps: Gap[] = [];
  /** Logins without a second factor, of members and of outside collaborators; null where not told. */
  readonly #unprotected = new Map<string, ReadonlySet<string> | null>();

  constructor(link: GithubLink, github: Github) {
    this.#github = github;
    this.#org = link.settings.organisation;
  }

  takeGaps(): readonly Gap[] {
    const gaps = this.#gaps;
    this.#gaps = [];
    return gaps;
  }

  async pageOf(stage: Stage, page: number): Promise<Read> {
    switch (stage) {
      case 'organisation':
        return await this.#organisation();
      case 'owners':
        return await this.#members(page, 'admin', ownerName);
      case 'members':
        return await this.#members(page, 'member', memberName);
      case 'outside':
        return await this.#outside(page);
      case 'teams':
        return await this.#teams(page);
      case 'repositories':
        return await this.#repositories(page);
      case 'tokens':
        return await this.#tokens(page);
    }
  }

  /** @returns null where GitHub refuses, which is a gap of each of the aspects */
  async #attempt<T>(
    aspects: readonly Aspect[],
    permission: string,
    ask: () => Promise<T>,
  ): Promise<T | null> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof GithubRefused)) throw error;
      const missing = error.permission ?? permission;
      const message = error.message.slice(0, 300);
      this.#gaps.push(...aspects.map((aspect) => ({ aspect, permission: missing, message })));
      return null;
    }
  }

  async #organisation(): Promise<Read> {
    const answer = await this.#github
      .one('GET /orgs/{org}', { org: this.#org })
      .catch((error: unknown) => {
        if (!(error instanceof GithubRefused)) throw error;
        const code = error.status === 404 ? 'settingsWrong' : 'forbidden';
        throw new SourceProblem(code, `${this.#org}: ${error.message}`, { cause: error });
      });
    const [facts] = itemsAs(organisation, [answer]);
    const value = {
      secondFactorRequired: facts?.two_factor_requirement_enabled ?? null,
      defaultRepositoryPermission: facts?.default_repository_permission ?? null,
      membersCreatePublicRepositories: facts?.members_can_create_public_repositories ?? null,
    };
    const entitlements = [
      entitlement('owner', ownerName, true),
      entitlement('member', memberName, false),
    ];
    return {
      observations: [{ of: 'setting', key: 'organisation', facts: value }, ...entitlements],
      next: null,
    };
  }

  async #members(page: number, role: 'admin' | 'member', held: string): Promise<Read> {
    const route = 'GET /orgs/{org}/members';
    const read = await this.#attempt(['accounts', 'held'], permissions.members, () =>
      this.#github.page(route, { org: this.#org, role }, page),
    );
    if (!read) return nothing;
    const people = itemsAs(user, read.items);
    const accounts = await this.#accounts(people, route);
    const key = held === ownerName ? 'owner' : 'member';
    return {
      observations: [...accounts, ...people.map((one) => holds(one.id, key))],
      next: read.next,
    };
  }

  async #outside(page: number): Promise<Read> {
    const route = 'GET /orgs/{org}/outside_collaborators';
    const read = await this.#attempt(['accounts'], permissions.members, () =>
      this.#github.page(route, { org: this.#org }, page),
    );
    if (!read) return nothing;
    return {
      observations: await this.#accounts(itemsAs(user, read.items), route),
      next: read.next,
    };
  }

  async #accounts(people: readonly User[], route: string): Promise<readonly Observation[]> {
    const unprotected = await this.#withoutSecondFactor(route);
    const addresses = await this.#addresses(people);
    return people.map(({ id, login }) => ({
      of: 'account',
      key: String(id),
      facts: {
        name: login,
        email: addresses.get(login) ?? null,
        kind: 'staff',
        active: true,
        secondFactor: unprotected && !unprotected.has(login),
        lastUsedAt: null,
      },
    }));
  }

  /** Who has no second factor: only owners are told. */
  async #withoutSecondFactor(route: string): Promise<ReadonlySet<string> | null> {
    const known = this.#unprotected.get(route);
    if (known !== undefined) return known;
    const listed = await this.#attempt(['secondFactors'], permissions.secondFactors, () =>
      this.#github.all(route, { org: this.#org, filter: '2fa_disabled' }),
    );
    const logins = listed && new Set(itemsAs(user, listed).map(({ login }) => login));
    this.#unprotected.set(route, logins);
    return logins;
  }

  /** Addresses in the organisation's verified domains; without them people link accounts by hand. */
  async #addresses(people: readonly User[]): Promise<ReadonlyMap<string, string>> {
    const ids = people.flatMap(({ node_id }) => (node_id === '' ? [] : [node_id]));
    if (ids.length === 0) return new Map();
    const answer = await this.#github
      .graph(addressQuery, { ids, org: this.#org })
      .catch((error: unknown) => {
        if (error instanceof SourceProblem && error.code === 'throttled') throw error;
        return null;
      });
    const read = addressed.safeParse(answer);
    return new Map(
      (read.success ? read.data.nodes : []).flatMap((node) => {
        const [address] = node?.organizationVerifiedDomainEmails ?? [];
        return node?.login && address ? [[node.login, address] as const] : [];
      }),
    );
  }

  async #teams(page: number): Promise<Read> {
    const read = await this.#attempt(['entitlements', 'held'], permissions.teams, () =>
      this.#github.page('GET /orgs/{org}/teams', { org: this.#org }, page),
    );
    return await this.#each(read, team, async ({ id, slug }) => {
      const at = { org: this.#org, team_slug: slug };
      const [members, maintainers, repositories] = [
        await this.#listed(
          ['held'],
          permissions.teams,
          'GET /orgs/{org}/teams/{team_slug}/members',
          { ...at, role: 'member' },
        ),
        await this.#listed(
          ['held'],
          permissions.teams,
          'GET /orgs/{org}/teams/{team_slug}/members',
          { ...at, role: 'maintainer' },
        ),
        await this.#listed(
          ['risks'],
          permissions.teams,
          'GET /orgs/{org}/teams/{team_slug}/repos',
          at,
        ),
      ];
      const privileged = itemsAs(given, repositories).some(
        (one) => one.role_name === 'admin' || one.permissions?.['admin'] === true,
      );
      const [key, maintaining] = [`team/${id}`, `team/${id}/maintainer`];
      return [
        entitlement(key, teamName(slug), privileged),
        ...(maintainers.length > 0 ? [entitlement(maintaining, maintainerName(slug), true)] : []),
        ...itemsAs(user, [...members, ...maintainers]).map((one) => holds(one.id, key)),
        ...itemsAs(user, maintainers).map((one) => holds(one.id, maintaining)),
      ];
    });
  }

  /** Who has access to a repository other than by team or as owner. */
  async #repositories(page: number): Promise<Read> {
    const read = await this.#attempt(['entitlements', 'held'], permissions.repositories, () =>
      this.#github.page('GET /orgs/{org}/repos', { org: this.#org, type: 'all' }, page),
    );
    return await this.#each(read, repository, async ({ id, name }) => {
      const direct = await this.#listed(
        ['held'],
        permissions.collaborators,
        'GET /repos/{owner}/{repo}/collaborators',
        { owner: this.#org, repo: name, affiliation: 'direct' },
      );
      const people = itemsAs(collaborator, direct);
      const roles = [...new Set(people.map(({ role_name }) => role_name))];
      return [
        ...roles.map((role) =>
          entitlement(`repository/${id}/${role}`, repositoryName(name, role), role === 'admin'),
        ),
        ...people.map((one) => holds(one.id, `repository/${id}/${one.role_name}`)),
      ];
    });
  }

  async #tokens(page: number): Promise<Read> {
    const read = await this.#attempt(['credentials'], permissions.tokens, () =>
      this.#github.page('GET /orgs/{org}/personal-access-tokens', { org: this.#org }, page),
    );
    return await this.#each(read, token, async (one) => [
      {
        of: 'credential',
        key: `token/${one.id}`,
        facts: {
          account: String(one.owner.id),
          kind: 'token',
          name: one.token_name === '' ? String(one.id) : one.token_name,
          active: !one.token_expired,
          createdAt: instantOf(one.access_granted_at),
          lastUsedAt: instantOf(one.token_last_used_at),
        },
      },
    ]);
  }

  async #listed(
    aspects: readonly Aspect[],
    permission: string,
    route: string,
    parameters: Readonly<Record<string, unknown>>,
  ): Promise<readonly unknown[]> {
    return (
      (await this.#attempt(aspects, permission, () => this.#github.all(route, parameters))) ?? []
    );
  }

  async #each<T>(
    read: Page | null,
    schema: z.ZodType<T>,
    observe: (item: T) => Promise<readonly Observation[]>,
  ): Promise<Read> {
    if (!read) return nothing;
    const observations: Observation[] = [];
    for (const item of itemsAs(schema, read.items)) observations.push(...(await observe(item)));
    return { observations, next: read.next };
  }
}

const addressQuery = `query ($ids: [ID!]!, $org: String!) {
  nodes(ids: $ids) { ... on User { login organizationVerifiedDomainEmails(login: $org) } }
}`;
const addressed = z.object({
  nodes: z.array(
    z
      .object({
        login: z.string().optional(),
        organizationVerifiedDomainEmails: z.array(z.string()).optional(),
      })
      .nullable(),
  ),
});

function entitlement(key: string, name: string, privileged: boolean): Observation {
  return { of: 'entitlement', key, facts: { name, privileged, risks: [] } };
}

function holds(id: number, entitled: string): Observation {
  const account = String(id);
  return { of: 'held', key: heldKey(account, entitled), facts: { account, entitlement: entitled } };
}

/** GitHub writes some of its times without the `T` and the zone of RFC 3339. */
function instantOf(text: string | null): Instant | null {
  const found = text === null ? null : /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)/.exec(text);
  return found ? Temporal.Instant.from(`${found[1]}T${found[2]}Z`) : null;
}
