import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
// In a product: import { openVault } from 'kept/vault';
import { openVault, type VaultSettings } from '../../../clients/vault/index.ts';

const purpose = 'attachments of tickets';

/** A product that stores elsewhere keeps only keys with Kept: once they are gone, so is what they sealed. */
export async function sealElsewhere(settings: VaultSettings, text: string): Promise<string> {
  const acme = openVault(settings).customer('acme');
  await acme.register({ name: 'Acme Example' });

  // Seal: the plaintext key is used and forgotten, the wrapped one is stored beside the bytes.
  const { plaintext, wrapped } = await acme.keys.issue(purpose);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', plaintext, nonce);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  const tag = cipher.getAuthTag();
  plaintext.fill(0);

  // Open, later: for the same customer and the same purpose, or not at all.
  const key = await acme.keys.unwrap(purpose, wrapped);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAuthTag(tag);
  return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
}
