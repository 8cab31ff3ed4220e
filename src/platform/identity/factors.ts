import type { Context } from 'hono';
import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { callerAddress } from '../http/caller.ts';
import { type Env, languageOf } from '../http/mount.ts';
import { platformProblem } from '../http/problems.ts';
import { appendEvents } from '../ledger/append.ts';
import type { Dictionary } from '../words.ts';
import type { World } from '../world.ts';
import { actorOf, recordRefusal } from './guard.ts';
import { followRegister, readLogin } from './login.ts';
import { maxCharacters, minCharacters, passwordFault } from './password.ts';
import { endSession, openSession, type Session } from './session.ts';

/** What is around a call to a path of Better Auth. */
export interface AuthContext {
  readonly c: Context<Env>;
  readonly world: World;
  readonly words: Dictionary;
  readonly path: string;
  readonly trustedProxies: readonly string[];
}

export interface AuthCall {
  /** The session before the call. */
  readonly session: Session | null;
  readonly body: Record<string, unknown> | null;
}

/** What Kept adds to a call, or why it does not let it through. */
export async function beforehand(
  context: AuthContext,
  { session, body }: AuthCall,
): Promise<Record<string, unknown> | null | Response> {
  switch (context.path) {
    case '/sign-in/email':
      await context.world.database.db
        .transaction()
        .execute((tx) => followRegister(tx, String(body?.['email'])));
      return body;
    case '/two-factor/enable':
      return (
        (await ofProvider(context, session)) ?? {
          ...body,
          method: 'totp',
          issuer: (await context.world.organisation())?.name ?? 'Kept',
        }
      );
    case '/passkey/generate-register-options':
    case '/passkey/verify-registration':
      return (await ofProvider(context, session)) ?? body;
    case '/change-password':
      return (
        (await weakPassword(context, session, String(body?.['newPassword']))) ?? {
          ...body,
          revokeOtherSessions: true,
        }
      );
    case '/two-factor/disable':
    case '/passkey/delete-passkey':
      return (await lastFactor(context, session)) ?? body;
    default:
      return body;
  }
}

/**
 * Whoever came by the provider makes no way in beside it: one that would outlast being shut out
 * there (ACC-1). Only a named break-glass login may.
 */
async function ofProvider(
  { c, world, words }: AuthContext,
  session: Session | null,
): Promise<Response | null> {
  if (!session?.amr.includes('provider')) return null;
  const { rows } = await sql`
    select from break_glass where person_id = ${session.personId}`.execute(world.database.db);
  if (rows.length > 0) return null;
  return platformProblem(c, words, languageOf(c.req.raw, null), 'belongsToProvider', 422);
}

/** A person's only second factor stays, or they would be back to a password (guard of ACC-3). */
async function lastFactor(
  { c, world, words, path }: AuthContext,
  session: Session | null,
): Promise<Response | null> {
  const login = session && (await readLogin(world.database.db, session.userId));
  if (!session || !login) return null;
  const left =
    path === '/two-factor/disable' ? login.passkeys : login.passkeys - 1 + (login.hasTotp ? 1 : 0);
  if (left > 0) return null;
  await recordRefusal(world, actorOf(session), 'lastSecondFactor');
  return platformProblem(c, words, languageOf(c.req.raw, null), 'lastSecondFactor', 422);
}

async function weakPassword(
  { c, world, words }: AuthContext,
  session: Session | null,
  password: string,
): Promise<Response | null> {
  const login = session && (await readLogin(world.database.db, session.userId));
  if (!login) return null;
  const organisation = (await world.organisation())?.name ?? '';
  const fault = passwordFault(password, { name: login.name, email: login.email, organisation });
  if (!fault) return null;
  const params = { min: minCharacters, max: maxCharacters };
  return platformProblem(c, words, languageOf(c.req.raw, null), fault, 422, params);
}

/** What Kept does once Better Auth has said yes: records it, and changes what it answers. */
export async function afterwards(
  context: AuthContext,
  { session, body }: AuthCall,
  answer: Response,
): Promise<Response> {
  switch (context.path) {
    case '/two-factor/verify-totp':
      return codeOnce(context, session, String(body?.['code']), answer);
    case '/two-factor/verify-backup-code':
      return withoutToken(answer);
    case '/passkey/verify-registration':
      return session ? withPasskey(context, session, answer) : answer;
    case '/passkey/verify-authentication':
      return rewritten(answer, () => ({ status: true }));
    case '/passkey/generate-authenticate-options':
      return rewritten(answer, (options) => ({ ...options, userVerification: 'required' }));
    case '/passkey/generate-register-options':
      return rewritten(answer, await named(context.world));
    case '/two-factor/disable':
      return session
        ? noting(context, session, answer, 'SecondFactorRemoved', { factor: 'totp' })
        : answer;
    case '/passkey/delete-passkey':
      return session
        ? noting(context, session, answer, 'SecondFactorRemoved', {
            factor: 'passkey',
            id: String(body?.['id']),
          })
        : answer;
    case '/two-factor/generate-backup-codes':
      return session ? noting(context, session, answer, 'RecoveryCodesRenewed', {}) : answer;
    case '/change-password':
      return session
        ? noting(context, session, await withoutToken(answer), 'PasswordChanged', {})
        : answer;
    case '/sign-in/email':
      return withoutToken(answer);
    default:
      return answer;
  }
}

/** A code stays valid for a minute and a half, one step to either side: so many codes can be. */
const codesAtOnce = 3;

/**
 * Takes a code once (RFC 6238, section 5.2): whoever watched it being typed comes too late. Better
 * Auth takes it as often as it is right, so the session of a second time is ended before anyone has it.
 */
async function codeOnce(
  context: AuthContext,
  session: Session | null,
  code: string,
  answer: Response,
): Promise<Response> {
  const { c, world, words } = context;
  const { token, user } = (await answer.clone().json()) as { token: string; user: { id: string } };
  const { rows } = await sql<{ id: string }>`
    update auth_two_factor set used_codes = (array_prepend(${code}, used_codes))[1:${sql.lit(codesAtOnce)}]
    where user_id = ${user.id} and not ${code} = any(used_codes) returning id`.execute(
    world.database.db,
  );
  if (rows.length === 0) {
    if (!session)
      await sql`delete from auth_session where token = ${token}`.execute(world.database.db);
    return platformProblem(c, words, languageOf(c.req.raw, null), 'codeWrong', 401);
  }
  // With a session before it, a code ends an enrolment; that a new session was made shows it was the first.
  if (session && answer.headers.getSetCookie().some(isSessionCookie))
    await enrolled(context, session, 'totp');
  return withoutToken(answer);
}

/** The passkey just registered proves its holder here and now: a new session says so, the old one ends. */
async function withPasskey(
  context: AuthContext,
  session: Session,
  answer: Response,
): Promise<Response> {
  const { c, world, trustedProxies } = context;
  await enrolled(context, session, 'passkey');
  const device = {
    address: callerAddress(c, trustedProxies),
    userAgent: c.req.header('user-agent') ?? '',
  };
  const { setCookie } = await world.database.db.transaction().execute(async (tx) => {
    await endSession(tx, session.id);
    return openSession(world, tx, session.userId, [...session.amr, 'passkey'], device);
  });
  answer.headers.append('set-cookie', setCookie);
  return answer;
}

/** From now on a password alone enrols nothing more. */
async function enrolled(
  context: AuthContext,
  session: Session,
  factor: 'totp' | 'passkey',
): Promise<void> {
  await note(context.world, session, 'SecondFactorEnrolled', { factor }, async (tx) => {
    await sql`update auth_user set enrol_by = null where id = ${session.userId}`.execute(tx);
  });
}

async function noting(
  { world }: AuthContext,
  session: Session,
  answer: Response,
  type: string,
  body: JsonObject,
): Promise<Response> {
  await note(world, session, type, body);
  return answer;
}

/** Better Auth has committed already; should we die in between, the ledger lacks the entry, never the act its effect. */
async function note(
  world: World,
  session: Session,
  type: string,
  body: JsonObject,
  also: (tx: Tx) => Promise<void> = async () => undefined,
): Promise<void> {
  const event = { type, subject: `person/${session.personId}`, body };
  await world.database.db.transaction().execute(async (tx) => {
    await also(tx);
    await appendEvents(world, tx, 'identity', [event], {
      actor: actorOf(session),
      now: world.now(),
    });
  });
  world.poke();
}

async function named(
  world: World,
): Promise<(options: Record<string, unknown>) => Record<string, unknown>> {
  const name = (await world.organisation())?.name ?? 'Kept';
  return (options) => ({ ...options, rp: { ...(options['rp'] as object), name } });
}

/** Scripts need no session token; what they are not given they cannot lose. */
async function withoutToken(answer: Response): Promise<Response> {
  return rewritten(answer, ({ token: _, ...rest }) => rest);
}

async function rewritten(
  answer: Response,
  change: (body: Record<string, unknown>) => Record<string, unknown>,
): Promise<Response> {
  const body = (await answer.json()) as Record<string, unknown>;
  const headers = new Headers(answer.headers);
  headers.delete('content-length');
  return new Response(JSON.stringify(change(body)), { status: answer.status, headers });
}

function isSessionCookie(cookie: string): boolean {
  return /^(?:__Host-)?kept\.session_token=[^;]/.test(cookie);
}
