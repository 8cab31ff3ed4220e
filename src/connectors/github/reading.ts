import { z } from 'zod';
import type { Instant } from '../../kernel/instant.ts';
import {
  type Aspect,
  ChangesLost,
  type Gap,
  heldKey,
  type Observation,
  ownReasons,
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
import { Passes } from './passes.ts';
import {
  collaborator,
  given,
  organisation,
  repository,
  team,
  token,
  type User,
  user,
} from './shapes.ts';

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
    reading.begin(page);
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
  readonly #owners = new Set<number>();
  /** Through the list of the stage. */
  #passes = new Passes();
  /** Logins without a second factor, of members and of outside collaborators; null where not told. */
  readonly #unprotected = new Map<string, ReadonlySet<string> | null>();

  constructor(link: GithubLink, github: Github) {
    this.#github = github;
    this.#org = link.settings.organisation;
  }

  /** Begins a stage, at a page of its list. */
  begin(page: number): void {
    this.#passes = new Passes(page);
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
      case 'newOwners':
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

  /** What of a page of the stage's list was not seen before; null where GitHub refuses. */
  async #page(
    aspects: readonly Aspect[],
    permission: string,
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    page: number,
  ): Promise<Page | null> {
    const read = await this.#attempt(aspects, permission, () =>
      this.#github.page(route, { org: this.#org, ...parameters }, page),
    );
    if (!read) return null;
    const turn = this.#passes.take(page, read);
    this.#noteShifting(aspects, turn);
    return turn;
  }

  #noteShifting(aspects: readonly Aspect[], { steady }: { readonly steady: boolean }): void {
    const gap = { permission: '', message: ownReasons.shifts };
    if (!steady) this.#gaps.push(...aspects.map((aspect) => ({ aspect, ...gap })));
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
    const of = ['accounts', 'held'] as const;
    const read = await this.#page(of, permissions.members, route, { role }, page);
    if (!read) return nothing;
    const people = itemsAs(user, read.items).filter(({ id }) => !this.#owners.has(id));
    if (role === 'admin') for (const { id } of people) this.#owners.add(id);
    const accounts = await this.#accounts(people, route);
    const key = held === ownerName ? 'owner' : 'member';
    return {
      observations: [...accounts, ...people.map((one) => holds(one.id, key))],
      next: read.next,
    };
  }

  async #outside(page: number): Promise<Read> {
    const route = 'GET /orgs/{org}/outside_collaborators';
    const read = await this.#page(['accounts'], permissions.members, route, {}, page);
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
    if (listed) this.#noteShifting(['secondFactors'], listed);
    const logins = listed && new Set(itemsAs(user, listed.items).map(({ login }) => login));
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
    const of = ['entitlements', 'held'] as const;
    const read = await this.#page(of, permissions.teams, 'GET /orgs/{org}/teams', {}, page);
    return await this.#each(read, team, async ({ id, slug }) => {
      const at = { org: this.#org, team_slug: slug };
      const [members, maintainers, repositories] = [
        await this.#listed(
          ['held'],
          permissions.teams,
          'GET /orgs/{org}/teams/{team_slug}/members',
          // Maintainers as well: whoever ceases to be one in the meantime is in one of both lists.
          { ...at, role: 'all' },
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
      const people = new Set(itemsAs(user, [...members, ...maintainers]).map(({ id }) => id));
      const privileged = itemsAs(given, repositories).some(
        (one) => one.role_name === 'admin' || one.permissions?.['admin'] === true,
      );
      const [key, maintaining] = [`team/${id}`, `team/${id}/maintainer`];
      return [
        entitlement(key, teamName(slug), privileged),
        ...(maintainers.length > 0 ? [entitlement(maintaining, maintainerName(slug), true)] : []),
        ...[...people].map((id) => holds(id, key)),
        ...itemsAs(user, maintainers).map((one) => holds(one.id, maintaining)),
      ];
    });
  }

  /** Who has access to a repository other than by team or as owner. */
  async #repositories(page: number): Promise<Read> {
    const of = ['entitlements', 'held'] as const;
    const parameters = { type: 'all' };
    const route = 'GET /orgs/{org}/repos';
    const read = await this.#page(of, permissions.repositories, route, parameters, page);
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
    const route = 'GET /orgs/{org}/personal-access-tokens';
    const read = await this.#page(['credentials'], permissions.tokens, route, {}, page);
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
    const listed = await this.#attempt(aspects, permission, () =>
      this.#github.all(route, parameters),
    );
    if (listed) this.#noteShifting(aspects, listed);
    return listed?.items ?? [];
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
