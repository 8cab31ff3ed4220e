import { z } from 'zod';
import {
  ChangesLost,
  type Connector,
  type Observation,
  type ReadEnd,
  type ReadFrom,
  type Stretch,
} from '../../registers/connections/facts.connector.ts';
import { type AcrossAccounts, heldAcross, readAccount } from './account.ts';
import { carryOut } from './act.ts';
import { testConnection } from './capabilities.ts';
import { readCentre } from './centre.ts';
import { type AwsSecret, type AwsSettings, awsSecret, awsSettings } from './facts.ts';
import { Gaps } from './gaps.ts';
import { readScope } from './organisation.ts';
import { type AwsLink, openSession, problemOf } from './session.ts';

/**
 * Amazon Web Services: IAM of any number of accounts, and IAM Identity Center. AWS has no reading of
 * changes, so that every reading is of the whole; it goes on with the account at which it was cut off.
 */
export const aws: Connector<AwsSettings, AwsSecret> = {
  kind: 'aws',
  settings: awsSettings,
  secret: awsSecret,
  aspects: [
    'accounts',
    'entitlements',
    'held',
    'secondFactors',
    'signIns',
    'credentials',
    'passwordPolicy',
    'root',
    'lastAccessed',
    'trust',
    'risks',
  ],
  acts: ['disableAccount', 'removeHeld', 'deactivateCredential'],
  test: testConnection,
  read,
  carryOut,
};

/** Where a reading goes on: after which account, and what was seen of users who cross accounts. */
const resumption = z.object({
  after: z.string(),
  assuming: z.array(z.tuple([z.string(), z.string()])),
  trusting: z.array(z.tuple([z.string(), z.string()])),
});
const beginning = { after: '', assuming: [], trusting: [] };

async function* read(link: AwsLink, from: ReadFrom): AsyncGenerator<Stretch, ReadEnd, void> {
  if (from.read === 'changes') throw new ChangesLost('AWS does not say what has changed');
  try {
    return yield* readWhole(link, from.resume === null ? beginning : resumption.parse(from.resume));
  } catch (error) {
    throw problemOf(error);
  }
}

async function* readWhole(
  link: AwsLink,
  begun: z.infer<typeof resumption>,
): AsyncGenerator<Stretch, ReadEnd, void> {
  const gaps = new Gaps();
  const across: AcrossAccounts = { assuming: [...begun.assuming], trusting: [...begun.trusting] };
  let { after } = begun;
  const stretch = (observations: readonly Observation[]): Stretch => ({
    observations,
    gaps: gaps.take(),
    resume: { after, assuming: across.assuming, trusting: across.trusting },
  });
  const session = await openSession(link, link.settings.role);
  const { accounts, inside } = await readScope(session, gaps);
  yield stretch([]);
  for (const account of accounts) {
    if (account <= after) continue;
    for await (const observations of readAccount(session, account, inside, across, gaps)) {
      yield stretch(observations);
    }
    after = account;
    yield stretch([]);
  }
  yield stretch(heldAcross(across));
  for await (const observations of readCentre(session, accounts, gaps)) yield stretch(observations);
  yield stretch([]);
  return { next: null };
}
