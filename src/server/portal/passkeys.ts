import type { Context, Hono } from 'hono';
import { callerAddress } from '../../platform/http/caller.ts';
import {
  notePasskey,
  passkeyBy,
  passkeysOf,
  saveChallenge,
  takeChallenge,
} from '../../registers/portal/store.passkeys.ts';
import { accountsOf } from '../../registers/portal/store.sessions.ts';
import { portalFlow } from '../../registers/portal/store.ts';
import { accountOf } from './account.ts';
import { forNobodyElse, goTo } from './answer.ts';
import { sessionSecret } from './cookie.ts';
import { deviceOf } from './device.ts';
import { idOf } from './held.ts';
import type { Room } from './room.ts';
import { isFormToken } from './secrets.ts';
import { openSession } from './signin.ts';
import { forForms, forVisitors, type Posted, type Visit } from './visit.ts';

/**
 * Passkeys (WebAuthn Level 3), for whoever came in by a link once: registered to the proven address,
 * asked for with the holder's PIN or finger. They need a script; nothing else in the portal does.
 */
export function passkeyDoors(app: Hono, room: Room): void {
  app.post('/passkeys/options', forVisitors(room, registrationOptions));
  app.post('/passkeys', forVisitors(room, register));
  app.post('/passkeys/:id/remove', forForms(room, remove));
  app.post('/sign-in/passkey/options', (c) => signInOptions(c, room));
  app.post('/sign-in/passkey', (c) => signIn(c, room));
}

/** Loaded with the first passkey: its certificates of makers are a tenth of all modules. */
const webauthn = () => import('@simplewebauthn/server');

/** What is sent back is some kilobytes; the attestation is the largest of it. */
const limitBytes = 64 * 1024;

async function jsonOf(c: Context): Promise<Record<string, unknown> | null> {
  const text = await c.req.text();
  if (text.length > limitBytes) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

const no = (c: Context, status: 400 | 403 | 429 = 400): Response =>
  c.json({ ok: false }, status, forNobodyElse);

/** By a header, because a script sends it; the same token as in the forms. */
function isOwnScript({ c, room }: Visit): boolean {
  return isFormToken(c.req.header('x-portal-token'), sessionSecret(c, room.world.url) ?? '');
}

async function registrationOptions(visit: Visit): Promise<Response> {
  const { c, room, session, place } = visit;
  if (!isOwnScript(visit)) return no(c, 403);
  const { world } = room;
  const known = await passkeysOf(world.database.db, session.address);
  const options = await (await webauthn()).generateRegistrationOptions({
    rpName: place.organisation,
    rpID: new URL(world.url).hostname,
    userName: session.address,
    userID: new TextEncoder().encode(session.address.slice(0, 64)),
    challenge: Uint8Array.from(world.random(32)),
    attestationType: 'none',
    excludeCredentials: known.map(({ credentialId }) => ({ id: credentialId })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  await saveChallenge(world.database.db, options.challenge, session.id, world.now());
  return c.json(options, 200, forNobodyElse);
}

async function register(visit: Visit): Promise<Response> {
  const { c, room, session, account } = visit;
  if (!isOwnScript(visit)) return no(c, 403);
  const { world } = room;
  const response = await jsonOf(c);
  const verified =
    response &&
    (await (
      await webauthn()
    )
      .verifyRegistrationResponse({
        response: response as never,
        ...expected(c, room),
        expectedChallenge: (challenge) =>
          takeChallenge(world.database.db, challenge, session.id, world.now()),
        requireUserVerification: true,
      })
      .catch(() => null));
  const credential = verified?.registrationInfo?.credential;
  if (!verified?.verified || !credential) return no(c);
  const done = await visit.execute(portalFlow, {
    do: 'addPasskey',
    customerId: account.customerId,
    passkey: {
      address: session.address,
      credentialId: credential.id,
      publicKey: Buffer.from(credential.publicKey).toString('base64'),
      counter: credential.counter,
      transports: (credential.transports ?? []).map(String),
      device: deviceOf(c.req.header('user-agent') ?? ''),
    },
  });
  return done.ok ? c.json({ ok: true, to: '/portal/account#passkeys' }, 200, forNobodyElse) : no(c);
}

/** Where the answer must come from: the configured origin, or this machine under the name asked for. */
function expected(c: Context, { world }: Room) {
  const url = new URL(world.url);
  const asked = new URL(c.req.url);
  const local = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(asked.hostname) ? [asked.origin] : [];
  return {
    expectedOrigin: [url.origin, ...local],
    expectedRPID: [url.hostname, ...local.map((it) => new URL(it).hostname)],
  };
}

async function remove(visit: Posted): Promise<Response> {
  const { c, account } = visit;
  const passkeyId = idOf(c.req.param('id'));
  if (!passkeyId) return goTo(c, '/portal/account');
  const done = await visit.execute(portalFlow, {
    do: 'removePasskey',
    customerId: account.customerId,
    passkeyId,
  });
  if (done.ok) return goTo(c, '/portal/account#passkeys');
  return accountOf(visit, { kind: 'wrong', text: visit.say(done.refusal) });
}

/** Says nothing of whom it knows: the browser offers what it has for this host. */
async function signInOptions(c: Context, room: Room): Promise<Response> {
  const { world, limits, trustedProxies } = room;
  if (limits.trying.take(callerAddress(c, trustedProxies), world.now()) > 0) return no(c, 429);
  const options = await (await webauthn()).generateAuthenticationOptions({
    rpID: new URL(world.url).hostname,
    challenge: Uint8Array.from(world.random(32)),
    userVerification: 'required',
  });
  await saveChallenge(world.database.db, options.challenge, null, world.now());
  return c.json(options, 200, forNobodyElse);
}

async function signIn(c: Context, room: Room): Promise<Response> {
  const { world } = room;
  const { db } = world.database;
  const now = world.now();
  const response = await jsonOf(c);
  const id = response?.['id'];
  const passkey = typeof id === 'string' ? await passkeyBy(db, id) : null;
  if (!response || !passkey) return no(c);
  const verified = await (await webauthn())
    .verifyAuthenticationResponse({
      response: response as never,
      ...expected(c, room),
      expectedChallenge: (challenge) => takeChallenge(db, challenge, null, now),
      requireUserVerification: true,
      credential: {
        id: passkey.credentialId,
        publicKey: Uint8Array.from(passkey.publicKey),
        counter: passkey.counter,
      },
    })
    .catch(() => null);
  if (!verified?.verified) return no(c);
  if (!(await notePasskey(db, passkey.id, verified.authenticationInfo.newCounter, now)))
    return no(c);
  // The address may be nobody's any more, whatever its passkey can still sign.
  if ((await accountsOf(db, passkey.address)).length === 0) return no(c);
  const opened = await openSession(c, room, passkey.address, 'passkey');
  const to = opened?.headers.get('location');
  return to ? c.json({ ok: true, to }, 200, { ...forNobodyElse }) : no(c);
}
