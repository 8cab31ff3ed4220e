import type { Hono, MiddlewareHandler } from 'hono';
import type { Actor, Role } from '../../kernel/actor.ts';
import type { PersonId } from '../../kernel/id.ts';
import { ok, type Refusal, type Result } from '../../kernel/result.ts';
import type { Routes } from '../../policy/route.ts';
import { execute } from '../execute.ts';
import { type Env, languageOf } from '../http/mount.ts';
import { outgoing } from '../http/outgoing.ts';
import { platformProblem } from '../http/problems.ts';
import type { Dictionary } from '../words.ts';
import type { World } from '../world.ts';
import type { Auth } from './auth.ts';
import { authenticate, type Caller } from './authenticate.ts';
import { invitationFlow } from './flow.invitation.ts';
import { type TokenCommand, tokenFlow } from './flow.token.ts';
import { recordFirstRefusal } from './guard.ts';
import { authHandler } from './handler.ts';
import { invitationHandler, invitationLink } from './invitation.ts';
import type { PeopleRegister } from './oidc/arrive.ts';
import { createRelyingParty } from './oidc/party.ts';
import { identityRoutes } from './routes.ts';
import { bearerOf, newSecret } from './token.ts';

export interface IdentityOptions {
  readonly words: Dictionary;
  /** Addresses of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly string[];
  /** Knows the token of the command line of this machine. */
  readonly local?: { actorOf(token: string): Actor | null };
  /** Asks what is outside, such as a provider that people sign in with. */
  readonly ask?: typeof fetch;
  /** The register of people, as far as sign-in by a provider asks it. */
  readonly people?: PeopleRegister;
}

/** Where nobody says how, a provider gives no roles, and nobody is expected. */
const noRegister: PeopleRegister = {
  giveRoles: async () => ({ given: false, waiting: [] }),
  expected: async () => null,
};

/** Who is asking, and how they come to be somebody. */
export interface Identity {
  /** Mount at `/api/auth`. */
  readonly handler: Hono<Env>;
  /** Mount at `/api/v1/invitations`, before the routes: opening and accepting, by whoever has the link. */
  readonly invitations: Hono<Env>;
  /** Null: nobody, or a session without a second factor, which is the same. */
  authenticate(headers: Headers): Promise<Actor | null>;
  /** Puts the caller into the request's variables, for `mountRoutes` and pages. */
  readonly withActor: MiddlewareHandler<Env>;
  readonly routes: Routes;
}

export function createIdentity(world: World, options: IdentityOptions): Identity {
  const { words, trustedProxies = [], local, people = noRegister } = options;
  const party = createRelyingParty(world, options.ask ?? outgoing({ internalHosts: [] }));
  const who = async (headers: Headers): Promise<Caller> => {
    const bearer = local ? bearerOf(headers) : null;
    const here = bearer === null ? null : (local?.actorOf(bearer) ?? null);
    return here ? { actor: here, unfinished: null } : authenticate(world, headers);
  };
  return {
    handler: authHandler({
      world,
      auth: once(() => authOf(world)),
      words,
      trustedProxies,
      party,
      people,
    }),
    invitations: invitationHandler({ world, words, trustedProxies }),
    authenticate: async (headers) => (await who(headers)).actor,
    withActor: withActor(world, words, who),
    routes: identityRoutes({
      actions: world.authorizer.actions,
      demo: world.demo,
      signIn: { world, party },
    }),
  };
}

/** Loaded with the first who signs in: a third of all modules, which neither tokens nor sessions need. */
async function authOf(world: World): Promise<Auth> {
  const { createAuth } = await import('./auth.ts');
  return createAuth(world);
}

function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => (opened ??= open());
}

/**
 * A session without a second factor is nobody; where nobody is refused, it is told what it lacks,
 * and the refusal is recorded. Signing in itself asks for no caller.
 */
function withActor(
  world: World,
  words: Dictionary,
  who: (headers: Headers) => Promise<Caller>,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (c.req.path.startsWith('/api/auth/')) {
      c.set('actor', null);
      return next();
    }
    const { actor, unfinished } = await who(c.req.raw.headers);
    c.set('actor', actor);
    await next();
    if (!unfinished || c.res.status !== 401) return;
    await recordFirstRefusal(world, unfinished);
    c.res = platformProblem(c, words, languageOf(c.req.raw, null), 'secondFactorMissing', 401);
  };
}

/** A token that Kept makes itself: `demo.json`, an operator at the machine. */
export interface TokenRequest {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly days: number;
  readonly personId: PersonId | null;
}

export async function issueToken(
  world: World,
  actor: Actor,
  request: TokenRequest,
): Promise<Result<{ readonly token: string }, Refusal>> {
  const { secret, sha256 } = newSecret('kept_');
  const roles = [...request.roles];
  const command: TokenCommand = { do: 'create', ...request, roles, scope: null, sha256 };
  const answer = await execute(world, tokenFlow, command, actor);
  return answer.ok ? ok({ token: secret }) : answer;
}

/** A one-time link for a person; the way back for a sole administrator who lost their second factor. */
export async function issueInvitation(
  world: World,
  actor: Actor,
  personId: PersonId,
): Promise<Result<{ readonly link: string }, Refusal>> {
  const { secret, sha256 } = newSecret('');
  const answer = await execute(world, invitationFlow, { do: 'issue', personId, sha256 }, actor);
  return answer.ok ? ok({ link: invitationLink(world.url, secret) }) : answer;
}
