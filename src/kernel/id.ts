import { invariant } from './invariant.ts';

/** An id that remembers what it is the id of; a person's id is not accepted for a system's. */
export type Id<Of extends string> = string & { readonly __of?: Of };

export type PersonId = Id<'person'>;
export type SystemId = Id<'system'>;
export type AccountId = Id<'account'>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * UUIDv7 (RFC 9562, section 5.7) from a time and ten random bytes: sorts by time, and the same
 * time and bytes give the same id, which is what lets the simulator repeat itself.
 */
export function uuidv7(at: Temporal.Instant, random: Uint8Array): string {
  invariant(random.length >= 10, 'uuidv7 needs ten random bytes');
  const ms = at.epochMilliseconds;
  const hex = [
    ms.toString(16).padStart(12, '0'),
    (0x7000 | (((random[0] ?? 0) << 8) & 0x0f00) | (random[1] ?? 0)).toString(16),
    (0x8000 | (((random[2] ?? 0) << 8) & 0x3f00) | (random[3] ?? 0)).toString(16),
    Buffer.from(random.subarray(4, 10)).toString('hex'),
  ];
  const [time, version, variant, node] = hex as [string, string, string, string];
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${variant}-${node}`;
}
