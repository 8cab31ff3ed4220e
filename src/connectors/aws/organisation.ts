import type { Organizations } from '@aws-sdk/client-organizations';
import type { Aspect } from '../../registers/connections/facts.connector.ts';
import type { Gaps } from './gaps.ts';
import { organisationActions } from './permissions.ts';
import { answerOf, type Session } from './session.ts';
import type { Inside } from './trust.ts';

/** Which accounts are read, and what belongs to the organisation. */
export interface Scope {
  /** In the order of their ids, in which they are read. */
  readonly accounts: readonly string[];
  readonly inside: Inside;
}

const trustAlone: readonly Aspect[] = ['trust'];

/**
 * The organisation's accounts. Without an organisation, or where it may not be read, there is the
 * account of the credentials; in the latter case who else there is remains a gap.
 */
export async function readScope(session: Session, gaps: Gaps): Promise<Scope> {
  const { settings } = session.link;
  const client = await session.organizations();
  const wholesale = settings.accounts.length === 0;
  // Who else there is concerns everything where all are to be read, and trust in any case.
  const aspects = wholesale
    ? (organisationActions['organizations:ListAccounts'] ?? [])
    : trustAlone;
  const listed = await gaps.attempt(aspects, 'organizations:ListAccounts', () =>
    listAccounts(client),
  );
  const organisation = await gaps.attempt(['trust'], 'organizations:DescribeOrganization', () =>
    withoutOrganisation(null, async () => {
      const { Organization } = await client.describeOrganization({});
      return Organization?.Id ?? null;
    }),
  );
  const active = (listed ?? []).filter(({ active: open }) => open).map(({ id }) => id);
  const found = active.length > 0 ? active : [session.home];
  const accounts = [...new Set(wholesale ? found : settings.accounts)].sort();
  const members = (listed ?? []).map(({ id }) => id);
  return {
    accounts,
    inside: {
      accounts: new Set([...accounts, ...members, session.home, ...settings.trusted]),
      read: new Set(accounts),
      organisation,
    },
  };
}

async function listAccounts(
  client: Organizations,
): Promise<readonly { readonly id: string; readonly active: boolean }[]> {
  return await withoutOrganisation([], async () => {
    const accounts = [];
    let token: string | undefined;
    do {
      const page = await client.listAccounts(token === undefined ? {} : { NextToken: token });
      for (const { Id = '', State, Status } of page.Accounts ?? []) {
        // `State` takes the place of `Status`, which older endpoints still speak.
        accounts.push({ id: Id, active: (State ?? Status) === 'ACTIVE' });
      }
      token = page.NextToken;
    } while (token);
    return accounts;
  });
}

/** An account may well be in no organisation. */
async function withoutOrganisation<T>(otherwise: T, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (answerOf(error)?.name === 'AWSOrganizationsNotInUseException') return otherwise;
    throw error;
  }
}
