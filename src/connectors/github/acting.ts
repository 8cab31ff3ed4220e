import { z } from 'zod';
import { type Act, SourceProblem } from '../../registers/connections/facts.connector.ts';
import { type Github, type GithubLink, GithubRefused, githubOf } from './api.ts';
import { targetOf } from './facts.ts';

/** Carries out an order; what is already gone is no error. */
export async function actOnGithub(link: GithubLink, act: Act): Promise<void> {
  const github = await githubOf(link);
  const at = { org: link.settings.organisation, username: act.account };
  try {
    if (act.act === 'disableAccount') await removeMember(github, at);
    else if (act.act === 'removeHeld') await removeHeld(github, at, act.target ?? '');
    else throw unsupported(`GitHub has no way for ${act.act}`);
  } catch (error) {
    if (!(error instanceof GithubRefused)) throw error;
    const missing = error.permission === null ? '' : ` (${error.permission})`;
    throw new SourceProblem('forbidden', `${error.message}${missing}`, { cause: error });
  }
}

function unsupported(message: string): SourceProblem {
  return new SourceProblem('actUnsupported', message);
}

interface Somebody {
  readonly org: string;
  readonly username: string;
}

/** Out of the organisation: of all its teams and repositories, as a member or from outside. */
async function removeMember(github: Github, at: Somebody): Promise<void> {
  await unlessGone(() => github.one('DELETE /orgs/{org}/memberships/{username}', { ...at }));
  await unlessGone(
    () => github.one('DELETE /orgs/{org}/outside_collaborators/{username}', { ...at }),
    // Who is a member is none from outside.
    [404, 422],
  );
}

async function removeHeld(github: Github, at: Somebody, name: string): Promise<void> {
  const target = targetOf(name);
  switch (target?.of) {
    case 'member':
      return await removeMember(github, at);
    case 'owner':
      return await demote(github, '/orgs/{org}/memberships/{username}', { ...at }, 'admin');
    case 'maintainer': {
      const of = { ...at, team_slug: target.slug };
      return await demote(
        github,
        '/orgs/{org}/teams/{team_slug}/memberships/{username}',
        of,
        'maintainer',
      );
    }
    case 'team': {
      const of = { ...at, team_slug: target.slug };
      return await unlessGone(() =>
        github.one('DELETE /orgs/{org}/teams/{team_slug}/memberships/{username}', of),
      );
    }
    case 'repository': {
      const of = { owner: at.org, repo: target.name, username: at.username };
      return await unlessGone(() =>
        github.one('DELETE /repos/{owner}/{repo}/collaborators/{username}', of),
      );
    }
    default:
      throw unsupported(`${name} names nothing that can be taken away`);
  }
}

const membership = z.object({ role: z.string() });

/**
 * Makes an ordinary member of somebody who is more. Whoever is no member is left alone: to set a role
 * would be to invite them.
 */
async function demote(
  github: Github,
  path: string,
  at: Readonly<Record<string, string>>,
  from: string,
): Promise<void> {
  await unlessGone(async () => {
    const { role } = membership.parse(await github.one(`GET ${path}`, at));
    if (role === from) await github.one(`PUT ${path}`, { ...at, role: 'member' });
  });
}

/** Asks for something that may be done already. */
async function unlessGone(
  ask: () => Promise<unknown>,
  gone: readonly number[] = [404],
): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof GithubRefused && gone.includes(error.status))) throw error;
  }
}
