import { sql } from 'kysely';
import { z } from 'zod';
import { type Actor, personOf, roles } from '../../kernel/actor.ts';
import type { Db } from '../../kernel/db.ts';
import { instantText } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import { languages } from '../../kernel/language.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, type Routes, route } from '../../policy/route.ts';
import { organisationOf } from '../organisation.ts';
import { sessionOf } from './authenticate.ts';
import { sessionFlow } from './flow.session.ts';
import { type SignInParts, signInRoutes } from './oidc/routes.ts';
import { invitationRoutes } from './routes.invitation.ts';
import { tokenRoutes } from './routes.token.ts';

/** What the routes of this room need besides a request. */
export interface IdentityFacts {
  /** Every Cedar action there is: the authorizer's. */
  readonly actions: readonly string[];
  readonly demo: boolean;
  /** What sign-in by a provider needs besides; null where the routes are only described. */
  readonly signIn?: SignInParts;
}

/** Who I am, my sessions, my tokens; invitations. Needs no database to be described. */
export function identityRoutes(facts: IdentityFacts) {
  return {
    readMe: readMe(facts),
    ...sessionRoutes,
    ...tokenRoutes(facts.actions),
    ...invitationRoutes,
    ...signInRoutes(facts.signIn ?? null),
  } satisfies Routes;
}

const me = z.object({
  person: z.object({ id: z.string(), name: z.string() }).nullable(),
  roles: z.array(z.enum(roles)),
  permissions: z.array(z.string()),
  language: z.enum(languages),
  zone: z.string(),
  organisation: z.string(),
  demo: z.boolean(),
  secondFactor: z.boolean(),
  /** The session was opened by choosing a persona: nothing was proven. */
  persona: z.boolean(),
});

function readMe({ actions, demo }: IdentityFacts) {
  return route({
    method: 'get',
    path: '/me',
    summary: 'Who is asking, and what they may do',
    permission: 'readMe',
    input: z.object({}),
    output: me,
    async handle({ db, actor, language, zone, may }) {
      const caller = callerOf(actor);
      const organisation = await organisationOf(db);
      return ok({
        person: await personNamed(db, caller),
        roles: caller.kind === 'system' ? [] : [...caller.roles],
        permissions: actions.filter(may),
        language,
        zone,
        organisation: organisation?.name ?? '',
        demo,
        secondFactor: caller.kind === 'person' && caller.secondFactor,
        persona: sessionOf(caller)?.amr.includes('persona') ?? false,
      });
    },
  });
}

const sessionItem = z.object({
  id: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  address: z.string(),
  userAgent: z.string(),
  /** How it was proven: `pwd otp`, `passkey`, … */
  proof: z.array(z.string()),
  current: z.boolean(),
});

const sessionRoutes = {
  listSessions: route({
    method: 'get',
    path: '/sessions',
    summary: 'Where I am signed in',
    permission: 'manageOwnSessions',
    input: z.object({}),
    output: z.object({ items: z.array(sessionItem), total: z.int(), next: z.null() }),
    async handle({ db, actor, now }) {
      const current = sessionOf(callerOf(actor))?.id;
      const { rows } = await sql<{
        id: string;
        created_at: Temporal.Instant;
        expires_at: Temporal.Instant;
        ip_address: string | null;
        user_agent: string | null;
        amr: string;
      }>`
        select s.id, s.created_at, s.expires_at, s.ip_address, s.user_agent, s.amr
        from auth_session as s join auth_user as u on u.id = s.user_id
        where u.person_id = ${personOf(callerOf(actor))} and s.expires_at > ${now}
        order by s.created_at desc, s.id`.execute(db);
      const items = rows.map((row) => ({
        id: row.id,
        createdAt: instantText(row.created_at),
        expiresAt: instantText(row.expires_at),
        address: row.ip_address ?? '',
        userAgent: row.user_agent ?? '',
        proof: row.amr.split(' ').filter(Boolean),
        current: row.id === current,
      }));
      return ok({ items, total: items.length, next: null });
    },
  }),
  revokeSession: route({
    method: 'delete',
    path: '/sessions/{id}',
    summary: 'Sign one of my sessions out at once',
    permission: 'manageOwnSessions',
    input: z.object({ id: z.string() }),
    output: z.object({ revoked: z.int() }),
    handle: (request, { id }) => revoke(request, { session: id }),
  }),
  revokeOtherSessions: route({
    method: 'post',
    path: '/sessions/revoke-others',
    summary: 'Sign out everywhere but here, at once',
    permission: 'manageOwnSessions',
    input: z.object({}),
    output: z.object({ revoked: z.int() }),
    handle: (request) =>
      revoke(request, { allBut: sessionOf(callerOf(request.actor))?.id ?? null }),
  }),
} satisfies Routes;

async function revoke(
  { execute, actor }: Request,
  command: { session: string } | { allBut: string | null },
) {
  // Sessions are a person's; a token has none, and one that leaked must not end its owner's.
  if (actor?.kind !== 'person') return refuse('sessionNeedsPerson');
  const answer = await execute(sessionFlow, command);
  return answer.ok
    ? ok({ revoked: answer.value.flatMap(({ body }) => body.sessions).length })
    : answer;
}

/** Who asks; these routes are not public, so there is somebody. */
function callerOf(actor: Actor | null): Actor {
  invariant(actor, 'routes that are not public have a caller');
  return actor;
}

async function personNamed(db: Db, actor: Actor): Promise<{ id: string; name: string } | null> {
  const id = personOf(actor);
  if (!id) return null;
  const { rows } = await sql<{
    id: string;
    name: string;
  }>`select id, name from person where id = ${id}`.execute(db);
  return rows[0] ?? null;
}
