import type { World } from '../../platform/world.ts';
import { answerOf, type KeyedWrite, type Written } from '../../registers/vault/store.answers.ts';
import { DoorClosed } from './closed.ts';
import { indexText, type Keyring, type OpenKey } from './keyring.ts';

/** A caller's promise to itself that a write happens once, however often it is asked for. */
export interface Idempotency {
  /** The caller's. */
  readonly key: string;
  /** What was asked for, without the bytes: method, place, conditions. */
  readonly request: string;
}

/** What is remembered of a keyed write, once it is known what was written. */
export type Keyed = (key: OpenKey, contentSha256: Uint8Array) => KeyedWrite;

/** @param customerId whose keys hash it: of what was asked for nothing can be read in the database */
export function keyedBy(
  customerId: string,
  idempotency: Idempotency | undefined,
): Keyed | undefined {
  if (!idempotency) return undefined;
  const { key: callersKey, request } = idempotency;
  return (key, sha256) => ({
    keyIndex: indexText(key, customerId, 'answer', '', callersKey),
    requestIndex: indexText(
      key,
      customerId,
      'request',
      '',
      `${request}\n${Buffer.from(sha256).toString('hex')}`,
    ),
  });
}

/**
 * What the same key was answered before; null where it is new.
 *
 * @param contentSha256 of what is to be written now; read only where the key is known
 * @throws DoorClosed `idempotencyKeyReused` where it was used for something else
 */
export async function answeredBefore(
  world: World,
  customerId: string,
  keyring: Keyring,
  keyed: Keyed | undefined,
  contentSha256: () => Promise<Uint8Array>,
): Promise<readonly Written[] | null> {
  if (!keyed) return null;
  for (const key of await keyring.all()) {
    const before = await answerOf(
      world.database.db,
      customerId,
      keyed(key, new Uint8Array()).keyIndex,
    );
    if (!before) continue;
    const { requestIndex } = keyed(key, await contentSha256());
    if (!Buffer.from(before.requestIndex).equals(requestIndex)) {
      throw new DoorClosed('idempotencyKeyReused');
    }
    return before.answer;
  }
  return null;
}
