import type { IAM } from '@aws-sdk/client-iam';
import { parse } from 'csv-parse/sync';
import type { Instant } from '../../kernel/instant.ts';
import { isBefore } from '../../kernel/instant.ts';
import type { CredentialFacts } from '../../registers/connections/facts.connector.ts';
import { passwordName } from './facts.ts';
import { type Gaps, ifThere } from './gaps.ts';
import { instantOf } from './session.ts';
import type { IamUser } from './snapshot.ts';

/** What the credential report says of one identity; the root user among them. */
export interface ReportRow {
  readonly password: boolean;
  readonly passwordLastUsedAt: Instant | null;
  readonly mfa: boolean;
  /** Of both places for access keys: null where there is no key. */
  readonly keys: readonly ({
    readonly active: boolean;
    readonly createdAt: Instant | null;
    readonly lastUsedAt: Instant | null;
  } | null)[];
}

export type Report = ReadonlyMap<string, ReportRow>;

/** By this name the report speaks of the root user. */
export const rootRow = '<root_account>';

/** The report is made within seconds; after this it is given up for this reading. */
const [pollMs, pollsAtMost] = [2000, 60];

/**
 * Has IAM make the credential report, and reads it. IAM makes at most one in four hours.
 *
 * @returns rows by ARN, the root user's by `rootRow`; null where it could not be read, which is a gap
 */
export async function readReport(
  iam: IAM,
  gaps: Gaps,
  wait: (ms: number) => Promise<void>,
): Promise<Report | null> {
  // Second factors can be had without it, user by user.
  const aspects = ['signIns', 'root'] as const;
  for (let polls = 0; polls < pollsAtMost; polls += 1) {
    const made = await gaps.attempt(aspects, 'iam:GenerateCredentialReport', () =>
      iam.generateCredentialReport({}),
    );
    if (!made) return null;
    if (made.State === 'COMPLETE') {
      const report = await gaps.attempt(aspects, 'iam:GetCredentialReport', () =>
        iam.getCredentialReport({}),
      );
      return report ? parseReport(new TextDecoder().decode(report.Content)) : null;
    }
    await wait(pollMs);
  }
  for (const aspect of aspects) {
    gaps.add({ aspect, permission: '', message: 'the credential report was not made in time' });
  }
  return null;
}

/** The report as the IAM User Guide describes it ("Getting credential reports for your account"). */
export function parseReport(csv: string): Report {
  const rows = parse(csv, { columns: true, skip_empty_lines: true, relax_column_count: true });
  return new Map(
    (rows as Readonly<Record<string, string>>[]).map((row) => [
      row['user'] === rootRow ? rootRow : (row['arn'] ?? ''),
      {
        // The root user's says `not_supported`: there always was one, until a report says otherwise.
        password: row['password_enabled']?.toLowerCase() !== 'false',
        passwordLastUsedAt: timeOf(row['password_last_used']),
        mfa: row['mfa_active']?.toLowerCase() === 'true',
        keys: [1, 2].map((no) => {
          const createdAt = timeOf(row[`access_key_${no}_last_rotated`]);
          const active = row[`access_key_${no}_active`]?.toLowerCase() === 'true';
          if (!active && createdAt === null) return null;
          const lastUsedAt = timeOf(row[`access_key_${no}_last_used_date`]);
          return { active, createdAt, lastUsedAt };
        }),
      },
    ]),
  );
}

function timeOf(text: string | undefined): Instant | null {
  return text !== undefined && /^\d{4}-/.test(text) ? Temporal.Instant.from(text) : null;
}

/** What a user can sign in with. */
export interface Means {
  readonly credentials: readonly CredentialFacts[];
  /** Null where it could not be read. */
  readonly secondFactor: boolean | null;
  readonly lastUsedAt: Instant | null;
  readonly password: boolean | null;
}

/**
 * Credentials of a user. The report, up to four hours old, says where to look; what it says is there
 * is looked up, so that what was taken away since is seen to be gone at once. A credential made since
 * the report of a user who had none of its kind shows in the next reading.
 */
export async function readMeans(
  iam: IAM,
  user: IamUser,
  report: Report | null,
  gaps: Gaps,
): Promise<Means> {
  const row = report?.get(user.arn);
  const keys = !row || row.keys.some((key) => key !== null) ? await readKeys(iam, user, gaps) : [];
  const password = !row || row.password ? await readPassword(iam, user, gaps) : false;
  const used = [row?.passwordLastUsedAt ?? null, ...keys.map(({ lastUsedAt }) => lastUsedAt)];
  const credentials: CredentialFacts[] = [...keys];
  if (password) {
    credentials.push({
      account: user.arn,
      kind: 'password',
      name: passwordName,
      active: true,
      createdAt: password.createdAt,
      lastUsedAt: row?.passwordLastUsedAt ?? null,
    });
  }
  const secondFactor = row ? row.mfa : await readSecondFactor(iam, user, gaps);
  return {
    credentials,
    secondFactor,
    lastUsedAt: latest(used),
    password: password === null ? null : password !== false,
  };
}

async function readKeys(iam: IAM, user: IamUser, gaps: Gaps): Promise<readonly CredentialFacts[]> {
  const listed = await gaps.attempt(['credentials'], 'iam:ListAccessKeys', () =>
    iam.listAccessKeys({ UserName: user.name }),
  );
  const keys: CredentialFacts[] = [];
  for (const key of listed?.AccessKeyMetadata ?? []) {
    const { AccessKeyId = '', Status, CreateDate } = key;
    const used = await gaps.attempt(['signIns'], 'iam:GetAccessKeyLastUsed', () =>
      iam.getAccessKeyLastUsed({ AccessKeyId }),
    );
    keys.push({
      account: user.arn,
      kind: 'accessKey',
      name: AccessKeyId,
      active: Status === 'Active',
      createdAt: instantOf(CreateDate),
      lastUsedAt: instantOf(used?.AccessKeyLastUsed?.LastUsedDate),
    });
  }
  return keys;
}

/** @returns false where there is none, null where that could not be read */
async function readPassword(
  iam: IAM,
  user: IamUser,
  gaps: Gaps,
): Promise<{ readonly createdAt: Instant | null } | false | null> {
  const asked = await gaps.attempt(['credentials'], 'iam:GetLoginProfile', async () => ({
    profile: await ifThere(() => iam.getLoginProfile({ UserName: user.name })),
  }));
  if (!asked) return null;
  return asked.profile ? { createdAt: instantOf(asked.profile.LoginProfile?.CreateDate) } : false;
}

async function readSecondFactor(iam: IAM, user: IamUser, gaps: Gaps): Promise<boolean | null> {
  const listed = await gaps.attempt(['secondFactors'], 'iam:ListMFADevices', () =>
    iam.listMFADevices({ UserName: user.name }),
  );
  return listed ? (listed.MFADevices ?? []).length > 0 : null;
}

function latest(instants: readonly (Instant | null)[]): Instant | null {
  return instants.reduce((most, at) => (at && (!most || isBefore(most, at)) ? at : most), null);
}
