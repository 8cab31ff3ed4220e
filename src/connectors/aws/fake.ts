/**
 * A fake of AWS for tests: answers given by hand, in the wire formats of AWS, to what the SDK asks.
 * It stands in for what moto does not do: paging, throttling, the root user in the report, services
 * last accessed, accounts whose role cannot be assumed.
 */

import { awsSettings } from './facts.ts';
import type { AwsLink } from './session.ts';

/** What an action is answered with: fields of its result, or an error. */
export type Answered = Readonly<Record<string, unknown>> | FakeError;

export class FakeError {
  readonly status: number;
  readonly code: string;
  readonly message: string;

  constructor(status: number, code: string, message: string) {
    this.status = status;
    this.code = code;
    this.message = message;
  }
}

/** The refusal of an action, in the words of AWS. */
export function denied(action: string): FakeError {
  const message = `User: arn:aws:sts::111122223333:assumed-role/KeptReader/kept is not authorized to perform: ${action} on resource: *`;
  return new FakeError(
    403,
    action.startsWith('iam:') ? 'AccessDenied' : 'AccessDeniedException',
    message,
  );
}

export interface Asked {
  readonly account: string;
  readonly input: Readonly<Record<string, string>>;
}

/** By name of the action: `ListUsers`. */
export type Answers = Readonly<Record<string, (asked: Asked) => Answered>>;

export interface FakeAws {
  readonly fetch: typeof fetch;
  /** Actions that were asked for, in order, as `account action`. */
  readonly asked: readonly string[];
}

const home = '111122223333';

/** AWS of account 111122223333, in which every role can be assumed but where an answer says no. */
export function fakeAws(answers: Answers): FakeAws {
  const asked: string[] = [];
  const given: Answers = { ...basics, ...answers };
  const answer = (account: string, action: string, input: Asked['input']) => {
    asked.push(`${account} ${action}`);
    const one = given[action];
    return one ? one({ account, input }) : new FakeError(400, 'InvalidAction', `no ${action} here`);
  };
  return {
    asked,
    fetch: async (address, init) => {
      const request = new Request(address, init);
      const body = await request.text();
      const account = accountOf(request.headers.get('authorization') ?? '');
      const target = request.headers.get('x-amz-target');
      if (target !== null) {
        const action = target.split('.').at(-1) ?? '';
        return json(answer(account, action, JSON.parse(body) as Asked['input']));
      }
      const input = Object.fromEntries(new URLSearchParams(body));
      const action = input['Action'] ?? '';
      return xml(action, answer(account, action, input));
    },
  };
}

/** Keys of a role's session name its account. */
function accountOf(authorization: string): string {
  return /Credential=ASIA(\d{12})/.exec(authorization)?.[1] ?? home;
}

/** A link to a fake, at nine in the morning of 23 November 2026; it notes how long it was to wait. */
export function linkTo(
  fake: Pick<FakeAws, 'fetch'>,
  settings: object = {},
): AwsLink & { waits: number[] } {
  const waits: number[] = [];
  return {
    waits,
    settings: awsSettings.parse({ externalId: 'example-external-id', ...settings }),
    secret: { accessKeyId: 'AKIAEXAMPLEEXAMPLE00', secretAccessKey: 'example' },
    fetch: fake.fetch,
    now: () => Temporal.Instant.from('2026-11-23T09:00:00Z'),
    wait: async (ms) => {
      waits.push(ms);
    },
    signal: new AbortController().signal,
  };
}

const basics: Answers = {
  GetCallerIdentity: () => ({ Account: home, Arn: `arn:aws:iam::${home}:user/kept`, UserId: 'x' }),
  AssumeRole: ({ input }) => ({
    Credentials: {
      AccessKeyId: `ASIA${input['RoleArn']?.split(':')[4]}`,
      SecretAccessKey: 'example',
      SessionToken: 'example',
      Expiration: '2100-01-01T00:00:00Z',
    },
  }),
  ListAccounts: () => ({ Accounts: [{ Id: home, Status: 'ACTIVE' }] }),
  DescribeOrganization: () => ({ Organization: { Id: 'o-example' } }),
  ListInstances: () => ({ Instances: [] }),
  GetAccountPasswordPolicy: () => new FakeError(404, 'NoSuchEntity', 'there is none'),
  GetAccountSummary: () => ({ SummaryMap: {} }),
  GenerateCredentialReport: () => ({ State: 'COMPLETE' }),
  GetCredentialReport: () => ({ Content: '' }),
  GetAccountAuthorizationDetails: () => ({ IsTruncated: false }),
  GetLoginProfile: () => new FakeError(404, 'NoSuchEntity', 'there is none'),
  ListAccessKeys: () => ({ AccessKeyMetadata: [], IsTruncated: false }),
  ListMFADevices: () => ({ MFADevices: [], IsTruncated: false }),
};

function json(answered: Answered): Response {
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  if (!(answered instanceof FakeError)) return Response.json(answered, { headers });
  const { status, code, message } = answered;
  return Response.json({ __type: code, message }, { status, headers });
}

/** The query protocol of IAM and STS: lists are `member`s, maps `entry`s. */
function xml(action: string, answered: Answered): Response {
  const headers = { 'content-type': 'text/xml' };
  if (answered instanceof FakeError) {
    const { status, code, message } = answered;
    const error = element('Error', { Type: 'Sender', Code: code, Message: message });
    return new Response(`<ErrorResponse>${error}</ErrorResponse>`, { status, headers });
  }
  const result = element(`${action}Result`, answered);
  return new Response(`<${action}Response>${result}</${action}Response>`, { headers });
}

function element(name: string, value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value))
    return `<${name}>${value.map((item) => element('member', item)).join('')}</${name}>`;
  if (name === 'SummaryMap') {
    const entries = Object.entries(value as object).map(([key, count]) =>
      element('entry', { key, value: count }),
    );
    return `<${name}>${entries.join('')}</${name}>`;
  }
  if (value !== null && typeof value === 'object') {
    const inner = Object.entries(value).map(([key, item]) => element(key, item));
    return `<${name}>${inner.join('')}</${name}>`;
  }
  const text = String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<${name}>${text}</${name}>`;
}
