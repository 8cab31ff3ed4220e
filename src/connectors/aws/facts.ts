import { z } from 'zod';

const accountId = z.string().regex(/^\d{12}$/, 'twelve digits');

/** How a connection to AWS is set. */
export const awsSettings = z.object({
  /** Where IAM Identity Center lives, and where STS is asked: `eu-central-1`. */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
    .default('us-east-1'),
  /** Accounts to read; empty: every active account of the organisation. */
  accounts: z.array(accountId).default([]),
  /**
   * The management account, or the delegated administrator, in which organisation and Identity
   * Center are read; null: the account of the credentials.
   */
  organisationAccount: accountId.nullable().default(null),
  /** Name of the role that is assumed in every account, as the templates make it. */
  role: z
    .string()
    .regex(/^[\w+=,.@-]{1,64}$/)
    .default('KeptReader'),
  /** Name of the role that carries out orders; it is used with the credentials for acting only. */
  actingRole: z
    .string()
    .regex(/^[\w+=,.@-]{1,64}$/)
    .default('KeptActor'),
  /** What the roles' trust policies ask for beside the principal; empty: nothing. */
  externalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,1224}$/)
    .or(z.literal(''))
    .default(''),
  /** Accounts outside the organisation that roles may trust all the same. */
  trusted: z.array(accountId).default([]),
  /** Where AWS is reached; null: at its own addresses. */
  endpoint: z.url().nullable().default(null),
});
export type AwsSettings = z.infer<typeof awsSettings>;

/** Keys of a user, or what the machine itself is: the role of its instance or container. */
export const awsSecret = z.discriminatedUnion('by', [
  z.object({
    by: z.literal('keys'),
    accessKeyId: z.string().min(16).max(128),
    secretAccessKey: z.string().min(1).max(256),
  }),
  z.object({ by: z.literal('machine') }),
]);
export type AwsSecret = z.infer<typeof awsSecret>;

/**
 * Names of what is held. ARNs as they are; what has none of its own gets a name that says whose it
 * is, so that an order can be carried out by name alone.
 */
export const inlineName = (holder: string, policy: string) => `${holder}#${policy}`;
export const centreGroupName = (group: string) => `identity-center/group/${group}`;
export const assignmentName = (permissionSet: string, account: string) =>
  `identity-center/${account}/${permissionSet}`;

/** What a name of an entitlement says. */
export type Target =
  | { readonly of: 'group'; readonly account: string; readonly name: string }
  | { readonly of: 'policy'; readonly arn: string }
  | { readonly of: 'inline'; readonly holder: string; readonly name: string }
  | { readonly of: 'role'; readonly arn: string }
  | { readonly of: 'root'; readonly account: string }
  | { readonly of: 'centreGroup'; readonly name: string }
  | { readonly of: 'assignment'; readonly account: string; readonly permissionSet: string };

/** @returns null where it is no name that this connector gives */
export function targetOf(name: string): Target | null {
  const group = /^identity-center\/group\/(.+)$/s.exec(name)?.[1];
  if (group !== undefined) return { of: 'centreGroup', name: group };
  const assignment = /^identity-center\/(\d{12})\/(.+)$/.exec(name);
  if (assignment) {
    const [, account = '', permissionSet = ''] = assignment;
    return { of: 'assignment', account, permissionSet };
  }
  const inline = /^(arn:[^#]+)#(.+)$/.exec(name);
  if (inline) return { of: 'inline', holder: inline[1] ?? '', name: inline[2] ?? '' };
  const arn = /^arn:[^:]+:iam::(\d{12}|aws):(group|policy|role|root)(?:\/(?:.*\/)?([^/]+))?$/.exec(
    name,
  );
  if (!arn) return null;
  const [, account = '', kind, last = ''] = arn;
  if (kind === 'group') return { of: 'group', account, name: last };
  if (kind === 'policy') return { of: 'policy', arn: name };
  return kind === 'role' ? { of: 'role', arn: name } : { of: 'root', account };
}

/** An IAM user by their ARN: in which account, under which name; null for anything else. */
export function userOf(arn: string): { readonly account: string; readonly name: string } | null {
  const found = /^arn:[^:]+:iam::(\d{12}):user\/(?:.*\/)?([^/]+)$/.exec(arn);
  return found ? { account: found[1] ?? '', name: found[2] ?? '' } : null;
}

/** How the password of an account is named among its credentials. */
export const passwordName = 'password';
