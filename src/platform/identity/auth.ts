import { passkey } from '@better-auth/passkey';
import { APIError, betterAuth, type GenericEndpointContext } from 'better-auth';
import { twoFactor } from 'better-auth/plugins/two-factor';
import { log } from '../log.ts';
import type { World } from '../world.ts';
import { authConnection } from './connection.ts';
import { cookieName } from './cookie.ts';
import { isLoginShut } from './only-way.ts';
import { maxCharacters, minCharacters } from './password.ts';
import { amrAt, amrText, parseAmr } from './proof.ts';

/**
 * A working day and a night: NIST SP 800-63B wants people to sign in again at least that often at
 * its second level of assurance. A session is never prolonged.
 */
export const sessionSeconds = 24 * 60 * 60;

/** For so long after signing in a passkey may be added. */
const freshSeconds = 60 * 60;

/** For so long a password entered waits for its code. */
const codeSeconds = 10 * 60;

export type Auth = ReturnType<typeof createAuth>;

/**
 * Better Auth over our own tables: passwords, TOTP with recovery codes, passkeys, sessions. Nobody
 * can sign up: logins come from the set-up and from invitations. Its own rate limits are off,
 * because ours stand before it, and so is whatever it would send elsewhere.
 *
 * Sign-in by an identity provider stands beside it, in `oidc/`: a relying party of its own, because
 * tenant, second factor, roles and logout tokens are ours to judge. SCIM is a room of its own.
 */
export function createAuth(world: World) {
  const { hostname, origin, protocol } = new URL(world.url);
  return betterAuth({
    appName: 'Kept',
    baseURL: origin,
    basePath: '/api/auth',
    secret: sessionSecret(world),
    trustedOrigins: [origin, ...namesOfHere(new URL(world.url))],
    database: { db: authConnection(world.database.pool), type: 'postgres', transaction: true },
    user: { modelName: 'authUser' },
    account: { modelName: 'authAccount' },
    verification: { modelName: 'authVerification' },
    session: {
      modelName: 'authSession',
      expiresIn: sessionSeconds,
      freshAge: freshSeconds,
      disableSessionRefresh: true,
      cookieCache: { enabled: false },
      additionalFields: { amr: { type: 'string', required: false, input: false } },
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: minCharacters,
      maxPasswordLength: maxCharacters,
    },
    plugins: secondFactors(hostname, origin),
    databaseHooks: {
      session: {
        create: {
          before: async (session, context) => {
            await refuseShut(world, session.userId);
            return noteProof(session, context);
          },
        },
      },
    },
    advanced: {
      cookiePrefix: cookieName.prefix(protocol === 'https:'),
      // The prefix above says what Better Auth's `__Secure-` would, and more.
      useSecureCookies: false,
      defaultCookieAttributes: {
        httpOnly: true,
        sameSite: 'strict',
        path: '/',
        secure: protocol === 'https:',
      },
      // Set from the socket by our handler, whatever the caller sent.
      ipAddress: { ipAddressHeaders: ['x-kept-address'], ipv6Subnet: 128 },
      database: { generateId: () => world.newId(), validateSchema: false },
    },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: {
      level: 'error',
      log: (level, message) => log.error('sign-in library', { level, text: message }),
    },
  });
}

function secondFactors(hostname: string, origin: string) {
  return [
    twoFactor({
      allowPasswordless: true,
      twoFactorCookieMaxAge: codeSeconds,
      schema: { twoFactor: { modelName: 'authTwoFactor' } },
    }),
    passkey({
      rpID: hostname,
      rpName: 'Kept',
      origin,
      schema: { passkey: { modelName: 'authPasskey', fields: { credentialID: 'credentialId' } } },
      authenticatorSelection: { userVerification: 'required', residentKey: 'required' },
      registration: {
        afterVerification: ({ verification }) => userVerified(verification.registrationInfo),
      },
      authentication: {
        afterVerification: ({ verification }) => userVerified(verification.authenticationInfo),
      },
    }),
  ];
}

/** Every session of Better Auth is of a login of Kept's own: none is made where those open nothing. */
async function refuseShut(world: World, userId: string): Promise<void> {
  if (!(await isLoginShut(world.database.db, userId))) return;
  throw new APIError('FORBIDDEN', { code: 'PROVIDER_ONLY', message: 'sign in with the provider' });
}

/** Writes into a session that Better Auth makes what it was proven by: known from the path that made it. */
async function noteProof<S extends object>(session: S, context: GenericEndpointContext | null) {
  const replaced = context?.context.session?.session as { amr?: string } | undefined;
  const amr = amrAt(context?.path ?? '', parseAmr(replaced?.amr ?? ''));
  return { data: { ...session, amr: amrText(amr) } };
}

/** The other names of this machine, where Kept is reached without HTTPS: from here, or not at all. */
function namesOfHere({ protocol, port }: URL): readonly string[] {
  if (protocol === 'https:') return [];
  const suffix = port === '' ? '' : `:${port}`;
  return ['localhost', '127.0.0.1', '[::1]'].map((name) => `http://${name}${suffix}`);
}

/** What session cookies are signed, and TOTP secrets encrypted, with. */
export function sessionSecret(world: World): string {
  return Buffer.from(world.keys.derive('sessions')).toString('base64url');
}

/**
 * A passkey counts as two factors because its holder was verified by PIN or biometric (WebAuthn
 * Level 3, section 6.1, flag UV); one that was merely touched is refused.
 */
function userVerified(ceremony: { readonly userVerified: boolean } | undefined): void {
  if (!ceremony?.userVerified) {
    throw new APIError('UNAUTHORIZED', {
      code: 'USER_NOT_VERIFIED',
      message: 'user verification is required',
    });
  }
}
