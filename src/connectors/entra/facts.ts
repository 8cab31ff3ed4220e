import { z } from 'zod';

const origin = z
  .url({ protocol: /^https?$/ })
  .transform((url) => new URL(url).origin)
  .describe('An origin, such as https://graph.microsoft.com');

/** One tenant; application credentials of an app that is registered in it. */
export const entraSettings = z.object({
  tenantId: z.uuid().meta({ title: 'Directory (tenant) ID' }),
  clientId: z.uuid().meta({ title: 'Application (client) ID' }),
  /** Of a national cloud, where the tenant is not in the global one. */
  graphUrl: origin.default('https://graph.microsoft.com').meta({ title: 'Microsoft Graph' }),
  loginUrl: origin
    .default('https://login.microsoftonline.com')
    .meta({ title: 'Sign-in authority' }),
});
export type EntraSettings = z.output<typeof entraSettings>;

export const entraSecret = z.object({
  clientSecret: z.string().min(1).max(1000).meta({ title: 'Client secret' }),
});
export type EntraSecret = z.output<typeof entraSecret>;

/** What is read, in the order in which it is; each by itself readable or not. */
export const stages = [
  'users',
  'groups',
  'roles',
  'registrations',
  'signIns',
  'conditionalAccess',
  'domains',
  // Last: a read that was cut off knows its place by number.
  'securityDefaults',
] as const;
export type Stage = (typeof stages)[number];

/** What Graph wants to be granted for each (application permissions, least privilege first). */
export const permissions: Readonly<Record<Stage, string>> = {
  users: 'User.Read.All',
  groups: 'GroupMember.Read.All',
  roles: 'RoleManagement.Read.Directory',
  registrations: 'AuditLog.Read.All',
  signIns: 'AuditLog.Read.All',
  conditionalAccess: 'Policy.Read.All',
  domains: 'Domain.Read.All',
  securityDefaults: 'Policy.Read.All',
};

/** And for each act. */
export const actPermissions = {
  disableAccount: 'User.EnableDisableAccount.All',
  endSessions: 'User.RevokeSessions.All',
  removeHeld: 'GroupMember.ReadWrite.All',
} as const;

/** How entitlements are named: what they are is part of it, since a group may be called like a role. */
export const groupName = (name: string) => `group/${name}`;
export const roleName = (name: string) => `role/${name}`;
