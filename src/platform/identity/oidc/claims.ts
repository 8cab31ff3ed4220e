import { createHash } from 'node:crypto';
import type { IDToken } from 'openid-client';
import type { Instant } from '../../../kernel/instant.ts';
import { skewSeconds } from './party.ts';
import type { ProviderSettings } from './settings.ts';
import { Untrusted } from './untrusted.ts';

/** Seconds for which an ID token is news: it is fetched as soon as the browser is back. */
const freshSeconds = 600;

/** Who the provider says that somebody is. */
export interface Claimed {
  readonly issuer: string;
  /** `tid` of Entra ID; empty elsewhere. */
  readonly tenant: string;
  readonly subject: string;
  /** `oid` of Entra ID: the same in all applications of a tenant. */
  readonly objectId: string | null;
  /** As the provider says; shown to the security officer, never matched with anybody. */
  readonly name: string;
  readonly email: string;
  /** `sid`, where the provider names its session. */
  readonly session: string | null;
}

/** What came back for a code, its signature, issuer, audience, nonce and expiry already checked. */
export interface TokenAnswer {
  readonly idToken: string;
  readonly accessToken: string;
  readonly code: string;
  readonly claims: IDToken;
}

/**
 * Checks of an ID token that the library leaves to its caller (OpenID Connect Core 1.0, section
 * 3.1.3.7 and 3.1.3.8; Microsoft's rules for `tid`), and who it is about.
 *
 * @throws Untrusted
 */
export function checkToken(answer: TokenAnswer, settings: ProviderSettings, now: Instant): Claimed {
  const { claims } = answer;
  checkAge(claims, now);
  if (claims.azp !== undefined && claims.azp !== settings.clientId) {
    throw new Untrusted('wrongAudience', { said: String(claims.azp) });
  }
  checkHash(answer, 'at_hash', answer.accessToken);
  checkHash(answer, 'c_hash', answer.code);
  if (claims.sub === '' || claims.sub.length > 255) throw new Untrusted('noSubject');
  const entra = settings.kind === 'entra' ? entraClaims(claims, settings) : null;
  return {
    issuer: claims.iss,
    tenant: entra?.tenant ?? '',
    subject: claims.sub,
    objectId: entra?.objectId ?? null,
    name: textOf(claims['name']),
    email: textOf(claims['email'] ?? claims['preferred_username']),
    session: textOf(claims['sid']) || null,
  };
}

function checkAge({ iat }: IDToken, now: Instant): void {
  const seconds = now.epochMilliseconds / 1000;
  if (iat > seconds + skewSeconds) throw new Untrusted('issuedInFuture');
  if (iat < seconds - freshSeconds - skewSeconds) throw new Untrusted('tooOld');
}

/** A hash is optional where the code came first; one that is there must be right. */
function checkHash({ claims, idToken }: TokenAnswer, name: 'at_hash' | 'c_hash', of: string): void {
  const given = claims[name];
  if (given === undefined) return;
  const digest = createHash(hashOf(idToken)).update(of, 'ascii').digest();
  const expected = digest.subarray(0, digest.length / 2).toString('base64url');
  if (given !== expected) {
    throw new Untrusted(name === 'at_hash' ? 'wrongAccessTokenHash' : 'wrongCodeHash');
  }
}

/** The hash that belongs to a token's signature; for Ed25519 it is SHA-512 (RFC 8032). */
function hashOf(idToken: string): string {
  const [header = ''] = idToken.split('.');
  const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg: string };
  return alg.startsWith('Ed') ? 'sha512' : `sha${alg.slice(-3)}`;
}

function entraClaims(claims: IDToken, { tenantId }: ProviderSettings) {
  if (claims['tid'] !== tenantId)
    throw new Untrusted('wrongTenant', { said: textOf(claims['tid']) });
  const objectId = textOf(claims['oid']);
  if (objectId === '') throw new Untrusted('noSubject', { said: 'oid' });
  return { tenant: claims['tid'] as string, objectId };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 320) : '';
}

/**
 * Whether an ID token proves a second factor: by a method in `amr` (RFC 8176), a class in `acr`, or
 * an authentication context of Entra ID in `acrs` that conditional access guards.
 */
export function provesSecondFactor(
  claims: IDToken,
  { secondFactor }: Pick<ProviderSettings, 'secondFactor'>,
): boolean {
  const { amr, acr, acrs } = secondFactor;
  return (
    listOf(claims.amr).some((method) => amr.includes(method)) ||
    (typeof claims.acr === 'string' && acr.includes(claims.acr)) ||
    (acrs !== null && listOf(claims['acrs']).includes(acrs))
  );
}

/** A claim of strings; one string is a list of one, anything else of none. */
export function listOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
