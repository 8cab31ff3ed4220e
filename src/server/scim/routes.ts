import { sql } from 'kysely';
import { z } from 'zod';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { ok } from '../../kernel/result.ts';
import { newSecret, sha256Hex } from '../../platform/identity/token.ts';
import { type Routes, route } from '../../policy/route.ts';
import { mappableRoles } from '../../registers/provisioning/facts.ts';
import { mappingFlow } from '../../registers/provisioning/store.mapping.ts';
import { maxDays, provisioningFlow } from '../../registers/provisioning/store.tokens.ts';
import { onDeactivation } from '../../registers/provisioning/store.users.ts';
import { tokenPrefix } from './bearer.ts';

const deactivation = z.enum(['leave', 'suspend']);

const tokenItem = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  lastUsedAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
  uses: z.int(),
  valid: z.boolean(),
});

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly created_at: Instant;
  readonly expires_at: Instant;
  readonly last_used_at: Instant | null;
  readonly revoked_at: Instant | null;
  readonly uses: number;
  readonly valid: boolean;
}

const changed = z.object({});

/** What a security officer sets about directories; the directories themselves speak SCIM. */
export const provisioningRoutes = {
  getProvisioning: route({
    method: 'get',
    path: '/provisioning',
    summary: 'How directories provision people: address, tokens, groups and what they give.',
    permission: 'readProvisioning',
    input: z.object({}),
    output: z.object({
      url: z.string(),
      onDeactivation: deactivation,
      users: z.int(),
      tokens: z.array(tokenItem),
      groups: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          members: z.int(),
          role: z.string().nullable(),
        }),
      ),
    }),
    handle: async ({ db, now, url }) => {
      const tokens = await sql<TokenRow>`
        select id, name, created_at, expires_at, last_used_at, revoked_at, uses,
          revoked_at is null and expires_at > ${now} as valid
        from scim_token order by created_at desc, id desc limit 100`.execute(db);
      const groups = await sql<{ id: string; name: string; members: number; role: string | null }>`
        select id, display_name as name, role,
          (select count(*)::int from scim_member where group_id = scim_group.id) as members
        from scim_group order by lower(display_name) limit 1000`.execute(db);
      const users = await sql<{ n: number }>`
        select count(*)::int as n from scim_user where deleted_at is null`.execute(db);
      return ok({
        url: `${url}/scim/v2`,
        onDeactivation: await onDeactivation(db),
        users: users.rows[0]?.n ?? 0,
        tokens: tokens.rows.map((row) => ({
          id: row.id,
          name: row.name,
          createdAt: instantText(row.created_at),
          expiresAt: instantText(row.expires_at),
          lastUsedAt: row.last_used_at && instantText(row.last_used_at),
          revokedAt: row.revoked_at && instantText(row.revoked_at),
          uses: row.uses,
          valid: row.valid,
        })),
        groups: groups.rows,
      });
    },
  }),

  issueProvisioningToken: route({
    method: 'post',
    path: '/provisioning/tokens',
    summary: 'Makes a token for a directory; shown once, at most two are valid at a time.',
    permission: 'manageProvisioning',
    input: z.object({
      name: z.string().trim().min(1).max(100),
      days: z.int().min(1).max(maxDays).default(180),
    }),
    output: z.object({ token: z.string() }),
    handle: async ({ execute }, input) => {
      const token = `${tokenPrefix}${newSecret('').secret}`;
      const sha256 = sha256Hex(token);
      const done = await execute(provisioningFlow, { do: 'issueToken', ...input, sha256 });
      return done.ok ? ok({ token }) : done;
    },
  }),

  revokeProvisioningToken: route({
    method: 'delete',
    path: '/provisioning/tokens/{id}',
    summary: 'Revokes a token of a directory at once.',
    permission: 'manageProvisioning',
    input: z.object({ id: z.uuid() }),
    output: changed,
    handle: async ({ execute }, { id }) => {
      const done = await execute(provisioningFlow, { do: 'revokeToken', id });
      return done.ok ? ok({}) : done;
    },
  }),

  setOnDeactivation: route({
    method: 'put',
    path: '/provisioning/deactivation',
    summary: 'Sets whether whom a directory deactivates has left, or is suspended.',
    permission: 'manageProvisioning',
    input: z.object({ what: deactivation }),
    output: changed,
    handle: async ({ execute }, { what }) => {
      const done = await execute(provisioningFlow, { do: 'setOnDeactivation', what });
      return done.ok ? ok({}) : done;
    },
  }),

  mapGroup: route({
    method: 'put',
    path: '/provisioning/groups/{id}',
    summary: 'Sets which role the members of a group have in Kept; null gives none.',
    permission: 'assignRoles',
    input: z.object({ id: z.uuid(), role: z.enum(mappableRoles).nullable() }),
    output: changed,
    handle: async ({ execute }, { id, role }) => {
      const done = await execute(mappingFlow, { do: 'mapGroup', id, role });
      return done.ok ? ok({}) : done;
    },
  }),
} satisfies Routes;
