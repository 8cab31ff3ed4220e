import { z } from 'zod';

/** What is read of GitHub's answers, by what a list lists. */

export const user = z.object({ id: z.int(), login: z.string(), node_id: z.string().default('') });
export type User = z.output<typeof user>;
export const team = z.object({ id: z.int(), slug: z.string() });
export const repository = z.object({
  id: z.int(),
  name: z.string(),
  archived: z.boolean().default(false),
});
export const collaborator = user.extend({ role_name: z.string() });
export const given = z.object({
  role_name: z.string().optional(),
  permissions: z.record(z.string(), z.boolean()).optional(),
});
export const token = z.object({
  id: z.int(),
  owner: z.object({ id: z.int() }),
  token_name: z.string().default(''),
  token_expired: z.boolean(),
  token_last_used_at: z.string().nullable(),
  access_granted_at: z.string(),
});
export const organisation = z.object({
  two_factor_requirement_enabled: z.boolean().nullish(),
  default_repository_permission: z.string().nullish(),
  members_can_create_public_repositories: z.boolean().nullish(),
});
