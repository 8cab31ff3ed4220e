import type { Language } from '../../kernel/language.ts';
import type { Dictionary } from '../words.ts';

/** Codes of Better Auth, and the problem of ours that says it to a person. */
const problemOf: Readonly<Record<string, string>> = {
  INVALID_EMAIL_OR_PASSWORD: 'signInFailed',
  INVALID_EMAIL: 'signInFailed',
  PASSWORD_TOO_LONG: 'signInFailed',
  INVALID_PASSWORD: 'passwordWrong',
  CREDENTIAL_ACCOUNT_NOT_FOUND: 'passwordWrong',
  INVALID_CODE: 'codeWrong',
  INVALID_BACKUP_CODE: 'codeWrong',
  INVALID_TWO_FACTOR_COOKIE: 'signInAgain',
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: 'signInAgain',
  UNAUTHORIZED: 'signInAgain',
  SESSION_REQUIRED: 'signInAgain',
  SESSION_NOT_FRESH: 'signInAgain',
  ACCOUNT_TEMPORARILY_LOCKED: 'locked',
  TOTP_ALREADY_ENABLED: 'totpAlready',
  TOTP_NOT_ENABLED: 'totpNotBegun',
  TWO_FACTOR_NOT_ENABLED: 'totpNotBegun',
  BACKUP_CODES_NOT_ENABLED: 'totpNotBegun',
  PASSKEY_NOT_FOUND: 'passkeyFailed',
  AUTHENTICATION_FAILED: 'passkeyFailed',
  FAILED_TO_VERIFY_REGISTRATION: 'passkeyFailed',
  CHALLENGE_NOT_FOUND: 'passkeyFailed',
  USER_NOT_VERIFIED: 'passkeyUnverified',
  PROVIDER_ONLY: 'providerOnly',
  INVALID_ORIGIN: 'crossSite',
  MISSING_OR_NULL_ORIGIN: 'crossSite',
};

/**
 * An error of Better Auth as problem details (RFC 9457). Its `code` stays, because its client reads
 * it; `message` repeats `detail` for the same reason.
 */
export async function explainAuthError(
  answer: Response,
  words: Dictionary,
  language: Language,
): Promise<Response> {
  const { code = 'UNKNOWN' } = (await answer.json().catch(() => ({}))) as { code?: string };
  const name = problemOf[code] ?? 'signInProblem';
  const say = (part: string) => words.say(language, `problem.${name}.${part}`, { code });
  const detail = say('detail');
  const body = {
    type: `/problems/${name}`,
    title: say('title'),
    status: answer.status,
    code,
    detail,
    action: say('action'),
    message: detail,
  };
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  });
  for (const cookie of answer.headers.getSetCookie()) headers.append('set-cookie', cookie);
  return new Response(JSON.stringify(body), { status: answer.status, headers });
}
