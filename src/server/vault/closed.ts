import { Fault } from '../../kernel/fault.ts';
import { ok, type Refusal, type Result } from '../../kernel/result.ts';
import { AgeFault } from '../../platform/age/fault.ts';
import { KeystoreFault } from '../../platform/keystore/fault.ts';
import { StorageFault } from '../../platform/objects/storage.ts';
import type { DoorRefusal } from './door.ts';

/** The door says no, from whatever depth, also in the middle of a stream. */
export class DoorClosed extends Error {
  override readonly name = 'DoorClosed';
  readonly refusal: Refusal<DoorRefusal>;

  constructor(code: DoorRefusal, params: Refusal['params'] = {}, guard?: string) {
    super(code);
    this.refusal = { code, params, ...(guard ? { guard } : {}) };
  }
}

/** Somebody else was faster, or the key was replaced meanwhile: what was begun is begun again. */
export class TryAgain extends Error {
  override readonly name = 'TryAgain';
}

/** What is stored is not what was stored: which object, where, and why that is known. */
export class StoredObjectDamaged extends DoorClosed {
  constructor(objectId: string, why: string, place: { readonly byte?: number } = {}) {
    super('storedObjectDamaged', { object: objectId, why, byte: place.byte ?? 0 });
  }
}

/** The answer of an act that may be refused from within. */
export async function answering<T>(
  act: () => Promise<T>,
): Promise<Result<T, Refusal<DoorRefusal>>> {
  try {
    return ok(await act());
  } catch (thrown) {
    if (thrown instanceof DoorClosed) return { ok: false, refusal: thrown.refusal };
    throw thrown;
  }
}

/** Runs an act again where somebody else was faster. */
export async function again<T>(act: () => Promise<T>, times = 8): Promise<T> {
  for (let time = 1; ; time++) {
    try {
      return await act();
    } catch (thrown) {
      if (!(thrown instanceof TryAgain)) throw thrown;
      if (time >= times) throw new Fault('too many write here at once', { retryable: true });
    }
  }
}

/** What a failure of storage or cryptography means for an object; others are thrown on. */
export function damageOf(objectId: string, thrown: unknown): unknown {
  if (thrown instanceof AgeFault) {
    return new StoredObjectDamaged(objectId, thrown.code, thrown.place);
  }
  if (thrown instanceof StorageFault && thrown.code !== 'unreachable') {
    return new StoredObjectDamaged(objectId, thrown.code === 'range' ? 'truncated' : thrown.code);
  }
  return closedBy(thrown);
}

/** A key that is gone closes the door; one that is damaged or out of reach is a fault. */
export function closedBy(thrown: unknown): unknown {
  const gone =
    thrown instanceof KeystoreFault && (thrown.code === 'destroyed' || thrown.code === 'unknown');
  return gone ? new DoorClosed('accountErased') : thrown;
}
