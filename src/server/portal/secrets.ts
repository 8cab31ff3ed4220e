import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { World } from '../../platform/world.ts';

/** 256 bits for a link, a session or a download: shown once, to whom it is for, and kept nowhere. */
export function newSecret(world: Pick<World, 'random'>): string {
  return Buffer.from(world.random(32)).toString('base64url');
}

/** What is kept of a secret. It has 256 random bits: a plain hash cannot be searched. */
export function hashOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/** Whether a text may be a secret at all; anything else is not even looked for. */
export function isSecret(text: string): boolean {
  return /^[\w-]{43}$/.test(text);
}

/**
 * The token that every form of a session carries (synchroniser token, OWASP): derived from the
 * session's secret, which no other site knows and no page shows.
 */
export function formToken(secret: string): string {
  return createHmac('sha256', secret).update('portal.form').digest('base64url');
}

/** Compared in constant time. */
export function isFormToken(given: unknown, secret: string): boolean {
  if (typeof given !== 'string') return false;
  const expected = Buffer.from(formToken(secret));
  const bytes = Buffer.from(given);
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}
