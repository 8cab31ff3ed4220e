import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { callerAddress } from '../../http/caller.ts';
import { limited } from '../../http/limit.ts';
import { type Env, languageOf } from '../../http/mount.ts';
import { platformProblem } from '../../http/problems.ts';
import { log } from '../../log.ts';
import type { Dictionary } from '../../words.ts';
import type { World } from '../../world.ts';
import { endedCookie } from '../cookie.ts';
import { endSession, isHttps, readSession } from '../session.ts';
import type { PeopleRegister } from './arrive.ts';
import { beginAttempt, safePlace } from './attempt.ts';
import { arrive, explained } from './callback.ts';
import { endByProvider, providerSignOut } from './logout.ts';
import type { Provider, RelyingParty } from './party.ts';
import { refusalFrom, type SignInRefusal } from './refusal.ts';
import { readButton, readProvider } from './store.ts';
import { Untrusted, whyOf } from './untrusted.ts';

export interface ProviderParts {
  readonly world: World;
  readonly words: Dictionary;
  readonly trustedProxies: readonly string[];
  readonly party: RelyingParty;
  readonly people: PeopleRegister;
}

const beginning = z.object({
  next: z.string().max(2001).optional(),
  /** Of an invitation's link: whoever signs in becomes whom it is for. */
  invitation: z.string().max(200).optional(),
});

/** Mounts sign-in by the provider below `/api/auth`. */
export function mountProvider(app: Hono<Env>, parts: ProviderParts): void {
  app.get('/provider', (c) => button(c, parts));
  app.post('/sign-in/provider', (c) => begin(c, parts));
  app.get('/provider/callback', (c) => back(c, parts));
  app.post('/provider/sign-out', (c) => signOut(c, parts));
  app.post('/provider/logout', limited(parts.words), (c) => backChannel(c, parts));
}

/** What the sign-in page shows: the provider's button, and why it was refused last. */
async function button(c: Context<Env>, { world, words }: ProviderParts): Promise<Response> {
  const refusal = refusalFrom(new URL(c.req.url).searchParams);
  c.header('cache-control', 'no-store');
  return c.json({
    provider: await readButton(world.database.db),
    demo: world.demo,
    problem: refusal ? said(c, words, refusal) : null,
  });
}

function said(c: Context<Env>, words: Dictionary, refusal: SignInRefusal) {
  const language = languageOf(c.req.raw, null);
  const why = refusal.reason ? words.say(language, `provider.reason.${refusal.reason}`, {}) : '';
  const params = { why, reference: refusal.reference ?? '–', said: refusal.said || '–' };
  const say = (part: string) => words.say(language, `problem.${refusal.code}.${part}`, params);
  return { code: refusal.code, title: say('title'), detail: say('detail'), action: say('action') };
}

async function begin(c: Context<Env>, parts: ProviderParts): Promise<Response> {
  const { world, words, party } = parts;
  const language = languageOf(c.req.raw, null);
  const input = beginning.safeParse(await c.req.json().catch(() => ({})));
  if (!input.success) return platformProblem(c, words, language, 'invalidInput', 400, { count: 1 });
  const provider = await enabled(world);
  if (!provider) return platformProblem(c, words, language, 'providerNotSetUp', 404);
  try {
    const { location, setCookie } = await beginAttempt(world, party, provider, {
      next: safePlace(input.data.next),
      invitation: input.data.invitation ?? null,
      headers: c.req.raw.headers,
    });
    c.header('set-cookie', setCookie);
    c.header('cache-control', 'no-store');
    return c.json({ location });
  } catch (thrown) {
    const refusal = explained(thrown);
    if (!refusal) throw thrown;
    log.error('the provider cannot be asked', { ...refusal, why: whyOf(thrown) });
    const why = words.say(language, `provider.reason.${refusal.reason ?? 'notConform'}`, {});
    return platformProblem(c, words, language, refusal.code, 502, {
      why,
      said: refusal.said || '–',
    });
  }
}

async function back(c: Context<Env>, parts: ProviderParts): Promise<Response> {
  const device = {
    address: callerAddress(c, parts.trustedProxies),
    userAgent: c.req.header('user-agent') ?? '',
  };
  const query = new URL(c.req.url).searchParams;
  const { location, setCookie } = await arrive(parts, query, c.req.raw.headers, device);
  if (setCookie) c.header('set-cookie', setCookie);
  c.header('cache-control', 'no-store');
  return c.redirect(location, 303);
}

/** Ends the session here; says where to end it at the provider too, where that is wanted. */
async function signOut(c: Context<Env>, { world, party }: ProviderParts): Promise<Response> {
  const session = await readSession(world, c.req.raw.headers);
  const provider = session && (await readProvider(world.database.db, world.keys));
  const location = session ? await providerSignOut(world, party, provider, session.id) : null;
  if (session) await endSession(world.database.db, session.id);
  c.header('set-cookie', endedCookie(isHttps(world)));
  c.header('cache-control', 'no-store');
  return c.json({ location });
}

/**
 * The provider's own word that somebody signed out (OpenID Connect Back-Channel Logout 1.0, section
 * 2.5 to 2.8). It comes from a program, without a cookie; its signature is what lets it in.
 */
async function backChannel(c: Context<Env>, { world, party }: ProviderParts): Promise<Response> {
  c.header('cache-control', 'no-store');
  const refuse = (description: string) =>
    c.json({ error: 'invalid_request', error_description: description }, 400);
  const form = new URLSearchParams(await c.req.text());
  const tokens = form.getAll('logout_token');
  const provider = await enabled(world);
  if (!provider) return refuse('no provider');
  const [token] = tokens;
  if (tokens.length !== 1 || !token) return refuse('one logout_token');
  try {
    const fault = await endByProvider(world, party, provider, token);
    return fault ? refuse(fault) : c.body(null, 200);
  } catch (thrown) {
    if (!(thrown instanceof Untrusted)) throw thrown;
    // Its keys could not be had: not the token's fault, and worth another try.
    return c.json({ error: 'temporarily_unavailable', error_description: thrown.reason }, 503);
  }
}

async function enabled(world: World): Promise<Provider | null> {
  const provider = await readProvider(world.database.db, world.keys);
  return provider?.enabled ? provider : null;
}
