import type { Keys } from '../keys.ts';

/**
 * A path with a secret in it, sealed while it waits to be mailed: the queue is rows of the database,
 * and who reads those is to find no way in.
 */
export function sealedPath(keys: Keys, path: string): string {
  return `${mark}${Buffer.from(keys.seal(purpose, Buffer.from(path))).toString('base64url')}`;
}

/** The path as it stands in the mail; one that was never sealed stands as it is. */
export function openPath(keys: Keys, path: string): string {
  if (!path.startsWith(mark)) return path;
  const sealed = Buffer.from(path.slice(mark.length), 'base64url');
  return Buffer.from(keys.open(purpose, sealed)).toString('utf8');
}

const mark = 'sealed:';
const purpose = 'mail.path';
