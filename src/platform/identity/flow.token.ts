import { sql } from 'kysely';
import { z } from 'zod';
import { type Actor, personOf, type Role, roles } from '../../kernel/actor.ts';
import { instantText } from '../../kernel/instant.ts';
import type { Refusal, Result } from '../../kernel/result.ts';
import { ok, refuse } from '../../kernel/result.ts';
import type { Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';

/** A year: NIST and everybody's auditors agree that a key has to end. */
export const maxDays = 366;

const create = z.object({
  do: z.literal('create'),
  name: z.string().trim().min(1).max(100),
  roles: z.array(z.enum(roles)).min(1),
  scope: z.array(z.string()).min(1).nullable(),
  days: z.int().min(1).max(maxDays),
  /** Of the secret, in hex; the secret itself goes to the caller and nowhere else. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Whose it is; null for one that belongs to the installation. */
  personId: z.uuid().nullable(),
});
const revoke = z.object({ do: z.literal('revoke'), id: z.uuid() });
const command = z.discriminatedUnion('do', [create, revoke]);
export type TokenCommand = z.output<typeof command>;

export interface ApiTokenCreated extends Event {
  readonly type: 'ApiTokenCreated';
  readonly body: {
    readonly id: string;
    readonly person: string | null;
    readonly roles: readonly Role[];
    readonly scope: readonly string[] | null;
    readonly expiresAt: string;
    readonly sha256: string;
  };
  readonly private: { readonly name: string };
}
export interface ApiTokenRevoked extends Event {
  readonly type: 'ApiTokenRevoked';
  readonly body: { readonly id: string; readonly person: string | null };
}
export type TokenEvent = ApiTokenCreated | ApiTokenRevoked;
export type TokenRefusal = 'notFound' | 'rolesNotYours' | 'tokenNeedsPerson';

/** The token a command is about, where it exists. */
export interface TokenState {
  readonly token: { readonly person_id: string | null; readonly revoked: boolean } | null;
}

/**
 * The token of this run, by which the command line of this machine is let in. It may make tokens:
 * whoever reads its file could read the database, and it dies with the process.
 */
export const localTokenId = 'local';

/** Whose tokens are an actor's own to see and to revoke; null: nobody's. */
export function ownerOf(actor: Actor): { readonly personId: string | null } | null {
  const personId = personOf(actor);
  // Those of the installation are the operator's at the machine, not of every token that is no person's.
  return personId || actor.id === localTokenId ? { personId } : null;
}

/**
 * API tokens. A token never makes a token: one that leaked would outlive its own revocation. Nobody
 * gives a token what they do not have themselves.
 */
export const tokenFlow: Flow<TokenState, TokenCommand, TokenEvent, TokenRefusal> = {
  name: 'identity.token',
  clause: 'identity',
  command,
  async load(tx, it) {
    if (it.do === 'create') return { token: null };
    const { rows } = await sql<NonNullable<TokenState['token']>>`
      select person_id, revoked_at is not null as revoked from api_token where id = ${it.id} for update`.execute(
      tx,
    );
    return { token: rows[0] ?? null };
  },
  authorize: () => ({ action: 'manageOwnTokens' }),
  decide(state, it, { actor, now, newId }) {
    if (it.do === 'revoke') return decideRevoke(state, it.id, actor);
    if (actor.kind === 'token' && actor.id !== localTokenId) return refuse('tokenNeedsPerson');
    if (actor.kind !== 'system') {
      if (it.personId !== personOf(actor)) return refuse('tokenNeedsPerson');
      const alien = it.roles.find(
        (role) => !actor.roles.includes(role) && !isForProgram(role, actor),
      );
      if (alien) return refuse('rolesNotYours', { role: alien });
    }
    const id = newId();
    const created: ApiTokenCreated = {
      type: 'ApiTokenCreated',
      subject: `token/${id}`,
      body: {
        id,
        person: it.personId,
        roles: it.roles,
        scope: it.scope,
        expiresAt: instantText(now.add({ hours: it.days * 24 })),
        sha256: it.sha256,
      },
      private: { name: it.name },
      ...(it.personId ? { about: it.personId } : {}),
    };
    return ok([created]);
  },
  async project(tx, event, { now }) {
    if (event.type === 'ApiTokenRevoked') {
      await sql`update api_token set revoked_at = ${now} where id = ${event.body.id}`.execute(tx);
      return;
    }
    const { id, person, scope, expiresAt, sha256 } = event.body;
    await sql`
      insert into api_token (id, hash, name, person_id, roles, scope, created_at, expires_at)
      values (${id}, ${Buffer.from(sha256, 'hex')}, ${event.private.name}, ${person}, ${event.body.roles}::text[],
              ${scope}::text[], ${now}, ${Temporal.Instant.from(expiresAt)})`.execute(tx);
  },
};

/**
 * Nobody is a program, so nobody has the role of one to give on; the operator at the machine, who has
 * all that it may and more, makes tokens for the programs that provision people.
 */
function isForProgram(role: Role, actor: Actor): boolean {
  return role === 'service' && actor.id === localTokenId;
}

function decideRevoke(
  { token }: TokenState,
  id: string,
  actor: Actor,
): Result<readonly TokenEvent[], Refusal<TokenRefusal>> {
  const owner = ownerOf(actor);
  const mine = token && (actor.kind === 'system' || owner?.personId === token.person_id);
  if (!token || !mine) return refuse('notFound');
  // Revoking twice is as good as once.
  if (token.revoked) return ok([]);
  return ok([
    { type: 'ApiTokenRevoked', subject: `token/${id}`, body: { id, person: token.person_id } },
  ]);
}
