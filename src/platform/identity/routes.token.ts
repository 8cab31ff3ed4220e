import { sql } from 'kysely';
import { z } from 'zod';
import { personOf, type Role, roles } from '../../kernel/actor.ts';
import { instantText } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { type Routes, route } from '../../policy/route.ts';
import { maxDays, ownerOf, tokenFlow } from './flow.token.ts';
import { newSecret } from './token.ts';

const item = z.object({
  id: z.string(),
  name: z.string(),
  roles: z.array(z.enum(roles)),
  scope: z.array(z.string()).nullable(),
  createdAt: z.string(),
  expiresAt: z.string(),
  lastUsedAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
});

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly roles: Role[];
  readonly scope: string[] | null;
  readonly created_at: Temporal.Instant;
  readonly expires_at: Temporal.Instant;
  readonly last_used_at: Temporal.Instant | null;
  readonly revoked_at: Temporal.Instant | null;
}

/** My API tokens. `actions`: every Cedar action there is. */
export function tokenRoutes(actions: readonly string[]) {
  return { listTokens, createToken: createToken(actions), revokeToken } satisfies Routes;
}

const listTokens = route({
  method: 'get',
  path: '/tokens',
  summary: 'My API tokens, newest first, revoked ones too',
  permission: 'manageOwnTokens',
  input: z.object({}),
  output: z.object({ items: z.array(item), total: z.int(), next: z.null() }),
  async handle({ db, actor }) {
    const owner = actor && ownerOf(actor);
    if (!owner) return ok({ items: [], total: 0, next: null });
    const { rows } = await sql<TokenRow>`
      select id, name, roles, scope, created_at, expires_at, last_used_at, revoked_at from api_token
      where person_id is not distinct from ${owner.personId}::uuid order by created_at desc, id desc limit 500`.execute(
      db,
    );
    const items = rows.map((row) => ({
      id: row.id,
      name: row.name,
      roles: row.roles,
      scope: row.scope,
      createdAt: instantText(row.created_at),
      expiresAt: instantText(row.expires_at),
      lastUsedAt: row.last_used_at && instantText(row.last_used_at),
      revokedAt: row.revoked_at && instantText(row.revoked_at),
    }));
    return ok({ items, total: items.length, next: null });
  },
});

const created = z.object({
  id: z.string(),
  /** Shown this once; only its hash is kept. */
  token: z.string(),
  expiresAt: z.string(),
});

function createToken(actions: readonly string[]) {
  return route({
    method: 'post',
    path: '/tokens',
    summary: 'Make an API token that may do no more than I; shown once',
    permission: 'manageOwnTokens',
    input: z.object({
      name: z.string().trim().min(1).max(100),
      roles: z.array(z.enum(roles)).min(1),
      scope: z.array(z.string()).min(1).nullable().default(null),
      days: z.int().min(1).max(maxDays).default(90),
    }),
    output: created,
    async handle({ execute, actor }, input) {
      const unknown = input.scope?.find((action) => !actions.includes(action));
      if (unknown !== undefined) return refuse('unknownAction', { action: unknown });
      const { secret, sha256 } = newSecret('kept_');
      const personId = actor && personOf(actor);
      const answer = await execute(tokenFlow, { do: 'create', ...input, sha256, personId });
      if (!answer.ok) return answer;
      const [event] = answer.value;
      invariant(event?.type === 'ApiTokenCreated', 'the flow answers with what it made');
      return ok({ id: event.body.id, token: secret, expiresAt: event.body.expiresAt });
    },
  });
}

const revokeToken = route({
  method: 'delete',
  path: '/tokens/{id}',
  summary: 'Revoke one of my API tokens at once',
  permission: 'manageOwnTokens',
  input: z.object({ id: z.uuid() }),
  output: z.object({ id: z.string() }),
  async handle({ execute }, { id }) {
    const answer = await execute(tokenFlow, { do: 'revoke', id });
    return answer.ok ? ok({ id }) : answer;
  },
});
