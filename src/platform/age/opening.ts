import { AgeFault } from './fault.ts';
import { openHeader, readHeader } from './header.ts';
import type { AgeIdentity } from './identity.ts';
import type { Intake } from './intake.ts';
import { payloadKeyOf } from './payload.ts';
import { nonceBytes } from './sizes.ts';

/** Reads header and nonce, leaving the intake at the first chunk. */
export async function readPayloadKey(
  intake: Intake,
  identities: readonly AgeIdentity[],
): Promise<Uint8Array> {
  const fileKey = openHeader(await readHeader(intake), identities);
  const byte = intake.offset;
  const nonce = await intake.take(nonceBytes);
  if (nonce.length < nonceBytes) {
    throw new AgeFault('header', 'the file ends before its payload', { byte });
  }
  return payloadKeyOf(fileKey, nonce);
}
