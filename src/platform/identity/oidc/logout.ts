import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { sql } from 'kysely';
import { buildEndSessionUrl } from 'openid-client';
import type { Tx } from '../../../kernel/db.ts';
import type { PersonId } from '../../../kernel/id.ts';
import { appendEvents } from '../../ledger/append.ts';
import type { World } from '../../world.ts';
import { idTokenPurpose } from './arrive.ts';
import { isAddress, type Provider, type RelyingParty, signatures, skewSeconds } from './party.ts';
import { ownAddresses } from './settings.ts';
import { Untrusted } from './untrusted.ts';

/** What a logout token says happened (OpenID Connect Back-Channel Logout 1.0, section 2.4). */
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';

/** Seconds for which a logout token is news; so long its `jti` is remembered. */
const freshSeconds = 600;

/** Why a logout token was not taken. */
export type LogoutFault =
  | 'notAToken'
  | 'badSignature'
  | 'unknownKey'
  | 'wrongIssuer'
  | 'wrongAudience'
  | 'expired'
  | 'wrongType'
  | 'claimMissing'
  | 'eventMissing'
  | 'noncePresent'
  | 'nobodyNamed'
  | 'takenBefore';

/**
 * The provider says that somebody signed out there, or was signed out: their sessions here that came
 * by it end at once.
 *
 * @returns why the token was not taken; null where it was
 */
export async function endByProvider(
  world: World,
  party: RelyingParty,
  provider: Provider,
  token: string,
): Promise<LogoutFault | null> {
  const claims = await readLogoutToken(world, party, provider, token);
  if (typeof claims === 'string') return claims;
  const { iss = '', sub, jti = '', iat = 0 } = claims;
  const session = claims['sid'] as string | undefined;
  const ended = await world.database.db.transaction().execute(async (tx) => {
    const until = Temporal.Instant.fromEpochMilliseconds(
      (iat + freshSeconds + 2 * skewSeconds) * 1000,
    );
    if (!(await takeOnce(tx, iss, jti, until, world.now()))) return 'takenBefore';
    const people = await endSessions(tx, { iss, sub, session });
    for (const { personId, sessions } of people) {
      const event = {
        type: 'SessionsEndedByProvider',
        subject: `person/${personId}`,
        body: { sessions },
      };
      const actor = { kind: 'system', id: 'provider' } as const;
      await appendEvents(world, tx, 'identity', [event], { actor, now: world.now() });
    }
    return null;
  });
  if (ended === null) world.poke();
  return ended;
}

async function takeOnce(
  tx: Tx,
  issuer: string,
  jti: string,
  until: Temporal.Instant,
  now: Temporal.Instant,
): Promise<boolean> {
  await sql`delete from logout_token where expires_at <= ${now}`.execute(tx);
  const { rows } = await sql`
    insert into logout_token (issuer, jti, expires_at) values (${issuer}, ${jti}, ${until})
    on conflict do nothing returning jti`.execute(tx);
  return rows.length > 0;
}

interface Ended {
  readonly personId: PersonId;
  readonly sessions: readonly string[];
}

/** Of one session of the provider's, or of all that a subject has; of both, what both say. */
async function endSessions(
  tx: Tx,
  { iss, sub, session }: { iss: string; sub: string | undefined; session: string | undefined },
): Promise<readonly Ended[]> {
  const { rows } = await sql<Ended>`
    with ended as (
      delete from auth_session as s using sign_in_identity as i
      where s.identity_id = i.id and i.issuer = ${iss}
        and (${sub ?? null}::text is null or i.subject = ${sub ?? null})
        and (${session ?? null}::text is null or s.provider_session = ${session ?? null})
      returning s.id, i.person_id
    )
    select person_id as "personId", array_agg(id order by id) as sessions from ended group by person_id`.execute(
    tx,
  );
  return rows;
}

/** Checks a logout token as section 2.6 of the specification says. */
async function readLogoutToken(
  world: World,
  party: RelyingParty,
  provider: Provider,
  token: string,
): Promise<JWTPayload | LogoutFault> {
  const verified = await verify(world, party, provider, token);
  if (typeof verified === 'string') return verified;
  const { payload, protectedHeader } = verified;
  const { typ } = protectedHeader;
  if (
    typ !== undefined &&
    !['logout+jwt', 'jwt'].includes(typ.toLowerCase().replace(/^application\//, ''))
  ) {
    return 'wrongType';
  }
  const fault = contentFault(payload, world.now());
  return fault ?? payload;
}

/** What is wrong with what a logout token says, its signature, issuer and audience being right. */
function contentFault(payload: JWTPayload, now: Temporal.Instant): LogoutFault | null {
  const { iat, jti, sub } = payload;
  if (typeof iat !== 'number' || typeof jti !== 'string' || jti === '' || jti.length > 500) {
    return 'claimMissing';
  }
  const age = now.epochMilliseconds / 1000 - iat;
  if (age > freshSeconds + skewSeconds || age < -skewSeconds) return 'expired';
  const happened = (payload['events'] as Record<string, unknown> | undefined)?.[logoutEvent];
  if (typeof happened !== 'object' || happened === null || Array.isArray(happened)) {
    return 'eventMissing';
  }
  // An ID token must not pass for a logout token, nor the other way round.
  if ('nonce' in payload) return 'noncePresent';
  const named = [sub, payload['sid']].filter((each) => each !== undefined);
  const fit = named.length > 0 && named.every((each) => typeof each === 'string' && each !== '');
  return fit ? null : 'nobodyNamed';
}

async function verify(world: World, party: RelyingParty, provider: Provider, token: string) {
  const { issuer, clientId } = provider.settings;
  const options = {
    issuer,
    audience: clientId,
    algorithms: [...signatures],
    clockTolerance: skewSeconds,
    currentDate: new Date(world.now().epochMilliseconds),
    requiredClaims: ['iat', 'exp', 'jti', 'events'],
  };
  const check = (keys: JSONWebKeySet) => jwtVerify(token, createLocalJWKSet(keys), options);
  try {
    return await check(await party.keys(provider, false)).catch(async (error: unknown) => {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return check(await party.keys(provider, true));
    });
  } catch (error) {
    return faultOf(error);
  }
}

function faultOf(error: unknown): LogoutFault {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'iss') return 'wrongIssuer';
    if (error.claim === 'aud') return 'wrongAudience';
    return error.claim === 'nbf' ? 'expired' : 'claimMissing';
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'badSignature';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'badSignature';
  if (error instanceof errors.JWKSNoMatchingKey) return 'unknownKey';
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'unknownKey';
  if (error instanceof errors.JOSEError) return 'notAToken';
  // Whatever is no fault of the token is one of the world: the provider will try again.
  throw error;
}

/**
 * Where the browser goes to sign out at the provider as well (OpenID Connect RP-Initiated Logout
 * 1.0); null where the session came otherwise, or where that is not wanted or not offered.
 */
export async function providerSignOut(
  world: World,
  party: RelyingParty,
  provider: Provider | null,
  sessionId: string,
): Promise<string | null> {
  if (!provider?.enabled || !provider.settings.endProviderSession) return null;
  const { rows } = await sql<{ id_token: Buffer | null }>`
    select id_token from auth_session where id = ${sessionId} and identity_id is not null`.execute(
    world.database.db,
  );
  const sealed = rows[0]?.id_token;
  if (!sealed) return null;
  const configuration = await party.configure(provider).catch((error: unknown) => {
    // A provider that cannot be reached keeps nobody from signing out here.
    if (error instanceof Untrusted) return null;
    throw error;
  });
  const { end_session_endpoint } = configuration?.serverMetadata() ?? {};
  const plain = provider.settings.issuer.startsWith('http:');
  if (!configuration || !isAddress(end_session_endpoint, plain)) return null;
  return buildEndSessionUrl(configuration, {
    post_logout_redirect_uri: ownAddresses(world.url).signedOutUri,
    id_token_hint: Buffer.from(world.keys.open(idTokenPurpose, sealed)).toString(),
  }).href;
}
