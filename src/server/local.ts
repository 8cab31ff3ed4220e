import { createHash, timingSafeEqual } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Actor, roles } from '../kernel/actor.ts';
import { localTokenId } from '../platform/identity/flow.token.ts';

/** What `cli.json` in the data folder says; mode 0600, rewritten at each start, removed at stop. */
export interface LocalCredentials {
  /** Where it is reached from this machine. */
  readonly url: string;
  /** Where people reach it, as KEPT_URL says. */
  readonly origin: string;
  readonly token: string;
}

/** Knows the token of this run, by which the command line of this machine is let in. */
export interface LocalEntry {
  /** The caller behind a bearer token; null where it is not the local one. */
  actorOf(token: string): Actor | null;
}

export const credentialsName = 'cli.json';

/**
 * Lets whoever may read the data folder use the command line as administrator: they could read the
 * database as well. The token lives in memory and dies with the process.
 */
export async function openLocalEntry(
  folder: string,
  { url, origin }: Omit<LocalCredentials, 'token'>,
  random: (bytes: number) => Uint8Array,
): Promise<{ entry: LocalEntry; close: () => Promise<void> }> {
  const token = `kept_local_${Buffer.from(random(32)).toString('base64url')}`;
  const hash = createHash('sha256').update(token).digest();
  const path = join(folder, credentialsName);
  const credentials: LocalCredentials = { url, origin, token };
  await writeWhole(path, credentials);
  const actor: Actor = {
    kind: 'token',
    id: localTokenId,
    roles: [...roles.filter(isStaff)],
    person: null,
    scope: null,
  };
  return {
    entry: {
      actorOf: (given) =>
        timingSafeEqual(createHash('sha256').update(given).digest(), hash) ? actor : null,
    },
    close: () => rm(path, { force: true }),
  };
}

/** Every role that administers; to be a customer or a person of the staff one must be somebody. */
function isStaff(role: (typeof roles)[number]): boolean {
  return role === 'security-officer' || role === 'people' || role === 'auditor';
}

/** Writes a file of secrets so that no reader ever finds half of it, nor a mode that is too open. */
export async function writeWhole(path: string, content: object): Promise<void> {
  const aside = `${path}.new`;
  await rm(aside, { force: true });
  await writeFile(aside, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(aside, path);
}
