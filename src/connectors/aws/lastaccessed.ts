import type { IAM, ServiceLastAccessed } from '@aws-sdk/client-iam';
import { type Instant, isBefore } from '../../kernel/instant.ts';
import { eachOf, type Gaps, ifThere } from './gaps.ts';

/** Days after which what was never used counts as not needed. */
export const unusedDays = 90;

const [pollMs, pollsAtMost] = [1000, 90];
const atOnce = 4;

/** A role, group or policy, and since when there is it: what is new has had no time to be used. */
export interface Holder {
  readonly arn: string;
  readonly createdAt: Instant | null;
}

/**
 * ARNs of those that allow services nobody used through them for ninety days, from IAM's record of
 * services last accessed (of up to 400 days).
 */
export async function readUnused(
  iam: IAM,
  holders: readonly Holder[],
  now: Instant,
  wait: (ms: number) => Promise<void>,
  gaps: Gaps,
): Promise<ReadonlySet<string>> {
  const since = now.subtract({ hours: 24 * unusedDays });
  const unused = new Set<string>();
  let refused = false;
  await eachOf(
    holders.filter(({ createdAt }) => createdAt === null || isBefore(createdAt, since)),
    atOnce,
    async ({ arn }) => {
      // One refusal is the refusal of all: nobody is asked a thousand times what they may not say.
      if (refused) return;
      const services = await servicesOf(iam, arn, wait, gaps);
      if (services === null) refused = true;
      else if (services.some(({ LastAuthenticated }) => isUnused(LastAuthenticated, since)))
        unused.add(arn);
    },
  );
  return unused;
}

function isUnused(last: Date | undefined, since: Instant): boolean {
  return last === undefined || last.getTime() < since.epochMilliseconds;
}

async function servicesOf(
  iam: IAM,
  arn: string,
  wait: (ms: number) => Promise<void>,
  gaps: Gaps,
): Promise<readonly ServiceLastAccessed[] | null> {
  const made = await gaps.attempt(
    ['lastAccessed'],
    'iam:GenerateServiceLastAccessedDetails',
    // What was deleted in the meantime has no services.
    async () => ({
      job: await ifThere(() => iam.generateServiceLastAccessedDetails({ Arn: arn })),
    }),
  );
  if (!made) return null;
  if (!made.job?.JobId) return [];
  const { JobId } = made.job;
  const services: ServiceLastAccessed[] = [];
  let marker: string | undefined;
  for (let polls = 0; polls < pollsAtMost; ) {
    const from = marker;
    const page = await gaps.attempt(['lastAccessed'], 'iam:GetServiceLastAccessedDetails', () =>
      iam.getServiceLastAccessedDetails({
        JobId,
        ...(from === undefined ? {} : { Marker: from }),
      }),
    );
    if (!page) return null;
    if (page.JobStatus === 'IN_PROGRESS') {
      polls += 1;
      await wait(pollMs);
    } else if (page.JobStatus === 'FAILED') break;
    else {
      services.push(...(page.ServicesLastAccessed ?? []));
      if (!page.IsTruncated) return services;
      marker = page.Marker;
    }
  }
  const message = `services last accessed of ${arn} could not be had`;
  gaps.add({ aspect: 'lastAccessed', permission: '', message });
  return services;
}
