import type { Keys } from '../../platform/keys.ts';

/** What a secret of a connection is for: reading, carrying orders out, or signing webhooks. */
export type SecretUse = 'reading' | 'acting' | 'hook';

/** Seals the secret of a connection for its id and use, so that none can stand in for another. */
export function sealSecret(keys: Keys, id: string, use: SecretUse, secret: unknown): string {
  const plain = Buffer.from(JSON.stringify(secret), 'utf8');
  return Buffer.from(keys.seal(purposeOf(id, use), plain)).toString('base64');
}

export function openSecret(keys: Keys, id: string, use: SecretUse, sealed: Uint8Array): unknown {
  return JSON.parse(Buffer.from(keys.open(purposeOf(id, use), sealed)).toString('utf8'));
}

const purposeOf = (id: string, use: SecretUse) => `connection/${id}/${use}`;
