import { z } from 'zod';

const accountIds = z
  .string()
  .regex(/^\s*(\d{12}[\s,;]*)*$/)
  .transform((text): readonly string[] => text.match(/\d{12}/g) ?? [])
  .prefault('');
const roleName = z.string().regex(/^[\w+=,.@-]{1,64}$/);

/** How a connection to AWS is set; what may be left out is empty. */
export const awsSettings = z.object({
  /** Where IAM Identity Center lives, and where STS is asked. */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
    .default('us-east-1')
    .meta({ title: 'Region', description: 'In which IAM Identity Center lives' }),
  /** Accounts to read; none: every active account of the organisation. */
  accounts: accountIds.meta({
    title: 'Accounts',
    description: 'Twelve digits each; empty for every active account of the organisation',
  }),
  /**
   * The management account, or the delegated administrator, in which organisation and Identity
   * Center are read; empty: the account of the credentials.
   */
  organisationAccount: z
    .string()
    .regex(/^(\d{12})?$/)
    .default('')
    .meta({
      title: 'Organisation account',
      description: 'Management account or delegated administrator; empty for that of the keys',
    }),
  /** Name of the role that is assumed in every account, as the templates make it. */
  role: roleName.default('KeptReader').meta({ title: 'Name of the reading role' }),
  /** Name of the role that carries out orders; it is used with the credentials for acting only. */
  actingRole: roleName.default('KeptActor').meta({ title: 'Name of the acting role' }),
  /** What the roles' trust policies ask for beside the principal; empty: nothing. */
  externalId: z
    .string()
    .regex(/^([\w+=,.@:/-]{2,1224})?$/)
    .default('')
    .meta({ title: 'External id', description: 'As given to the templates' }),
  /** Accounts outside the organisation that roles may trust all the same. */
  trusted: accountIds.meta({
    title: 'Trusted accounts',
    description: 'Outside the organisation, and yours all the same',
  }),
  /** Where AWS is reached; empty: at its own addresses. */
  endpoint: z
    .string()
    .regex(/^(https?:\/\/.+)?$/)
    .default('')
    .meta({ title: 'Address', description: 'Empty for AWS itself' }),
});
export type AwsSettings = z.output<typeof awsSettings>;

/** Keys of a user; left empty, what this machine itself is: the role of its instance or container. */
export const awsSecret = z
  .object({
    accessKeyId: z
      .string()
      .regex(/^([A-Z0-9]{16,128})?$/)
      .default('')
      .meta({ title: 'Access key ID', description: 'Empty for the role of this machine' }),
    secretAccessKey: z.string().max(256).default('').meta({ title: 'Secret access key' }),
  })
  .refine(({ accessKeyId, secretAccessKey }) => (accessKeyId === '') === (secretAccessKey === ''), {
    message: 'both keys, or neither',
  });
export type AwsSecret = z.output<typeof awsSecret>;

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
