import type { Aspect, Capability } from '../../registers/connections/facts.connector.ts';
import { Gaps } from './gaps.ts';
import { readScope } from './organisation.ts';
import { organisationActions, readingActions } from './permissions.ts';
import { type AwsLink, openSession, problemOf, type Session } from './session.ts';

/**
 * Tries what a reading will need: the organisation, and one account that is not the credentials'
 * own, where there is one, because there the role must be assumed. Changes nothing.
 */
export async function testConnection(link: AwsLink): Promise<readonly Capability[]> {
  try {
    const gaps = new Gaps();
    const session = await openSession(link, link.settings.role);
    const { accounts } = await readScope(session, gaps);
    const centre = await session.identityCentre();
    await gaps.attempt(organisationActions['sso:ListInstances'] ?? [], 'sso:ListInstances', () =>
      centre.listInstances({}),
    );
    const sample = accounts.find((account) => account !== session.home) ?? session.home;
    await tryAccount(session, sample, gaps);
    return capabilitiesOf(gaps);
  } catch (error) {
    throw problemOf(error);
  }
}

async function tryAccount(session: Session, account: string, gaps: Gaps): Promise<void> {
  const iam = await session.iam(account);
  const arn = `arn:${session.partition}:iam::${account}:role/${session.link.settings.role}`;
  const everything = [...new Set(Object.values(readingActions).flat())];
  const assumed = await gaps.attempt(everything, 'sts:AssumeRole', () => iam.config.credentials());
  if (!assumed) return;
  const attempt = async (action: string, ask: () => Promise<unknown>) => {
    await gaps.attempt(readingActions[action] ?? [], action, async () => {
      // Answers that something is not there show that one may ask.
      await ask().catch(orMissing);
      return true;
    });
  };
  await attempt('iam:GetAccountAuthorizationDetails', () =>
    iam.getAccountAuthorizationDetails({ MaxItems: 1 }),
  );
  await attempt('iam:GetAccountPasswordPolicy', () => iam.getAccountPasswordPolicy({}));
  await attempt('iam:GetAccountSummary', () => iam.getAccountSummary({}));
  await attempt('iam:GenerateCredentialReport', () => iam.generateCredentialReport({}));
  await attempt('iam:ListAccessKeys', () => iam.listAccessKeys({ UserName: nobody }));
  await attempt('iam:GetLoginProfile', () => iam.getLoginProfile({ UserName: nobody }));
  await attempt('iam:ListMFADevices', () => iam.listMFADevices({ UserName: nobody }));
  await attempt('iam:GenerateServiceLastAccessedDetails', () =>
    iam.generateServiceLastAccessedDetails({ Arn: arn }),
  );
}

/** A user that is not there: whoever may ask is told so. */
const nobody = 'kept-tests-whether-it-may-ask';

function orMissing(error: unknown): void {
  if (!(error instanceof Error) || !/^(NoSuchEntity|NotFound)/.test(error.name)) throw error;
}

/** One line for each permission that is missing, and one for each aspect that misses nothing. */
function capabilitiesOf(gaps: Gaps): readonly Capability[] {
  const missing = gaps.take();
  const aspects = [
    ...new Set([...Object.values(readingActions), ...Object.values(organisationActions)].flat()),
  ];
  const able = aspects.filter((aspect: Aspect) => !missing.some((gap) => gap.aspect === aspect));
  return [
    ...missing.map((gap) => ({ ...gap, able: false })),
    ...able.map((aspect) => ({
      aspect,
      able: true,
      permission: Object.entries({ ...readingActions, ...organisationActions })
        .filter(([, on]) => on.includes(aspect))
        .map(([action]) => action)
        .join(', '),
      message: '',
    })),
  ];
}
