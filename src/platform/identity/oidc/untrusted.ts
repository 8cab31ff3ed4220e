import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { OutgoingError } from '../../http/outgoing.ts';

/** Everything for which an answer of the provider is not believed, or cannot be had. */
export const reasons = [
  'addressForbidden',
  'tooLarge',
  'timedOut',
  'unreachable',
  'redirected',
  'notConform',
  'discoveryIssuer',
  'discoveryIncomplete',
  'wrongState',
  'wrongResponseIssuer',
  'tokenRefused',
  'wrongAlgorithm',
  'badSignature',
  'unknownKey',
  'ambiguousKey',
  'wrongIssuer',
  'wrongAudience',
  'wrongNonce',
  'expired',
  'issuedInFuture',
  'tooOld',
  'noSubject',
  'wrongTenant',
  'wrongAccessTokenHash',
  'wrongCodeHash',
  'subjectMismatch',
  'claimMissing',
  'groupsOverage',
  'groupsMissing',
  'graphForbidden',
  'graphUnreachable',
  'keyUnusable',
] as const;
export type Reason = (typeof reasons)[number];

/** An answer of the provider that is not believed. */
export class Untrusted extends Error {
  override readonly name = 'Untrusted';
  readonly reason: Reason;
  /** What the provider said itself, an error code; empty where it said nothing. */
  readonly said: string;

  constructor(reason: Reason, options: { readonly said?: string; readonly cause?: unknown } = {}) {
    super(options.said ? `${reason}: ${options.said}` : reason, { cause: options.cause });
    this.reason = reason;
    this.said = options.said ?? '';
  }
}

/** The provider says itself that it will not sign somebody in (RFC 6749, section 4.1.2.1). */
export class Declined extends Error {
  override readonly name = 'Declined';
  readonly error: string;

  constructor(error: string, options?: ErrorOptions) {
    super(error, options);
    this.error = error;
  }
}

/** Runs a call of the library, and says in our words why it did not believe the provider. */
export async function trusting<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof Untrusted) throw cause;
    if (cause instanceof AuthorizationResponseError) throw new Declined(cause.error, { cause });
    const reason = reasonOf(cause);
    // What is no error of the protocol is a bug of ours.
    if (!reason) throw cause;
    const said = cause instanceof ResponseBodyError ? cause.error : '';
    throw new Untrusted(reason, { said, cause });
  }
}

/**
 * The sentences of an error and its causes, for the log. What they carry besides stays out of it:
 * the library gives its errors whole tokens along.
 */
export function whyOf(thrown: unknown): string {
  return [...chainOf(thrown)].map(({ message }) => message).join(': ');
}

/** An error and what caused it, outermost first. */
function* chainOf(thrown: unknown): Generator<Error> {
  for (let at = thrown; at instanceof Error; at = at.cause) yield at;
}

function reasonOf(thrown: unknown): Reason | null {
  const chain = [...chainOf(thrown)];
  const outgoing = chain.find((each) => each instanceof OutgoingError);
  if (outgoing) return outgoing.code;
  if (chain.some((each) => each instanceof ResponseBodyError)) return 'tokenRefused';
  for (const each of chain.toReversed()) {
    const code = 'code' in each && typeof each.code === 'string' ? each.code : '';
    const reason = reasonOfCode(code, each);
    if (reason) return reason;
  }
  return chain.some((each) => each instanceof ClientError) ? 'notConform' : null;
}

function reasonOfCode(code: string, error: Error): Reason | null {
  switch (code) {
    case 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED':
      return claimOf(error) === 'nbf' ? 'issuedInFuture' : 'expired';
    case 'OAUTH_JWT_CLAIM_COMPARISON_FAILED':
      return comparisons[claimOf(error)] ?? 'notConform';
    case 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED':
      return attributeOf(error) === 'issuer' ? 'discoveryIssuer' : 'subjectMismatch';
    case 'OAUTH_KEY_SELECTION_FAILED':
      return candidatesOf(error) > 1 ? 'ambiguousKey' : 'unknownKey';
    case 'OAUTH_RESPONSE_IS_NOT_CONFORM':
      return statusOf(error) >= 300 && statusOf(error) < 400 ? 'redirected' : 'notConform';
    case 'OAUTH_UNSUPPORTED_OPERATION':
      return /algorithm|"alg"/i.test(error.message) ? 'wrongAlgorithm' : 'notConform';
    case 'OAUTH_HTTP_REQUEST_FORBIDDEN':
    case 'OAUTH_REQUEST_PROTOCOL_FORBIDDEN':
      return 'addressForbidden';
    case 'OAUTH_MISSING_SERVER_METADATA':
    case 'OAUTH_INVALID_SERVER_METADATA':
      return 'discoveryIncomplete';
    case 'OAUTH_TIMEOUT':
      return 'timedOut';
    case 'OAUTH_INVALID_RESPONSE':
      return invalid(error.message);
    default:
      return null;
  }
}

const comparisons: Readonly<Record<string, Reason>> = {
  iss: 'wrongIssuer',
  aud: 'wrongAudience',
  azp: 'wrongAudience',
  nonce: 'wrongNonce',
};

/** The library tells these apart by their sentence alone; `lies.test.ts` holds each to it. */
function invalid(message: string): Reason {
  const sentences: readonly (readonly [RegExp, Reason])[] = [
    [/signature verification failed/, 'badSignature'],
    [/"alg" header parameter/, 'wrongAlgorithm'],
    [/"state"/, 'wrongState'],
    [
      /"iss" \(issuer\) (?:response parameter|missing)|response parameter "iss"/,
      'wrongResponseIssuer',
    ],
    [/"nonce"/, 'wrongNonce'],
    [/"sub" \(subject\)/, 'noSubject'],
    [/claim missing|claim type/, 'claimMissing'],
  ];
  return sentences.find(([pattern]) => pattern.test(message))?.[1] ?? 'notConform';
}

function causeOf(error: Error): Record<string, unknown> {
  return (typeof error.cause === 'object' && error.cause !== null ? error.cause : {}) as Record<
    string,
    unknown
  >;
}

function claimOf(error: Error): string {
  return String(causeOf(error)['claim'] ?? '');
}

function attributeOf(error: Error): string {
  return String(causeOf(error)['attribute'] ?? '');
}

function candidatesOf(error: Error): number {
  const candidates = causeOf(error)['candidates'];
  return Array.isArray(candidates) ? candidates.length : 0;
}

function statusOf(error: Error): number {
  return error.cause instanceof Response ? error.cause.status : 0;
}
