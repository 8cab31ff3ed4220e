import { sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import { isUuid } from '../../kernel/id.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, type Routes, route } from '../../policy/route.ts';
import { collectionsOf } from './store.objects.ts';
import {
  keyUses,
  lastUnwraps,
  productsHolding,
  tokensOf,
  type UnwrapDay,
  unwrapDays,
} from './store.overview.ts';
import { roomOf } from './store.usage.ts';

const text = (at: Instant | null): string | null => at && instantText(at);
const maybe = z.string().nullable();

const day = z.object({
  day: z.string(),
  service: z.int(),
  customer: z.int(),
  staff: z.int(),
  system: z.int(),
});
const held = z.object({
  objects: z.int(),
  objectBytes: z.int(),
  records: z.int(),
  recordBytes: z.int(),
});

/** Days that the charts show. */
const shownDays = 30;
const shownUnwraps = 50;

async function daysOf(
  { db, now, zone }: Request,
  customerId: string | null,
): Promise<z.input<typeof day>[]> {
  const to = now.toZonedDateTimeISO(zone).toPlainDate();
  const from = to.subtract({ days: shownDays - 1 });
  const days = await unwrapDays(db, customerId, { from, to, zone });
  return days.map(({ day: date, ...counts }: UnwrapDay) => ({ day: date.toString(), ...counts }));
}

/** Numbers of the vault: how much is held, under which keys, unwrapped by whom. Never what it says. */
export const routes = {
  getVault: route({
    method: 'get',
    path: '/vault',
    summary: 'The vault in numbers: products, their tokens, unwrappings by day',
    permission: 'readVault',
    input: z.object({}),
    output: z.object({
      url: z.string(),
      tokens: z.array(
        z.object({
          id: z.string(),
          productId: z.string(),
          product: z.string(),
          name: z.string(),
          madeAt: z.string(),
          expiresAt: z.string(),
          lastUsedAt: maybe,
          revokedAt: maybe,
          uses: z.int(),
          valid: z.boolean(),
          /** Null: another officer than who made it is to confirm it. */
          confirmedAt: maybe,
          /** The reader made it: others confirm. */
          mine: z.boolean(),
        }),
      ),
      products: z.array(
        z.object({
          id: z.string(),
          key: z.string(),
          name: z.string(),
          custody: z.string(),
          customers: z.int(),
          objects: z.int(),
          records: z.int(),
          bytes: z.int(),
        }),
      ),
      days: z.array(day),
    }),
    async handle(request) {
      const { db, now, url, actor } = request;
      const person = actor && personOf(actor);
      const tokens = (await tokensOf(db)).map(({ madeBy, ...row }) => ({
        ...row,
        confirmedAt: text(row.confirmedAt),
        mine: person !== null && madeBy === person,
        madeAt: instantText(row.madeAt),
        expiresAt: instantText(row.expiresAt),
        lastUsedAt: text(row.lastUsedAt),
        revokedAt: text(row.revokedAt),
        valid: row.revokedAt === null && Temporal.Instant.compare(row.expiresAt, now) > 0,
      }));
      const products = [...(await productsHolding(db))];
      return ok({ url: `${url}/vault/v1`, tokens, products, days: await daysOf(request, null) });
    },
  }),

  getCustomerVault: route({
    method: 'get',
    path: '/customers/{key}/vault',
    summary: 'What is held for a customer, in numbers: collections, keys, last unwrappings by whom',
    permission: 'readVault',
    input: z.object({ key: z.string().max(200) }),
    output: z.object({
      id: z.string(),
      key: z.string(),
      name: maybe,
      state: z.string(),
      usage: held,
      quota: z.object({ objects: z.int(), bytes: z.int(), records: z.int() }),
      collections: z.array(held.extend({ collection: z.string(), changedAt: z.string() })),
      keys: z.array(
        z.object({
          version: z.int(),
          madeAt: z.string(),
          replacedAt: maybe,
          destroyedAt: maybe,
          issuedAt: maybe,
          objects: z.int(),
          records: z.int(),
        }),
      ),
      unwraps: z.array(
        z.object({
          id: z.string(),
          kind: z.enum(['service', 'case', 'customer', 'system']),
          byId: z.string(),
          who: maybe,
          purpose: z.string(),
          operations: z.int(),
          from: z.string(),
          to: z.string(),
        }),
      ),
      days: z.array(day),
    }),
    handle: readCustomerVault,
  }),
} satisfies Routes;

interface CustomerRow {
  readonly id: string;
  readonly key: string;
  readonly name: string | null;
  readonly state: string;
  readonly productId: string;
}

async function readCustomerVault(request: Request, { key }: { readonly key: string }) {
  const { db } = request;
  const by = isUuid(key) ? sql`id = ${key}::uuid` : sql`key = ${key}`;
  const { rows } = await sql<CustomerRow>`
    select id, key, name, state, product_id as "productId" from customer where ${by}`.execute(db);
  const [customer] = rows;
  if (!customer) return refuse('notFound');
  const { productId, ...shown } = customer;
  const room = await roomOf(db, customer.id, productId);
  const [collections, keys, unwraps, days] = await Promise.all([
    collectionsOf(db, customer.id),
    keyUses(db, customer.id),
    lastUnwraps(db, customer.id, shownUnwraps),
    daysOf(request, customer.id),
  ]);
  return ok({
    ...shown,
    ...room.customer,
    collections: collections.map((it) => ({ ...it, changedAt: instantText(it.changedAt) })),
    keys: keys.map((it) => ({
      ...it,
      madeAt: instantText(it.madeAt),
      replacedAt: text(it.replacedAt),
      destroyedAt: text(it.destroyedAt),
      issuedAt: text(it.issuedAt),
    })),
    unwraps: unwraps.map((it) => ({
      ...it,
      from: instantText(it.from),
      to: instantText(it.to),
    })),
    days,
  });
}
