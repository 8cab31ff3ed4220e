import type { IAM } from '@aws-sdk/client-iam';
import type { Identitystore } from '@aws-sdk/client-identitystore';
import type { Organizations } from '@aws-sdk/client-organizations';
import type { SSOAdmin } from '@aws-sdk/client-sso-admin';
import type { STS } from '@aws-sdk/client-sts';
import type { Instant } from '../../kernel/instant.ts';
import {
  type Link,
  SourceProblem,
  type SourceProblemCode,
} from '../../registers/connections/facts.connector.ts';
import type { AwsSecret, AwsSettings } from './facts.ts';
import { transportBy } from './transport.ts';

export type AwsLink = Link<AwsSettings, AwsSecret>;

/**
 * Clients of AWS, each with the credentials of a role in its account. Clients are made when they are
 * first asked for, and their packages loaded with them: whoever has no AWS never loads them.
 */
export interface Session {
  readonly link: AwsLink;
  /** Account of the credentials themselves. */
  readonly home: string;
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string;
  /** Account in which organisation and Identity Center are read. */
  readonly organisationAccount: string;
  iam(account: string): Promise<IAM>;
  organizations(): Promise<Organizations>;
  identityCentre(): Promise<SSOAdmin>;
  identityStore(): Promise<Identitystore>;
}

/** Credentials of a role, until the clock says that new ones are needed. */
interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/**
 * AWS says that it throttles in the body of an answer, which only the SDK understands: it repeats,
 * and slows down by itself (`adaptive`).
 */
const patience = { maxAttempts: 5, retryMode: 'adaptive' } as const;

/**
 * @param role name of the role to assume in every account but that of the credentials
 * @throws {SourceProblem} where the credentials are not accepted at all
 */
export async function openSession(link: AwsLink, role: string): Promise<Session> {
  const { settings, fetch, signal } = link;
  const common = {
    ...patience,
    region: settings.region,
    requestHandler: transportBy(fetch, signal),
    ...(settings.endpoint ? { endpoint: settings.endpoint } : {}),
  };
  const base = await baseCredentials(link);
  const { STS } = await import('@aws-sdk/client-sts');
  const sts = new STS({ ...common, credentials: base });
  const { home, partition } = await whoAmI(sts);
  const configure = (account: string) => ({
    ...common,
    credentials:
      account === home
        ? base
        : () => assume(sts, `arn:${partition}:iam::${account}:role/${role}`, settings.externalId),
  });
  const organisationAccount = settings.organisationAccount || home;
  const central = configure(organisationAccount);
  return {
    link,
    home,
    partition,
    organisationAccount,
    iam: async (account) => new (await import('@aws-sdk/client-iam')).IAM(configure(account)),
    organizations: async () =>
      new (await import('@aws-sdk/client-organizations')).Organizations(central),
    identityCentre: async () => new (await import('@aws-sdk/client-sso-admin')).SSOAdmin(central),
    identityStore: async () =>
      new (await import('@aws-sdk/client-identitystore')).Identitystore(central),
  };
}

async function baseCredentials({ secret }: AwsLink) {
  if (secret.accessKeyId !== '') {
    return { accessKeyId: secret.accessKeyId, secretAccessKey: secret.secretAccessKey };
  }
  const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
  return fromNodeProviderChain();
}

async function whoAmI(sts: STS): Promise<{ readonly home: string; readonly partition: string }> {
  try {
    const { Account, Arn } = await sts.getCallerIdentity({});
    if (Account && Arn) return { home: Account, partition: Arn.split(':')[1] ?? 'aws' };
  } catch (cause) {
    throw problemOf(cause);
  }
  throw new SourceProblem('unexpectedAnswer', 'AWS does not say whose the credentials are');
}

async function assume(sts: STS, arn: string, externalId: string): Promise<Identity> {
  const { Credentials } = await sts.assumeRole({
    RoleArn: arn,
    RoleSessionName: 'kept',
    ...(externalId === '' ? {} : { ExternalId: externalId }),
  });
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey) {
    throw new SourceProblem('unexpectedAnswer', `no credentials for ${arn}`);
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(SessionToken ? { sessionToken: SessionToken } : {}),
    ...(Expiration ? { expiration: Expiration } : {}),
  };
}

/** An error as AWS answers it. */
export interface Answer {
  readonly name: string;
  readonly message: string;
  readonly status: number;
}

/** @returns null where AWS did not answer at all */
export function answerOf(error: unknown): Answer | null {
  if (!(error instanceof Error)) return null;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return status === undefined ? null : { name: error.name, message: error.message, status };
}

/** Keys that nobody knows, a wrong signature, a clock that is off: nothing can be read with those. */
const notAccepted =
  /^(InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|ExpiredToken|InvalidSignature|IncompleteSignature|MissingAuthenticationToken|AuthFailure|OptInRequired)/;

export function isDenied(answer: Answer): boolean {
  const named = /AccessDenied|NotAuthorized|UnauthorizedOperation/.test(answer.name);
  return named || (answer.status === 403 && !notAccepted.test(answer.name));
}

export function isMissing({ name }: Answer): boolean {
  return /^(NoSuchEntity|ResourceNotFound)/.test(name);
}

function isThrottled({ name, status }: Answer): boolean {
  return status === 429 || /Throttl|TooManyRequests|RequestLimit|SlowDown/.test(name);
}

/** Whether what went wrong is an answer that would be the same tomorrow. */
export function isSettled(answer: Answer): boolean {
  return !notAccepted.test(answer.name) && !isThrottled(answer) && answer.status < 500;
}

/** What a run ends with: an answer of AWS in the words of the house, anything else as it is. */
export function problemOf(error: unknown): unknown {
  const answer = answerOf(error);
  if (answer === null) return error;
  const message = `${answer.name}: ${answer.message}`;
  return new SourceProblem(codeOf(answer), message, { cause: error });
}

function codeOf(answer: Answer): SourceProblemCode {
  if (notAccepted.test(answer.name)) return 'signInRefused';
  if (isThrottled(answer)) return 'throttled';
  if (isDenied(answer)) return 'forbidden';
  return answer.status >= 500 ? 'sourceFails' : 'unexpectedAnswer';
}

/** Dates of the SDK as the house has them; null where AWS says nothing. */
export function instantOf(date: Date | undefined): Instant | null {
  return date ? Temporal.Instant.fromEpochMilliseconds(date.getTime()) : null;
}
