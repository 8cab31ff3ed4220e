import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import {
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { World } from '../../world.ts';
import { cookieName } from '../cookie.ts';
import { isHttps } from '../session.ts';
import { sha256Hex } from '../token.ts';
import type { Provider, RelyingParty } from './party.ts';
import { ownAddresses, type ProviderSettings } from './settings.ts';
import { trusting } from './untrusted.ts';

/** Minutes in which one must be back from the provider. */
const attemptMinutes = 15;

const purpose = 'sign-in attempt';

/** A sign-in on its way, as it is found again when the browser is back. */
export interface Attempt {
  readonly nonce: string;
  readonly verifier: string;
  readonly next: string;
  /** SHA-256 of an invitation's secret, hex; null where somebody just signs in. */
  readonly invitation: string | null;
  readonly revision: number;
}

export interface Begun {
  /** Where the browser goes. */
  readonly location: string;
  readonly setCookie: string;
}

/**
 * Begins a sign-in: state, nonce and PKCE verifier (RFC 9700, section 2.1) are made, and kept with
 * a hash of what this browser is known by, so that nobody else's browser can finish it.
 *
 * @throws Untrusted
 */
export async function beginAttempt(
  world: World,
  party: RelyingParty,
  provider: Provider,
  asked: { readonly next: string; readonly invitation: string | null; readonly headers: Headers },
): Promise<Begun> {
  const configuration = await party.configure(provider);
  const state = randomState();
  const nonce = randomNonce();
  const verifier = randomPKCECodeVerifier();
  const challenge = await calculatePKCECodeChallenge(verifier);
  const browser = browserOf(asked.headers, isHttps(world)) ?? randomBytes(32).toString('base64url');
  const location = await trusting(async () =>
    buildAuthorizationUrl(configuration, {
      redirect_uri: ownAddresses(world.url).redirectUri,
      scope: scopeOf(provider.settings),
      state,
      nonce,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...proofAskedFor(
        provider.settings,
        configuration.serverMetadata()['claims_parameter_supported'] === true,
      ),
    }),
  );
  const now = world.now();
  await sql`delete from sign_in_attempt where expires_at <= ${now}`.execute(world.database.db);
  await sql`
    insert into sign_in_attempt (state_hash, browser_hash, nonce, sealed, next, invitation_hash, revision, expires_at)
    values (${hash(state)}, ${hash(browser)}, ${nonce}, ${world.keys.seal(purpose, Buffer.from(verifier))},
            ${asked.next}, ${asked.invitation ? Buffer.from(sha256Hex(asked.invitation), 'hex') : null},
            ${provider.revision}, ${now.add({ minutes: attemptMinutes })})`.execute(
    world.database.db,
  );
  return { location: location.href, setCookie: browserCookie(browser, isHttps(world)) };
}

/** Takes an attempt away, so that it is finished once; null where this browser did not begin it. */
export async function takeAttempt(
  world: World,
  state: string,
  headers: Headers,
): Promise<Attempt | null> {
  const browser = browserOf(headers, isHttps(world));
  if (!browser) return null;
  const { rows } = await sql<{
    nonce: string;
    sealed: Buffer;
    next: string;
    invitation_hash: Buffer | null;
    revision: number;
  }>`
    delete from sign_in_attempt
    where state_hash = ${hash(state)} and browser_hash = ${hash(browser)} and expires_at > ${world.now()}
    returning nonce, sealed, next, invitation_hash, revision`.execute(world.database.db);
  const [row] = rows;
  if (!row) return null;
  return {
    nonce: row.nonce,
    verifier: Buffer.from(world.keys.open(purpose, row.sealed)).toString(),
    next: row.next,
    invitation: row.invitation_hash?.toString('hex') ?? null,
    revision: row.revision,
  };
}

/** A place of ours to go to after signing in; the policy where it is none. */
export function safePlace(next: unknown): string {
  const fit = typeof next === 'string' && /^\/(?![/\\])[^\s\\]{0,2000}$/.test(next);
  return fit && !next.startsWith('/api/') && !next.startsWith('/sign-in')
    ? next
    : '/console/policy';
}

function scopeOf({ kind, askGraph, graphUrl, rolesFrom }: ProviderSettings): string {
  const scopes = ['openid', 'profile', 'email'];
  // An access token is for one audience: Graph's only where somebody may ask it.
  if (kind === 'entra' && askGraph && rolesFrom === 'claim') {
    scopes.push(`${new URL(graphUrl).origin}/User.Read`);
  }
  return scopes.join(' ');
}

/**
 * Asks for what will be demanded (OpenID Connect Core 1.0, section 5.5), so that the provider asks
 * the person for it while it can. Entra ID takes the parameter and does not say so.
 */
function proofAskedFor(
  { kind, secondFactor }: ProviderSettings,
  takesClaims: boolean,
): Record<string, string> {
  const { amr, acr, acrs } = secondFactor;
  const wanted = {
    ...(acrs ? { acrs: { essential: true, value: acrs } } : {}),
    ...(amr.length > 0 && kind === 'oidc' && takesClaims ? { amr: { essential: true } } : {}),
  };
  return {
    ...(acr.length > 0 ? { acr_values: acr.join(' ') } : {}),
    ...(Object.keys(wanted).length > 0 ? { claims: JSON.stringify({ id_token: wanted }) } : {}),
  };
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function browserCookieName(https: boolean): string {
  return `${cookieName.prefix(https)}.provider`;
}

/**
 * What the browser is known by while it is away. `Lax`, not `Strict`: it must come along when the
 * provider sends the browser back.
 */
function browserCookie(value: string, https: boolean): string {
  const secure = https ? '; Secure' : '';
  return `${browserCookieName(https)}=${value}; Max-Age=${attemptMinutes * 60}; Path=/; HttpOnly${secure}; SameSite=Lax`;
}

function browserOf(headers: Headers, https: boolean): string | null {
  const name = browserCookieName(https);
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const [key, value] = pair.trim().split('=');
    if (key === name && value && /^[\w-]{43}$/.test(value)) return value;
  }
  return null;
}
