import {
  authorizationCodeGrant,
  type Configuration,
  fetchUserInfo,
  type IDToken,
} from 'openid-client';
import { log } from '../../log.ts';
import type { World } from '../../world.ts';
import type { Device } from '../session.ts';
import { type Arrival, letIn, type PeopleRegister } from './arrive.ts';
import { type Attempt, safePlace, takeAttempt } from './attempt.ts';
import { checkToken, provesSecondFactor, type TokenAnswer } from './claims.ts';
import { rolesGiven } from './groups.ts';
import type { Provider, RelyingParty } from './party.ts';
import { refusalQuery, type SignInRefusal } from './refusal.ts';
import { ownAddresses } from './settings.ts';
import { readProvider } from './store.ts';
import { Declined, type Reason, trusting, Untrusted, whyOf } from './untrusted.ts';

export interface CallbackParts {
  readonly world: World;
  readonly party: RelyingParty;
  readonly people: PeopleRegister;
}

/** Where the browser goes now, and with which session. */
export interface Arrived {
  readonly location: string;
  readonly setCookie: string | null;
}

/**
 * Somebody is back from the provider. Nothing is written before everything that came was checked;
 * what is refused is explained on the sign-in page, in place.
 */
export async function arrive(
  parts: CallbackParts,
  query: URLSearchParams,
  headers: Headers,
  device: Device,
): Promise<Arrived> {
  const { world } = parts;
  const attempt = await takeAttempt(world, query.get('state') ?? '', headers);
  if (!attempt) return refusedAt({ code: 'signInOver' }, null);
  const provider = await readProvider(world.database.db, world.keys);
  if (!provider?.enabled) return refusedAt({ code: 'providerNotSetUp' }, attempt);
  if (provider.revision !== attempt.revision) return refusedAt({ code: 'signInOver' }, attempt);
  try {
    const arrival = await vouchedFor(parts, provider, attempt, query);
    const came = await letIn(world, arrival, device, parts.people);
    if (!came.ok) return refusedAt(came.refusal, attempt);
    return { location: safePlace(attempt.next), setCookie: came.value.setCookie };
  } catch (thrown) {
    const refusal = explained(thrown);
    if (!refusal) throw thrown;
    log.error('sign-in by the provider was refused', { ...refusal, why: whyOf(thrown) });
    return refusedAt(refusal, attempt);
  }
}

/** Turns the code into what the provider says of somebody, all of it checked. */
async function vouchedFor(
  { world, party }: CallbackParts,
  provider: Provider,
  attempt: Attempt,
  query: URLSearchParams,
): Promise<Arrival> {
  const { settings } = provider;
  const configuration = await party.configure(provider);
  const back = new URL(ownAddresses(world.url).redirectUri);
  back.search = query.toString();
  const tokens = await trusting(() =>
    authorizationCodeGrant(configuration, back, {
      expectedState: query.get('state') ?? '',
      expectedNonce: attempt.nonce,
      pkceCodeVerifier: attempt.verifier,
      idTokenExpected: true,
    }),
  ).finally(() => party.remember(provider, configuration));
  const claims = tokens.claims();
  if (!claims || !tokens.id_token) throw new Untrusted('claimMissing');
  const answer: TokenAnswer = {
    idToken: tokens.id_token,
    accessToken: tokens.access_token,
    code: query.get('code') ?? '',
    claims,
  };
  const claimed = checkToken(answer, settings, world.now());
  const userInfo = await userInfoOf(configuration, settings.kind, answer);
  return {
    claimed: {
      ...claimed,
      name: claimed.name || textOf(userInfo['name']),
      email: claimed.email || textOf(userInfo['email']),
    },
    idToken: answer.idToken,
    proven: provesSecondFactor(claims, settings),
    roles: await rolesGiven(settings, {
      claims,
      userInfo,
      accessToken: answer.accessToken,
      ask: party.ask,
    }),
    invitation: attempt.invitation,
  };
}

/**
 * What the provider says besides the token, about the same subject or not at all. Entra ID's says
 * nothing that its token does not, and its access token may be for Microsoft Graph of somebody else.
 */
async function userInfoOf(
  configuration: Configuration,
  kind: 'entra' | 'oidc',
  { accessToken, claims }: { readonly accessToken: string; readonly claims: IDToken },
): Promise<Readonly<Record<string, unknown>>> {
  if (kind === 'entra' || !configuration.serverMetadata().userinfo_endpoint) return {};
  return trusting(() => fetchUserInfo(configuration, accessToken, claims.sub));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 320) : '';
}

const aboutRoles: readonly Reason[] = [
  'groupsOverage',
  'groupsMissing',
  'graphForbidden',
  'graphUnreachable',
];

/** What the person is told; null for what is a fault of ours. */
export function explained(thrown: unknown): SignInRefusal | null {
  if (thrown instanceof Declined) return { code: 'providerDeclined', said: thrown.error };
  if (!(thrown instanceof Untrusted)) return null;
  const code = aboutRoles.includes(thrown.reason) ? 'rolesUnreadable' : 'answerUntrusted';
  return { code, reason: thrown.reason, said: thrown.said };
}

function refusedAt(refusal: SignInRefusal, attempt: Attempt | null): Arrived {
  const query = refusalQuery(refusal);
  if (attempt) query.set('next', safePlace(attempt.next));
  return { location: `/sign-in?${query}`, setCookie: null };
}
