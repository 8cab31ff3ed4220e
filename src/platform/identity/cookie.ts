import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The session's cookie, as Better Auth writes and reads it: `token.signature`, URL-encoded, where
 * the signature is HMAC-SHA-256 of the token in base64. A copy of the database holds tokens but
 * not the secret: it is no way in.
 */
export const cookieName = {
  /** `__Host-` (RFC 6265bis): Secure, this host only, every path. Plain HTTP cannot have it. */
  prefix: (https: boolean) => (https ? '__Host-kept' : 'kept'),
  session: (https: boolean) => `${cookieName.prefix(https)}.session_token`,
};

/** The session token of a request; null where there is none or nobody here signed it. */
export function sessionTokenOf(headers: Headers, https: boolean, secret: string): string | null {
  const value = cookieValue(headers.get('cookie') ?? '', cookieName.session(https));
  if (!value) return null;
  const dot = value.lastIndexOf('.');
  if (dot < 1) return null;
  const token = value.slice(0, dot);
  const given = Buffer.from(value.slice(dot + 1), 'base64');
  const expected = signature(token, secret);
  return given.length === expected.length && timingSafeEqual(given, expected) ? token : null;
}

/** `Set-Cookie` of a new session, the same that Better Auth sends. */
export function sessionCookie(
  token: string,
  https: boolean,
  secret: string,
  maxAgeSeconds: number,
): string {
  const value = encodeURIComponent(`${token}.${signature(token, secret).toString('base64')}`);
  const secure = https ? '; Secure' : '';
  return `${cookieName.session(https)}=${value}; Max-Age=${maxAgeSeconds}; Path=/; HttpOnly${secure}; SameSite=Strict`;
}

/** `Set-Cookie` that takes the session's cookie away. */
export function endedCookie(https: boolean): string {
  const secure = https ? '; Secure' : '';
  return `${cookieName.session(https)}=; Max-Age=0; Path=/; HttpOnly${secure}; SameSite=Strict`;
}

/** Whether a request carries any cookie of ours: what a stranger's page could ride on. */
export function carriesCookie(headers: Headers): boolean {
  return /(?:^|;\s*)(?:__Host-)?kept\./.test(headers.get('cookie') ?? '');
}

function signature(token: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(token).digest();
}

function cookieValue(header: string, name: string): string | null {
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
    try {
      return decodeURIComponent(pair.slice(equals + 1).trim());
    } catch {
      return null;
    }
  }
  return null;
}
