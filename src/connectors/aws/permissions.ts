import type { Act, Aspect } from '../../registers/connections/facts.connector.ts';

/** Every action that a reading of an account asks for, with what stands on it. */
export const readingActions: Readonly<Record<string, readonly Aspect[]>> = {
  'iam:GetAccountAuthorizationDetails': ['accounts', 'entitlements', 'held', 'trust', 'risks'],
  'iam:GetAccountPasswordPolicy': ['passwordPolicy'],
  'iam:GetAccountSummary': ['root'],
  'iam:GenerateCredentialReport': ['signIns', 'root'],
  'iam:GetCredentialReport': ['signIns', 'root'],
  'iam:ListAccessKeys': ['credentials'],
  'iam:GetAccessKeyLastUsed': ['signIns'],
  'iam:GetLoginProfile': ['credentials'],
  'iam:ListMFADevices': ['secondFactors'],
  'iam:GenerateServiceLastAccessedDetails': ['lastAccessed'],
  'iam:GetServiceLastAccessedDetails': ['lastAccessed'],
  'iam:GetPolicy': ['risks'],
  'iam:GetPolicyVersion': ['risks'],
};

/** What is read besides in the account of the organisation. */
export const organisationActions: Readonly<Record<string, readonly Aspect[]>> = {
  'organizations:ListAccounts': ['accounts', 'entitlements', 'held', 'trust', 'risks'],
  'organizations:DescribeOrganization': ['trust'],
  'sso:ListInstances': ['accounts', 'entitlements', 'held'],
  'sso:ListPermissionSets': ['entitlements', 'held'],
  'sso:DescribePermissionSet': ['entitlements', 'held'],
  'sso:ListAccountsForProvisionedPermissionSet': ['held'],
  'sso:ListAccountAssignments': ['held'],
  'sso:ListManagedPoliciesInPermissionSet': ['risks'],
  'sso:ListCustomerManagedPolicyReferencesInPermissionSet': ['risks'],
  'sso:GetInlinePolicyForPermissionSet': ['risks'],
  'sso:GetPermissionsBoundaryForPermissionSet': ['risks'],
  'identitystore:ListUsers': ['accounts'],
  'identitystore:DescribeGroup': ['entitlements'],
  'identitystore:ListGroupMemberships': ['held'],
};

/** What acting needs in an account, by act. */
export const actingActions: Readonly<Partial<Record<Act['act'], readonly string[]>>> = {
  removeHeld: ['iam:RemoveUserFromGroup', 'iam:DetachUserPolicy', 'iam:DeleteUserPolicy'],
  deactivateCredential: ['iam:UpdateAccessKey', 'iam:DeleteLoginProfile'],
  disableAccount: ['iam:ListAccessKeys', 'iam:UpdateAccessKey', 'iam:DeleteLoginProfile'],
};

/** What acting needs besides in the account of the organisation. */
export const organisationActingActions: readonly string[] = [
  'sso:ListInstances',
  'sso:ListPermissionSets',
  'sso:DescribePermissionSet',
  'sso:DeleteAccountAssignment',
  'sso:DescribeAccountAssignmentDeletionStatus',
  'identitystore:GetUserId',
  'identitystore:GetGroupId',
  'identitystore:GetGroupMembershipId',
  'identitystore:DeleteGroupMembership',
];
