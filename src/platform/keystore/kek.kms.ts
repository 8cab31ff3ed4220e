import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { KeystoreFault } from './fault.ts';
import type { KeyEncryption, WrapPlace } from './kek.ts';

/** What KMS says of bytes that it did not encrypt with this key for this place. */
const notOurs = new Set(['InvalidCiphertextException', 'IncorrectKeyException']);

/** A client for the region that a key's ARN names. */
function clientFor(arn: string): KMSClient {
  return new KMSClient({ region: arn.split(':')[3] ?? '' });
}

/**
 * The key-encryption key in AWS KMS: it never leaves KMS, and every use of it is in CloudTrail with
 * customer and version as encryption context. Credentials come by the SDK's own chain. The version is
 * the key's ARN; KMS's own yearly rotation needs nothing here, and another ARN is another version.
 *
 * @param arn of a symmetric key; what is opened here was wrapped under keys of the same region
 */
export function kmsKek(arn: string, client = clientFor(arn)): KeyEncryption {
  return {
    current: async () => arn,
    async wrap(plaintext, place) {
      const { CiphertextBlob } = await asked(() =>
        client.send(
          new EncryptCommand({
            KeyId: arn,
            Plaintext: plaintext,
            EncryptionContext: contextOf(place),
          }),
        ),
      );
      return { kek: arn, wrapped: given(CiphertextBlob) };
    },
    async unwrap({ kek, wrapped }, place) {
      const { Plaintext } = await asked(() =>
        client.send(
          new DecryptCommand({
            KeyId: kek,
            CiphertextBlob: wrapped,
            EncryptionContext: contextOf(place),
          }),
        ),
      );
      return given(Plaintext);
    },
    rotate: async () => arn,
    retired: async () => [],
    keepOnly: async () => undefined,
  };
}

/** Authenticated by KMS, and readable in its log: ids only. */
function contextOf({ customer, version }: WrapPlace): Record<string, string> {
  return { purpose: 'kept/keystore/v1', customer, version: String(version) };
}

function given(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes) return bytes;
  throw new KeystoreFault('unreachable', 'KMS answered without the key');
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : String(cause);
    if (notOurs.has(name)) {
      throw new KeystoreFault('damaged', `KMS does not open the key (${name})`, cause);
    }
    const gone = ['NotFoundException', 'DisabledException', 'KMSInvalidStateException'];
    const code = gone.includes(name) ? 'kek' : 'unreachable';
    throw new KeystoreFault(code, `KMS did not answer for the key-encryption key (${name})`, cause);
  }
}
