import { z } from 'zod';

/** One organisation of GitHub, or of a GitHub Enterprise Server. */
export const githubSettings = z.object({
  organisation: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/)
    .meta({ title: 'Organisation', description: 'As in its address: github.com/…' }),
  apiUrl: z
    .string()
    .regex(/^https?:\/\/[^\s]+$/)
    .default('https://api.github.com')
    .meta({ title: 'API', description: 'Of an own server: https://HOST/api/v3' }),
  /** A GitHub App instead of a person's token: it alone may see who has tokens. */
  appId: z
    .string()
    .regex(/^\d*$/)
    .default('')
    .meta({ title: 'App ID', description: 'Of a GitHub App' }),
  installationId: z
    .string()
    .regex(/^\d*$/)
    .default('')
    .meta({ title: 'Installation ID', description: 'Of the app in the organisation' }),
});
export type GithubSettings = z.output<typeof githubSettings>;

export const githubSecret = z.object({
  /** A token, or the private key of the app (PEM). */
  key: z.string().min(20).max(10_000).meta({ title: 'Token, or private key of the app' }),
});
export type GithubSecret = z.output<typeof githubSecret>;

/** How what is held is named. */
export const ownerName = 'organisation/owner';
export const memberName = 'organisation/member';
export const teamName = (slug: string) => `team/${slug}`;
export const maintainerName = (slug: string) => `team/${slug}/maintainer`;
export const repositoryName = (repository: string, role: string) =>
  `repository/${repository}/${role}`;

export type Target =
  | { readonly of: 'owner' }
  | { readonly of: 'member' }
  | { readonly of: 'team'; readonly slug: string }
  | { readonly of: 'maintainer'; readonly slug: string }
  | { readonly of: 'repository'; readonly name: string };

/** @returns null where it is no name that this connector gives */
export function targetOf(name: string): Target | null {
  if (name === ownerName) return { of: 'owner' };
  if (name === memberName) return { of: 'member' };
  const [of, first, last, more] = name.split('/');
  if (!first || more !== undefined) return null;
  if (of === 'repository' && last) return { of, name: first };
  if (of === 'team' && last === 'maintainer') return { of: 'maintainer', slug: first };
  return of === 'team' && last === undefined ? { of, slug: first } : null;
}

/** What is read, in the order in which it is. */
export const stages = [
  'organisation',
  'owners',
  'members',
  // Once more: whoever became one after the first list and before that of members is in neither.
  'newOwners',
  'outside',
  'teams',
  'repositories',
  'tokens',
] as const;
export type Stage = (typeof stages)[number];

/** What a fine-grained token or an app must be given for each; a classic token needs `read:org`, `repo`. */
export const permissions = {
  organisation: 'Organization: Administration (read)',
  members: 'Organization: Members (read)',
  secondFactors: 'Organization owner',
  teams: 'Organization: Members (read)',
  repositories: 'Repository: Metadata (read)',
  collaborators: 'Repository: Administration (read)',
  tokens: 'Organization: Personal access tokens (read), GitHub App',
} as const;
