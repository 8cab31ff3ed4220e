import { Fault } from '../../kernel/fault.ts';
import { KeystoreFault } from '../../platform/keystore/fault.ts';
import { versionOfIssued } from '../../platform/keystore/issued.ts';
import type { World } from '../../platform/world.ts';
import { forgetIssued, noteIssued } from '../../registers/vault/store.keys.ts';
import { closedBy } from './closed.ts';
import { ProtocolFault } from './problems.ts';
import type { Door } from './reading.ts';
import { type Account, countSwiftly } from './swift.ts';
import { mustBeOpen } from './writing.ts';

/** Keys for products that store elsewhere; each use of the customer's key is counted with its purpose. */

export interface Issued {
  readonly plaintext: Uint8Array;
  readonly wrapped: Uint8Array;
}

/** A fresh key of 32 bytes, and what of it may be stored. */
export async function issueKey(door: Door, purpose: string): Promise<Issued> {
  return wrapping(
    door,
    () => door.world.keystore.issueDataKey(door.customerId, purpose),
    ({ wrapped }) => wrapped,
  );
}

/** Wraps a key that the product has. */
export async function wrapKey(
  door: Door,
  purpose: string,
  plaintext: Uint8Array,
): Promise<Uint8Array> {
  return wrapping(
    door,
    () => door.world.keystore.wrapDataKey(door.customerId, purpose, plaintext),
    (wrapped) => wrapped,
  );
}

async function wrapping<T>(
  door: Door,
  wrap: () => Promise<T>,
  wrappedIn: (made: T) => Uint8Array,
): Promise<T> {
  const { world, customerId, keyring, permits } = door;
  mustBeOpen(keyring.standing().state);
  const newest = keyring.standing().keys.at(-1)?.version;
  const note = (version: number) => noteIssued(world.database.db, customerId, version, world.now());
  // Said before the key leaves: a key that wrapped something is never thought unused.
  const noted = newest !== undefined && (await note(newest));
  const [made] = await Promise.all([keystoreAnswer(wrap), permits.use()]);
  const version = versionOfIssued(wrappedIn(made));
  if (noted && version === newest) return made;
  // The key is being replaced: what wrapped is one that the register does not have, or no more.
  if (await note(version)) return made;
  throw new Fault(`the key of customer ${customerId} is being replaced`, { retryable: true });
}

/** Opens a key that was wrapped for this customer and this purpose. */
export async function unwrapKey(
  { world, customerId, permits }: Door,
  purpose: string,
  wrapped: Uint8Array,
): Promise<Uint8Array> {
  await permits.use();
  return unwrapped(world, customerId, purpose, wrapped);
}

/** As `unwrapKey`, for an account that is gone on with as it last was. @throws Mistaken */
export async function unwrapSwiftly(
  world: World,
  account: Account,
  wrapped: Uint8Array,
): Promise<Uint8Array> {
  // Whether it opens is nobody's business before it is known that they may ask.
  await countSwiftly(world, account);
  return unwrapped(world, account.standing.customerId, account.purpose, wrapped);
}

function unwrapped(
  { keystore }: World,
  customerId: string,
  purpose: string,
  wrapped: Uint8Array,
): Promise<Uint8Array> {
  return keystoreAnswer(() => keystore.unwrapDataKey(customerId, purpose, wrapped));
}

/** Wraps anew, under the customer's newest key, what an older one wrapped. */
export async function rewrapKey(
  door: Door,
  purpose: string,
  wrapped: Uint8Array,
): Promise<Uint8Array> {
  const plaintext = await unwrapKey(door, purpose, wrapped);
  try {
    return await wrapKey(door, purpose, plaintext);
  } finally {
    plaintext.fill(0);
  }
}

/** The product says that nothing of its is wrapped by a replaced key any more. */
export async function allRewrapped({ world, customerId }: Door): Promise<void> {
  await forgetIssued(world.database.db, customerId);
}

async function keystoreAnswer<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (thrown) {
    // A version that is gone, though the customer is not: the product said it needs it no more.
    const unfit = ['purpose', 'damaged', 'unknown'];
    if (thrown instanceof KeystoreFault && unfit.includes(thrown.code))
      throw new ProtocolFault('wrappedKeyUnfit', {}, thrown);
    throw closedBy(thrown);
  }
}
