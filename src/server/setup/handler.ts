import { type Context, Hono } from 'hono';
import { callerAddress } from '../../platform/http/caller.ts';
import { limited } from '../../platform/http/limit.ts';
import { type Env, languageOf } from '../../platform/http/mount.ts';
import { platformProblem } from '../../platform/http/problems.ts';
import { hashPassword } from '../../platform/identity/login.ts';
import { maxCharacters, minCharacters, passwordFault } from '../../platform/identity/password.ts';
import type { Dictionary } from '../../platform/words.ts';
import type { World } from '../../platform/world.ts';
import type { SetupGate } from '../setup.ts';
import { founding } from './facts.ts';
import { found } from './found.ts';

export interface SetupParts {
  readonly world: World;
  readonly words: Dictionary;
  readonly gate: SetupGate;
  readonly trustedProxies?: readonly string[];
}

/**
 * `POST /api/v1/setup`: who has the link from the terminal sets up the organisation and is its
 * first administrator, signed in by password and with a second factor still to enrol. Mount at
 * `/api/v1/setup`, before the routes.
 */
export function setupHandler(parts: SetupParts): Hono<Env> {
  const app = new Hono<Env>();
  app.post('/', limited(parts.words), (c) => setUp(c, parts));
  return app;
}

async function setUp(
  c: Context<Env>,
  { world, words, gate, trustedProxies }: SetupParts,
): Promise<Response> {
  const language = languageOf(c.req.raw, null);
  if (await world.organisation()) return platformProblem(c, words, language, 'alreadySetUp', 409);
  const body: unknown = await c.req.json().catch(() => null);
  const token = (body as { token?: unknown } | null)?.token;
  if (typeof token !== 'string' || !gate.accepts(token, world.now())) {
    return platformProblem(c, words, language, 'setupLinkInvalid', 403);
  }
  const input = founding.safeParse(body);
  if (!input.success) {
    const errors = input.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      message: issue.message,
    }));
    return platformProblem(
      c,
      words,
      language,
      'invalidInput',
      400,
      { count: errors.length },
      { errors },
    );
  }
  const { administrator, organisation } = input.data;
  const fault = passwordFault(administrator.password, {
    ...administrator,
    organisation: organisation.name,
  });
  const params = { min: minCharacters, max: maxCharacters };
  if (fault) return platformProblem(c, words, language, fault, 422, params);

  const passwordHash = await hashPassword(administrator.password);
  const device = {
    address: callerAddress(c, trustedProxies),
    userAgent: c.req.header('user-agent') ?? '',
  };
  const opened = await found(world, input.data, { passwordHash, language, device });
  if (!opened) return platformProblem(c, words, language, 'alreadySetUp', 409);
  // Spent only now: a mistake above leaves the link good, and the table takes one organisation.
  gate.spend(token, world.now());
  c.header('set-cookie', opened.setCookie);
  c.header('cache-control', 'no-store');
  return c.json({ state: 'enrol' });
}
