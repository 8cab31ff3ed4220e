import { z } from 'zod';
import { instantText } from '../../kernel/instant.ts';
import { isLanguage } from '../../kernel/language.ts';
import { execute } from '../../platform/execute.ts';
import { customerKey as keySchema } from '../../registers/customers/facts.ts';
import { customerFlow } from '../../registers/customers/store.ts';
import {
  batchLimit,
  metadataLimitBytes,
  nameLimitBytes,
  objectLimitBytes,
  partBytes,
  recordLimitBytes,
} from '../../registers/vault/facts.ts';
import type { Standing } from '../../registers/vault/store.keys.ts';
import { collectionsOf } from '../../registers/vault/store.objects.ts';
import { roomOf } from '../../registers/vault/store.usage.ts';
import { type Asked, readJson, standingFor } from './asked.ts';
import { withKey } from './keyring.ts';
import { ProtocolFault } from './problems.ts';

/** What a product needs to know to talk to the vault. */
export function getLimits({ context: c, product }: Asked): Response {
  return c.json({
    product: product.productId,
    limits: {
      objectBytes: objectLimitBytes,
      partBytes,
      nameBytes: nameLimitBytes,
      metadataBytes: metadataLimitBytes,
      recordBytes: recordLimitBytes,
      recordsAtOnce: batchLimit,
    },
  });
}

const founding = z.strictObject({
  name: z.string().trim().min(1).max(200),
  language: z.string().refine(isLanguage).default('en'),
  /** Number of the contract; without one the terms hold. */
  contract: z.string().trim().min(1).max(200).nullable().default(null),
  /** Version of the terms that the customer agreed to. */
  terms: z.string().trim().min(1).max(200).default('1'),
  contacts: z
    .array(
      z.strictObject({
        name: z.string().trim().min(1).max(200),
        email: z.email().max(254),
        part: z.enum(['owner', 'member', 'billing']),
      }),
    )
    .max(20)
    .default([]),
});

/** Registers a customer of the product; one who is there already is answered as they are. */
export async function putCustomer(asked: Asked, key: string): Promise<Response> {
  const { world, product, context: c } = asked;
  if (!keySchema.safeParse(key).success) throw new ProtocolFault('customerUnfit', { why: 'key' });
  const it = await readJson(asked, founding, 64 * 1024);
  const there = await standingFor(asked, key).catch(() => null);
  if (there) return c.json(await shown(asked, key, there));
  const { name, contract, terms, contacts } = it;
  const language = isLanguage(it.language) ? it.language : 'en';
  const done = await execute(
    world,
    customerFlow,
    {
      do: 'registerCustomer',
      customer: {
        key,
        name,
        reading: null,
        productId: product.productId,
        basis: contract === null ? 'terms' : 'contract',
        basisReference: contract ?? terms,
        approvesCases: false,
        told: 'atEnd',
        termMonths: null,
        language,
        contacts: contacts.map((contact) => ({ ...contact, language })),
      },
    },
    // Whoever may found customers is asked of people; a product may do it for itself alone.
    { kind: 'system', id: `vault-token/${product.tokenId}` },
  );
  if (!done.ok) {
    // Another product's customer has the key: of whom nothing is said.
    const isTaken = done.refusal.code === 'customerKeyTaken';
    const mine = isTaken ? await standingFor(asked, key).catch(() => null) : null;
    if (mine) return c.json(await shown(asked, key, mine));
    if (isTaken) throw new ProtocolFault('customerKeyTaken');
    throw new ProtocolFault('customerUnfit', { why: done.refusal.code });
  }
  const standing = await withKey(world, await standingFor(asked, key));
  return c.json(await shown(asked, key, standing), 201);
}

export async function getCustomer(asked: Asked, key: string): Promise<Response> {
  const standing = await standingFor(asked, key);
  return asked.context.json(await shown(asked, key, standing));
}

async function shown({ world }: Asked, key: string, standing: Standing) {
  const { customerId, productId, state } = standing;
  const { customer } = await roomOf(world.database.db, customerId, productId);
  return { id: customerId, key, state, usage: customer.usage, quota: customer.quota };
}

/** What is held of each collection, in numbers. */
export async function getCollections(asked: Asked, key: string): Promise<Response> {
  const { customerId } = await standingFor(asked, key);
  const held = await collectionsOf(asked.world.database.db, customerId);
  const items = held.map(({ changedAt, ...each }) => ({
    ...each,
    changedAt: instantText(changedAt),
  }));
  return asked.context.json({ items });
}
