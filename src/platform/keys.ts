import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault } from '../kernel/fault.ts';

/**
 * The master key of an installation: seals what Kept stores encrypted (ledger signing keys, blobs,
 * connectors' secrets) and derives the keys that sessions are signed with.
 */
export interface Keys {
  /** AES-256-GCM (NIST SP 800-38D); `purpose` is authenticated, so that one secret cannot pass for another. */
  seal(purpose: string, plaintext: Uint8Array): Uint8Array;
  /** @throws Fault where the bytes were not sealed by this key for this purpose */
  open(purpose: string, sealed: Uint8Array): Uint8Array;
  /** A secret of its own for a purpose (HMAC-SHA-256 of the purpose). */
  derive(purpose: string): Uint8Array;
}

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** Keys over 32 bytes of master key. */
export function keysOf(master: Uint8Array): Keys {
  if (master.length !== keyBytes) {
    throw new Fault(`the master key has ${master.length} bytes; it must have ${keyBytes}`, {
      retryable: false,
    });
  }
  return {
    seal(purpose, plaintext) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', master, nonce).setAAD(Buffer.from(purpose));
      return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    },
    open(purpose, sealed) {
      try {
        const nonce = sealed.subarray(0, nonceBytes);
        const decipher = createDecipheriv('aes-256-gcm', master, nonce)
          .setAAD(Buffer.from(purpose))
          .setAuthTag(sealed.subarray(-tagBytes));
        return Buffer.concat([
          decipher.update(sealed.subarray(nonceBytes, -tagBytes)),
          decipher.final(),
        ]);
      } catch (cause) {
        throw new Fault(
          `cannot open what is sealed for ${purpose}: the master key is not the one it was sealed with`,
          {
            cause,
            retryable: false,
          },
        );
      }
    },
    derive: (purpose) => createHmac('sha256', master).update(purpose).digest(),
  };
}

/**
 * The master key from its file, made (0600) where the file does not exist yet. The key is never in
 * the database: who holds only a copy of the database can open nothing that is sealed.
 */
export async function keysFromFile(path: string): Promise<Keys> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(`${randomBytes(keyBytes).toString('base64')}\n`);
    await file.sync();
    await file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await chmod(path, 0o600);
  }
  return keysOf(Buffer.from((await readFile(path, 'utf8')).trim(), 'base64'));
}
