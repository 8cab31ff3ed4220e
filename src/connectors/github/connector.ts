import type { Capability, Connector } from '../../registers/connections/facts.connector.ts';
import { actOnGithub } from './acting.ts';
import { type GithubLink, GithubRefused, githubOf } from './api.ts';
import {
  type GithubSecret,
  type GithubSettings,
  githubSecret,
  githubSettings,
  permissions,
} from './facts.ts';
import { readGithub } from './reading.ts';

/** An organisation of GitHub by its REST API. What to grant is in docs/connectors/github.md. */
export const github: Connector<GithubSettings, GithubSecret> = {
  kind: 'github',
  settings: githubSettings,
  secret: githubSecret,
  aspects: ['accounts', 'entitlements', 'held', 'secondFactors', 'credentials', 'risks'],
  acts: ['disableAccount', 'removeHeld'],
  test: testGithub,
  read: readGithub,
  carryOut: actOnGithub,
};

/** One thing of each kind is asked for: as little as shows whether it may be. */
const samples: readonly {
  readonly aspect: Capability['aspect'];
  readonly permission: string;
  readonly route: string;
  readonly more?: Readonly<Record<string, string>>;
}[] = [
  { aspect: 'accounts', permission: permissions.members, route: 'GET /orgs/{org}/members' },
  {
    aspect: 'secondFactors',
    permission: permissions.secondFactors,
    route: 'GET /orgs/{org}/members',
    more: { filter: '2fa_disabled' },
  },
  { aspect: 'entitlements', permission: permissions.teams, route: 'GET /orgs/{org}/teams' },
  { aspect: 'held', permission: permissions.repositories, route: 'GET /orgs/{org}/repos' },
  {
    aspect: 'credentials',
    permission: permissions.tokens,
    route: 'GET /orgs/{org}/personal-access-tokens',
  },
];

async function testGithub(link: GithubLink): Promise<readonly Capability[]> {
  const api = await githubOf(link);
  const org = link.settings.organisation;
  const found: Capability[] = [];
  for (const { aspect, permission, route, more } of samples) {
    try {
      await api.page(route, { ...more, org });
      found.push({ aspect, able: true, permission, message: '' });
    } catch (error) {
      if (!(error instanceof GithubRefused)) throw error;
      const missing = error.permission ?? permission;
      found.push({
        aspect,
        able: false,
        permission: missing,
        message: error.message.slice(0, 300),
      });
    }
  }
  return found;
}
