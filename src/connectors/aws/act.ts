import type { SSOAdmin } from '@aws-sdk/client-sso-admin';
import { type Act, SourceProblem } from '../../registers/connections/facts.connector.ts';
import { pagesOf } from './centre.ts';
import { passwordName, type Target, targetOf, userOf } from './facts.ts';
import { ifThere } from './gaps.ts';
import { type AwsLink, openSession, problemOf, type Session } from './session.ts';

/**
 * Carries out an order with the acting role. What is already gone is no error; whether it is gone is
 * for the next reading to say.
 *
 * @throws {SourceProblem} where AWS refuses, and where no interface of AWS can do what is asked
 */
export async function carryOut(link: AwsLink, act: Act): Promise<void> {
  try {
    const session = await openSession(link, link.settings.actingRole);
    if (act.act === 'removeHeld') await removeHeld(session, act);
    else if (act.act === 'deactivateCredential') await deactivate(session, act.account, act.target);
    else if (act.act === 'disableAccount') await disable(session, act.account);
    else throw impossible('sessions of AWS end by themselves, at the latest after twelve hours');
  } catch (error) {
    throw problemOf(error);
  }
}

function impossible(reason: string): SourceProblem {
  return new SourceProblem('actUnsupported', reason);
}

function notRemoved(reason: string | undefined): SourceProblem {
  return new SourceProblem('sourceFails', reason ?? 'the assignment was not removed');
}

async function removeHeld(session: Session, act: Act): Promise<void> {
  const target = act.target === null ? null : targetOf(act.target);
  if (!target) throw impossible(`${act.target} names nothing that can be taken away`);
  if (target.of === 'assignment') return removeAssignment(session, act.account, target);
  if (target.of === 'centreGroup') return removeMember(session, act.account, target.name);
  if (target.of === 'role')
    throw impossible('who may assume a role stands in its trust policy, which people must change');
  if (target.of === 'root') throw impossible('the root user cannot be taken from an account');
  const user = userOf(act.account);
  if (!user) throw impossible(`${act.account} is no IAM user`);
  const iam = await session.iam(user.account);
  const UserName = user.name;
  await ifThere<unknown>(() => {
    if (target.of === 'group') return iam.removeUserFromGroup({ UserName, GroupName: target.name });
    if (target.of === 'policy') return iam.detachUserPolicy({ UserName, PolicyArn: target.arn });
    return iam.deleteUserPolicy({ UserName, PolicyName: target.name });
  });
}

async function deactivate(
  session: Session,
  account: string,
  credential: string | null,
): Promise<void> {
  const user = userOf(account);
  if (!user || credential === null)
    throw impossible(`${account} has no credential that could be taken away from here`);
  const iam = await session.iam(user.account);
  const UserName = user.name;
  await ifThere<unknown>(() =>
    credential === passwordName
      ? iam.deleteLoginProfile({ UserName })
      : iam.updateAccessKey({ UserName, AccessKeyId: credential, Status: 'Inactive' }),
  );
}

/**
 * No password and no active access key. SSH public keys, signing certificates and credentials of
 * single services stay: they are not read, and their user's policies are taken away by other orders.
 */
async function disable(session: Session, account: string): Promise<void> {
  const user = userOf(account);
  if (!user)
    throw impossible(
      `${account} is of Identity Center: it is disabled where it comes from, the identity provider`,
    );
  const iam = await session.iam(user.account);
  const listed = await ifThere(() => iam.listAccessKeys({ UserName: user.name }));
  for (const { AccessKeyId, Status } of listed?.AccessKeyMetadata ?? []) {
    if (AccessKeyId && Status === 'Active') await deactivate(session, account, AccessKeyId);
  }
  await deactivate(session, account, passwordName);
}

const [pollMs, pollsAtMost] = [1000, 60];

async function removeAssignment(
  session: Session,
  userName: string,
  target: Extract<Target, { of: 'assignment' }>,
): Promise<void> {
  const centre = await session.identityCentre();
  for (const instance of await instancesOf(centre)) {
    const set = await permissionSetOf(centre, instance.arn, target.permissionSet);
    const user = await userIdOf(session, instance.store, userName);
    if (!set || !user) continue;
    const asked = await ifThere(() =>
      centre.deleteAccountAssignment({
        InstanceArn: instance.arn,
        PermissionSetArn: set,
        TargetType: 'AWS_ACCOUNT',
        TargetId: target.account,
        PrincipalType: 'USER',
        PrincipalId: user,
      }),
    );
    const begun = asked?.AccountAssignmentDeletionStatus;
    if (begun?.RequestId && begun.Status === 'IN_PROGRESS')
      await deletionOf(session, centre, instance.arn, begun.RequestId);
    else if (begun?.Status === 'FAILED') throw notRemoved(begun.FailureReason);
  }
}

/** Waits until Identity Center has taken the assignment away. */
async function deletionOf(
  session: Session,
  centre: SSOAdmin,
  instance: string,
  request: string,
): Promise<void> {
  for (let polls = 0; polls < pollsAtMost; polls += 1) {
    const { AccountAssignmentDeletionStatus: state } =
      await centre.describeAccountAssignmentDeletionStatus({
        InstanceArn: instance,
        AccountAssignmentDeletionRequestId: request,
      });
    if (state?.Status === 'SUCCEEDED') return;
    if (state?.Status === 'FAILED') throw notRemoved(state.FailureReason);
    await session.link.wait(pollMs);
  }
  throw new SourceProblem('sourceFails', 'the assignment was not removed in time');
}

async function instancesOf(centre: SSOAdmin) {
  const instances = await pagesOf(
    (token) => centre.listInstances(token),
    ({ Instances }) => Instances,
  );
  return instances.map(({ InstanceArn = '', IdentityStoreId = '' }) => ({
    arn: InstanceArn,
    store: IdentityStoreId,
  }));
}

async function permissionSetOf(
  centre: SSOAdmin,
  instance: string,
  name: string,
): Promise<string | null> {
  const sets = await pagesOf(
    (token) => centre.listPermissionSets({ InstanceArn: instance, ...token }),
    ({ PermissionSets }) => PermissionSets,
  );
  for (const set of sets) {
    const { PermissionSet } = await centre.describePermissionSet({
      InstanceArn: instance,
      PermissionSetArn: set,
    });
    if (PermissionSet?.Name === name) return set;
  }
  return null;
}

async function userIdOf(
  session: Session,
  storeId: string,
  userName: string,
): Promise<string | null> {
  const store = await session.identityStore();
  const found = await ifThere(() =>
    store.getUserId({
      IdentityStoreId: storeId,
      AlternateIdentifier: {
        UniqueAttribute: { AttributePath: 'userName', AttributeValue: userName },
      },
    }),
  );
  return found?.UserId ?? null;
}

async function removeMember(session: Session, userName: string, group: string): Promise<void> {
  const [centre, store] = [await session.identityCentre(), await session.identityStore()];
  for (const { store: storeId } of await instancesOf(centre)) {
    const user = await userIdOf(session, storeId, userName);
    const found = await ifThere(() =>
      store.getGroupId({
        IdentityStoreId: storeId,
        AlternateIdentifier: {
          UniqueAttribute: { AttributePath: 'displayName', AttributeValue: group },
        },
      }),
    );
    if (!user || !found?.GroupId) continue;
    const { GroupId } = found;
    await ifThere(async () => {
      const { MembershipId } = await store.getGroupMembershipId({
        IdentityStoreId: storeId,
        GroupId,
        MemberId: { UserId: user },
      });
      return await store.deleteGroupMembership({ IdentityStoreId: storeId, MembershipId });
    });
  }
}
