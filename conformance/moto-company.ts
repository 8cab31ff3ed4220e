import { IAM } from '@aws-sdk/client-iam';
import { Identitystore } from '@aws-sdk/client-identitystore';
import { Organizations } from '@aws-sdk/client-organizations';
import { SSOAdmin } from '@aws-sdk/client-sso-admin';
import { STS } from '@aws-sdk/client-sts';

/** Accounts, people and machines of the sample company, as they were made in moto. */
export interface MotoCompany {
  readonly home: string;
  readonly sandbox: string;
  readonly production: string;
  readonly organisation: string;
  /** Ids of access keys in production, by user. */
  readonly keys: Readonly<Record<'alice' | 'robot', string>>;
  /** A user of the home account who has no policy yet, and the keys. */
  readonly reader: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const anyKeys = { accessKeyId: 'AKIAEXAMPLEEXAMPLE00', secretAccessKey: 'example' };
const region = 'us-east-1';

const allow = (Action: unknown, Resource: unknown) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] });

const trust = (Principal: unknown, Action = 'sts:AssumeRole', Condition: unknown = undefined) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action, ...(Condition ? { Condition } : {}) }],
  });

/** Makes the sample company: three accounts, users, groups, roles, keys, Identity Center. */
export async function seedMoto(endpoint: string): Promise<MotoCompany> {
  const common = { endpoint, region };
  const organizations = new Organizations({ ...common, credentials: anyKeys });
  const sts = new STS({ ...common, credentials: anyKeys });
  const home = (await sts.getCallerIdentity({})).Account ?? '';
  const { Organization } = await organizations.createOrganization({ FeatureSet: 'ALL' });
  const sandbox = await createAccount(organizations, 'Sandbox');
  const production = await createAccount(organizations, 'Production');
  const of = async (account: string) => {
    const RoleArn = `arn:aws:iam::${account}:role/OrganizationAccountAccessRole`;
    const { Credentials: given } = await sts.assumeRole({ RoleArn, RoleSessionName: 'seed' });
    const credentials = {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
    };
    return new IAM({ ...common, credentials });
  };
  const inHome = new IAM({ ...common, credentials: anyKeys });
  const reader = await seedReader(inHome);
  const keys = await seedProduction(await of(production), home);
  await seedSandbox(await of(sandbox));
  // moto takes every permission set to be provisioned in the account of whoever asks.
  await seedCentre(endpoint, home);
  for (const iam of [await of(production), await of(sandbox)]) await seedRoles(iam, home);
  return { home, sandbox, production, organisation: Organization?.Id ?? '', keys, reader };
}

async function createAccount(organizations: Organizations, name: string): Promise<string> {
  const { CreateAccountStatus } = await organizations.createAccount({
    AccountName: name,
    Email: `${name.toLowerCase()}@example.com`,
  });
  return CreateAccountStatus?.AccountId ?? '';
}

async function seedReader(iam: IAM) {
  await iam.createUser({ UserName: 'kept' });
  const { AccessKey } = await iam.createAccessKey({ UserName: 'kept' });
  return {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
}

/** Roles that the templates make; what they may is put on them by the suite. */
async function seedRoles(iam: IAM, home: string): Promise<void> {
  for (const RoleName of ['KeptReader', 'KeptActor']) {
    await iam.createRole({
      RoleName,
      AssumeRolePolicyDocument: trust({ AWS: `arn:aws:iam::${home}:user/kept` }),
    });
  }
}

async function seedProduction(iam: IAM, home: string) {
  await seedUsers(iam);
  const keyOf = async (UserName: string) =>
    (await iam.createAccessKey({ UserName })).AccessKey?.AccessKeyId ?? '';
  const keys = { alice: await keyOf('alice'), robot: await keyOf('robot') };
  const role = (RoleName: string, AssumeRolePolicyDocument: string) =>
    iam.createRole({ RoleName, AssumeRolePolicyDocument });
  await role('Deploy', trust({ AWS: `arn:aws:iam::${home}:root` }));
  await iam.putRolePolicy({
    RoleName: 'Deploy',
    PolicyName: 'deploy',
    PolicyDocument: allow(['s3:PutObject', 's3:DeleteObject'], '*'),
  });
  await role('Vendor', trust({ AWS: '999988887777' }));
  await iam.putRolePolicy({
    RoleName: 'Vendor',
    PolicyName: 'read',
    PolicyDocument: allow(['cloudwatch:GetMetricData'], '*'),
  });
  await role('Function', trust({ Service: 'lambda.amazonaws.com' }));
  await iam.updateAccountPasswordPolicy({
    MinimumPasswordLength: 16,
    RequireSymbols: true,
    RequireNumbers: true,
    RequireUppercaseCharacters: true,
    RequireLowercaseCharacters: true,
    PasswordReusePrevention: 24,
  });
  return keys;
}

async function seedUsers(iam: IAM): Promise<void> {
  await iam.createUser({
    UserName: 'alice',
    Tags: [{ Key: 'email', Value: 'alice@example.com' }],
  });
  await iam.createLoginProfile({ UserName: 'alice', Password: 'Example-Pass-123' });
  const { VirtualMFADevice } = await iam.createVirtualMFADevice({ VirtualMFADeviceName: 'alice' });
  await iam.enableMFADevice({
    UserName: 'alice',
    SerialNumber: VirtualMFADevice?.SerialNumber ?? '',
    AuthenticationCode1: '123456',
    AuthenticationCode2: '654321',
  });
  await iam.attachUserPolicy({
    UserName: 'alice',
    PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
  });
  await iam.createUser({ UserName: 'bob', Tags: [{ Key: 'email', Value: 'bob@example.com' }] });
  await iam.createLoginProfile({ UserName: 'bob', Password: 'Example-Pass-123' });
  await iam.putUserPolicy({
    UserName: 'bob',
    PolicyName: 'own',
    PolicyDocument: allow('dynamodb:GetItem', 'arn:aws:dynamodb:*:*:table/orders'),
  });
  await iam.createGroup({ GroupName: 'developers', Path: '/teams/' });
  await iam.putGroupPolicy({
    GroupName: 'developers',
    PolicyName: 'storage',
    PolicyDocument: allow('s3:*', 'arn:aws:s3:::example-app/*'),
  });
  await iam.addUserToGroup({ GroupName: 'developers', UserName: 'bob' });
  await iam.createUser({ UserName: 'robot', Path: '/machines/' });
}

async function seedSandbox(iam: IAM): Promise<void> {
  await iam.createUser({ UserName: 'carol', Tags: [{ Key: 'Email', Value: 'carol@example.com' }] });
  await iam.createLoginProfile({ UserName: 'carol', Password: 'Example-Pass-123' });
}

async function seedCentre(endpoint: string, account: string): Promise<void> {
  const common = { endpoint, region, credentials: anyKeys };
  const [centre, store] = [new SSOAdmin(common), new Identitystore(common)];
  const { Instances } = await centre.listInstances({});
  const { InstanceArn, IdentityStoreId } = Instances?.[0] ?? {};
  const user = async (name: string) =>
    (
      await store.createUser({
        IdentityStoreId,
        UserName: `${name}@example.com`,
        DisplayName: name,
        Name: { GivenName: name, FamilyName: 'Example' },
        Emails: [{ Value: `${name}@example.com`, Primary: true }],
      })
    ).UserId ?? '';
  const [dora, emil] = [await user('dora'), await user('emil')];
  const { GroupId } = await store.createGroup({ IdentityStoreId, DisplayName: 'Platform' });
  await store.createGroupMembership({ IdentityStoreId, GroupId, MemberId: { UserId: emil } });
  const set = async (Name: string, document: string) => {
    const made = await centre.createPermissionSet({ InstanceArn, Name });
    const { PermissionSetArn } = made.PermissionSet ?? {};
    await centre.putInlinePolicyToPermissionSet({
      InstanceArn,
      PermissionSetArn,
      InlinePolicy: document,
    });
    // AWS provisions with the assignment; moto has to be told.
    await centre.provisionPermissionSet({
      InstanceArn,
      PermissionSetArn,
      TargetType: 'AWS_ACCOUNT',
      TargetId: account,
    });
    return PermissionSetArn;
  };
  const assign = (PermissionSetArn: string | undefined, type: 'USER' | 'GROUP', id: string) =>
    centre.createAccountAssignment({
      InstanceArn,
      PermissionSetArn,
      PrincipalType: type,
      PrincipalId: id,
      TargetType: 'AWS_ACCOUNT',
      TargetId: account,
    });
  await assign(await set('Everything', allow('*', '*')), 'USER', dora);
  await assign(await set('Looking', allow(['s3:GetObject'], '*')), 'GROUP', GroupId ?? '');
}
