import type { Context } from 'hono';
import { askedHeader } from '../../platform/http/caller.ts';
import { sessionHours } from '../../registers/portal/facts.ts';
import { isSecret } from './secrets.ts';

/**
 * The portal's cookie. Its name begins as those of the console do, so that a change without a word of
 * where it comes from is refused for it as well (`unforged`). `__Host-` (RFC 6265bis) binds it to this
 * host and to HTTPS; plain HTTP, on this machine, cannot have it.
 */
const nameFor = (https: boolean): string => (https ? '__Host-kept.portal' : 'kept.portal');

/** The session's secret that a request carries; null where there is none. */
export function sessionSecret(c: Context, url: string): string | null {
  const name = nameFor(isHttps(url));
  for (const pair of (askedHeader(c, 'cookie') ?? '').split(';')) {
    const [key = '', value = ''] = pair.trim().split('=');
    if (key === name) return isSecret(value) ? value : null;
  }
  return null;
}

/** `Lax`: a link in a mail of ours finds its reader signed in; a form of another site does not. */
export function sessionCookie(secret: string, url: string): string {
  return `${nameFor(isHttps(url))}=${secret}; Max-Age=${sessionHours * 3600}; ${attributes(url)}`;
}

export function endedCookie(url: string): string {
  return `${nameFor(isHttps(url))}=; Max-Age=0; ${attributes(url)}`;
}

const attributes = (url: string): string =>
  `Path=/; HttpOnly${isHttps(url) ? '; Secure' : ''}; SameSite=Lax`;
const isHttps = (url: string): boolean => url.startsWith('https:');
