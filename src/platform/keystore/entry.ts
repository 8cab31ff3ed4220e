import { z } from 'zod';
import { isUuid } from '../../kernel/id.ts';
import { KeystoreFault } from './fault.ts';

/** A customer's wrapped key as it is stored, one line of JSON. */
export interface Entry {
  readonly customer: string;
  readonly version: number;
  /** Version of the key-encryption key. */
  readonly kek: string;
  readonly wrapped: Uint8Array;
}

const stored = z.strictObject({
  v: z.literal(1),
  customer: z.string().refine(isUuid),
  version: z.int().positive(),
  kek: z.string(),
  wrapped: z.base64(),
});

/** Without a line feed. */
export function entryText({ customer, version, kek, wrapped }: Entry): string {
  const text = Buffer.from(wrapped).toString('base64');
  return JSON.stringify({ v: 1, customer, version, kek, wrapped: text });
}

/** @throws KeystoreFault `damaged` where it is not such a line */
export function parseEntry(text: string): Entry {
  try {
    const { customer, version, kek, wrapped } = stored.parse(JSON.parse(text));
    return { customer, version, kek, wrapped: Buffer.from(wrapped, 'base64') };
  } catch (cause) {
    throw new KeystoreFault('damaged', 'what is stored is no wrapped key', cause);
  }
}
