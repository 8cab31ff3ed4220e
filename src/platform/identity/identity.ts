import type { Hono, MiddlewareHandler } from 'hono';
import type { Actor, Role } from '../../kernel/actor.ts';
import type { PersonId } from '../../kernel/id.ts';
import { ok, type Refusal, type Result } from '../../kernel/result.ts';
import type { Routes } from '../../policy/route.ts';
import { execute } from '../execute.ts';
import type { Env } from '../http/mount.ts';
import type { Dictionary } from '../words.ts';
import type { World } from '../world.ts';
import { createAuth } from './auth.ts';
import { authenticate } from './authenticate.ts';
import { invitationFlow } from './flow.invitation.ts';
import { type TokenCommand, tokenFlow } from './flow.token.ts';
import { authHandler } from './handler.ts';
import { invitationLink } from './invitation.ts';
import { identityRoutes } from './routes.ts';
import { bearerOf, newSecret } from './token.ts';

export interface IdentityOptions {
  readonly words: Dictionary;
  /** Addresses of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly string[];
  /** Knows the token of the command line of this machine. */
  readonly local?: { actorOf(token: string): Actor | null };
}

/** Who is asking, and how they come to be somebody. */
export interface Identity {
  /** Mount at `/api/auth`. */
  readonly handler: Hono<Env>;
  /** Null: nobody, or a session without a second factor, which is the same. */
  authenticate(headers: Headers): Promise<Actor | null>;
  /** Puts the caller into the request's variables, for `mountRoutes` and pages. */
  readonly withActor: MiddlewareHandler<Env>;
  readonly routes: Routes;
}

export function createIdentity(world: World, options: IdentityOptions): Identity {
  const { words, trustedProxies = [], local } = options;
  const who = async (headers: Headers): Promise<Actor | null> => {
    const bearer = local ? bearerOf(headers) : null;
    return (bearer && local?.actorOf(bearer)) || authenticate(world, headers);
  };
  return {
    handler: authHandler({ world, auth: createAuth(world), words, trustedProxies }),
    authenticate: who,
    withActor: async (c, next) => {
      c.set('actor', await who(c.req.raw.headers));
      await next();
    },
    routes: identityRoutes({ actions: world.authorizer.actions, demo: world.demo }),
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
