import { Hono } from 'hono';
import { type Buckets, createBuckets } from '../http/buckets.ts';
import { callerAddress } from '../http/caller.ts';
import { limited } from '../http/limit.ts';
import { type Env, languageOf } from '../http/mount.ts';
import { platformProblem } from '../http/problems.ts';
import { tooMany } from '../http/security.ts';
import type { World } from '../world.ts';
import type { Auth } from './auth.ts';
import { explainAuthError } from './explain.ts';
import { type AuthCall, type AuthContext, afterwards, beforehand } from './factors.ts';
import { mayEnrol, readLogin } from './login.ts';
import { mountProvider, type ProviderParts } from './oidc/handler.ts';
import { readSession, type Session } from './session.ts';
import { stateOf } from './state.ts';
import { type AuthPath, type Need, surface } from './surface.ts';
import { sha256Hex } from './token.ts';

/**
 * Wrong passwords for one address before it has to wait, wherever they come from: NIST SP 800-63B,
 * section 3.2.2, allows a hundred in a row at most. A passkey is not held up by it.
 */
const guesses = { burst: 10, perMinute: 0.5 };

export interface HandlerParts extends ProviderParts {
  readonly auth: () => Promise<Auth>;
}

/** `/api/auth/…`: Better Auth behind its table of paths, invitations, and where a sign-in stands. */
export function authHandler(parts: HandlerParts): Hono<Env> {
  const { world, words } = parts;
  const app = new Hono<Env>();
  const buckets = createBuckets(guesses);
  app.use(limited(words));
  app.get('/state', async (c) => {
    c.header('cache-control', 'no-store');
    return c.json(await stateOf(world, await readSession(world, c.req.raw.headers)));
  });
  mountProvider(app, parts);
  for (const [path, rule] of Object.entries(surface)) {
    app.on(rule.method, path, (c) => answer({ ...parts, c, path, buckets }, rule));
  }
  return app;
}

interface Asked extends AuthContext {
  readonly auth: () => Promise<Auth>;
  readonly buckets: Buckets;
  readonly trustedProxies: readonly string[];
}

async function answer(asked: Asked, rule: AuthPath): Promise<Response> {
  const { c, world, words, path, buckets } = asked;
  const language = languageOf(c.req.raw, null);
  const body = await readBody(asked, rule);
  if (body === 'notJson') return platformProblem(c, words, language, 'unsupportedMedia', 415);
  if (body === 'invalid')
    return platformProblem(c, words, language, 'invalidInput', 400, { count: 1 });

  const session = await readSession(world, c.req.raw.headers);
  if (!(await isMet(world, rule.need, session))) {
    const code = session ? 'secondFactorMissing' : 'notSignedIn';
    return platformProblem(c, words, language, code, 401);
  }
  const account =
    path === '/sign-in/email' ? sha256Hex(String(body?.['email']).toLowerCase()) : null;
  const seconds = account ? buckets.take(account, world.now()) : 0;
  if (seconds > 0) return tooMany(c, words, seconds);

  const call: AuthCall = { session, body };
  const prepared = await beforehand(asked, call);
  if (prepared instanceof Response) return prepared;
  const auth = await asked.auth();
  const answered = await auth.handler(requestFor(asked, prepared));
  if (answered.status >= 400) return explainAuthError(answered, words, language);
  if (account) buckets.give(account);
  return afterwards(asked, call, answered);
}

/** The body as the path's schema leaves it; null where the path takes none. */
async function readBody(
  { c }: Asked,
  rule: AuthPath,
): Promise<Record<string, unknown> | null | 'notJson' | 'invalid'> {
  if (!rule.body) return null;
  const text = await c.req.text();
  if (text !== '' && !/^application\/json\b/.test(c.req.header('content-type') ?? ''))
    return 'notJson';
  try {
    const parsed = rule.body.safeParse(text === '' ? {} : JSON.parse(text));
    return parsed.success ? parsed.data : 'invalid';
  } catch {
    return 'notJson';
  }
}

async function isMet(world: World, need: Need, session: Session | null): Promise<boolean> {
  if (need === 'nothing' || session?.complete) return true;
  if (need === 'complete') return false;
  if (!session) return need === 'codeStep';
  const login = await readLogin(world.database.db, session.userId);
  return login !== null && mayEnrol(login, world.now());
}

/** What Better Auth gets to see: the path, the parsed body, and the few headers it needs. */
function requestFor(
  { c, world, path, trustedProxies }: Asked,
  body: Record<string, unknown> | null,
): Request {
  const headers = new Headers({ 'x-kept-address': callerAddress(c, trustedProxies) });
  for (const name of [
    'cookie',
    'origin',
    'user-agent',
    'sec-fetch-site',
    'sec-fetch-mode',
    'sec-fetch-dest',
  ]) {
    const value = c.req.header(name);
    if (value !== undefined) headers.set(name, value);
  }
  if (body) headers.set('content-type', 'application/json');
  return new Request(`${world.url}/api/auth${path}`, {
    method: c.req.method,
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}
