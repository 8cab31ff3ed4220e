import type { IDToken } from 'openid-client';
import type { Role } from '../../../kernel/actor.ts';
import { listOf } from './claims.ts';
import type { ProviderSettings } from './settings.ts';
import { Untrusted } from './untrusted.ts';

/** Pages of groups read at most: 999 on each. */
const maxPages = 50;

interface Sources {
  readonly claims: IDToken;
  /** Of the UserInfo endpoint, its subject checked; empty where there is none. */
  readonly userInfo: Readonly<Record<string, unknown>>;
  readonly accessToken: string;
  readonly ask: typeof fetch;
}

/**
 * The roles that the provider gives somebody; null where it gives none, because the register of
 * people does. Everyone who signs in is an employee.
 *
 * Where the claim does not say which groups somebody is in, nobody guesses: with fewer rights than
 * given one could not work, with more one could do harm.
 *
 * @throws Untrusted
 */
export async function rolesGiven(
  settings: ProviderSettings,
  sources: Sources,
): Promise<readonly Role[] | null> {
  if (settings.rolesFrom === 'register') return null;
  const values = new Set(await valuesOf(settings, sources));
  const given = settings.mapping.filter(({ value }) => values.has(value)).map(({ role }) => role);
  return [...new Set<Role>(['employee', ...given])].sort();
}

async function valuesOf(settings: ProviderSettings, sources: Sources): Promise<readonly string[]> {
  const { claims, userInfo } = sources;
  const { kind, rolesClaim } = settings;
  if (isElsewhere(claims, rolesClaim)) {
    if (kind !== 'entra' || !settings.askGraph) throw new Untrusted('groupsOverage');
    return groupsByGraph(settings, sources);
  }
  const claim = claimNamed(claims, rolesClaim) ?? claimNamed(userInfo, rolesClaim);
  if (claim !== undefined) return listOf(claim);
  // Entra ID leaves `roles` out for whoever has none; of `groups` absence says nothing.
  if (kind === 'entra' && rolesClaim === 'roles') return [];
  if (kind === 'entra' && settings.askGraph) return groupsByGraph(settings, sources);
  throw new Untrusted('groupsMissing', { said: rolesClaim });
}

/**
 * Whether a claim is left out because it is too long for a token, its place taken by a pointer
 * (OpenID Connect Core 1.0, section 5.6.2: distributed claims; Entra ID calls it overage).
 */
function isElsewhere(claims: IDToken, name: string): boolean {
  const names = claims['_claim_names'];
  const pointed = typeof names === 'object' && names !== null && Object.hasOwn(names, name);
  return pointed || (name === 'groups' && [true, 'true'].includes(claims['hasgroups'] as boolean));
}

/** A claim by its name, or, where none is called so, by a path with dots. */
function claimNamed(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let at: unknown = claims;
  for (const part of name.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}

/**
 * Ids of all groups somebody is in, nested ones too, as Microsoft Graph says to themselves. The
 * address in the token's pointer is not asked: it names an interface that is no more.
 */
async function groupsByGraph(
  { graphUrl }: ProviderSettings,
  { accessToken, ask }: Sources,
): Promise<readonly string[]> {
  const { origin } = new URL(graphUrl);
  const ids: string[] = [];
  let next: string | undefined =
    `${origin}/v1.0/me/transitiveMemberOf/microsoft.graph.group?$select=id&$top=999`;
  for (let page = 0; next !== undefined; page += 1) {
    // A page elsewhere would be handed the token.
    if (page >= maxPages || new URL(next).origin !== origin)
      throw new Untrusted('graphUnreachable');
    const answer: { value?: unknown; '@odata.nextLink'?: unknown } = await graphPage(
      next,
      accessToken,
      ask,
    );
    if (!Array.isArray(answer.value)) throw new Untrusted('graphUnreachable');
    for (const group of answer.value as { id?: unknown }[]) {
      if (typeof group.id === 'string') ids.push(group.id);
    }
    const link = answer['@odata.nextLink'];
    next = typeof link === 'string' && URL.canParse(link) ? link : undefined;
    if (link !== undefined && next === undefined) throw new Untrusted('graphUnreachable');
  }
  return ids;
}

async function graphPage(url: string, token: string, ask: typeof fetch): Promise<object> {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  const answer = await ask(url, { headers }).catch((cause: unknown) => {
    throw new Untrusted('graphUnreachable', { cause });
  });
  if (answer.status === 401 || answer.status === 403) throw new Untrusted('graphForbidden');
  if (answer.status !== 200) throw new Untrusted('graphUnreachable', { said: `${answer.status}` });
  const body: unknown = await answer.json().catch(() => null);
  if (typeof body !== 'object' || body === null) throw new Untrusted('graphUnreachable');
  return body;
}
