import { sql } from 'kysely';
import { z } from 'zod';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { answerList, listInput, listOutput } from '../list.ts';
import {
  controllers,
  holdingFields,
  newProduct,
  type ProductCommand,
  productChanges,
} from './facts.products.ts';
import { anId, customerKey } from './facts.ts';
import {
  type ProductRow,
  productConditions,
  productFilters,
  productItem,
  productItemOf,
  productList,
  productSorts,
} from './list.products.ts';
import { done, keyOrId } from './routes.ts';
import { collectionsHeld, holdingsOf, productFlow } from './store.products.ts';

const holdingOutput = z.object({
  id: z.string(),
  what: z.object({ en: z.string(), ja: z.string() }),
  place: z.string(),
  controller: z.enum(controllers),
  collection: z.string().nullable(),
  /** Whether customers hold something in the collection. */
  inUse: z.boolean(),
});
const productOutput = productItem.extend({
  map: z.array(holdingOutput),
  /** Collections that customers use and that are not on the map: each is a finding (RET-3). */
  unmapped: z.array(z.string()),
});
const holding = z.object({ key: customerKey, ...holdingFields });

export const productRoutes = {
  listProducts: route({
    method: 'get',
    path: '/products',
    summary: 'Products: cloud or installed, who holds the data, how many customers.',
    permission: 'readProducts',
    input: listInput({ sorts: productSorts }, productFilters),
    output: listOutput(productItem),
    handle: ({ db }, input) => answerList(db, productList, input, productConditions(input)),
  }),

  getProduct: route({
    method: 'get',
    path: '/products/{key}',
    summary: 'One product with its data map.',
    permission: 'readProducts',
    input: z.object({ key: keyOrId }),
    output: productOutput,
    handle: readProduct,
  }),

  addProduct: route({
    method: 'post',
    path: '/products',
    summary: 'Adds a product, with or without its data map.',
    permission: 'addProduct',
    input: newProduct,
    output: done,
    handle: async ({ execute }, product) => {
      const answer = await execute(productFlow, { do: 'addProduct', product });
      return answer.ok ? ok({ id: answer.value[0]?.subject.split('/')[1] ?? '' }) : answer;
    },
  }),

  changeProduct: route({
    method: 'patch',
    path: '/products/{key}',
    summary: 'Changes a product; `version` is the one that was read.',
    permission: 'changeProduct',
    input: z.object({ key: customerKey, version: z.int(), changes: productChanges }),
    output: done,
    handle: (request, { key, version, changes }) =>
      onProduct(request, key, (productId) => ({
        do: 'changeProduct',
        productId,
        version,
        changes,
      })),
  }),

  retireProduct: route({
    method: 'post',
    path: '/products/{key}/retire',
    summary: 'Retires a product that no customer uses any more.',
    permission: 'retireProduct',
    input: z.object({ key: customerKey }),
    output: done,
    handle: (request, { key }) =>
      onProduct(request, key, (productId) => ({ do: 'retireProduct', productId })),
  }),

  addHolding: route({
    method: 'post',
    path: '/products/{key}/holdings',
    summary: 'Adds a line to the data map of a product: what, where, who controls it.',
    permission: 'addHolding',
    input: holding,
    output: done,
    handle: (request, { key, ...line }) =>
      onProduct(request, key, (productId) => ({ do: 'addHolding', productId, holding: line })),
  }),

  changeHolding: route({
    method: 'put',
    path: '/products/{key}/holdings/{holdingId}',
    summary: 'Writes a line of a data map anew.',
    permission: 'changeHolding',
    input: holding.extend({ holdingId: anId }),
    output: done,
    handle: (request, { key, holdingId, ...line }) =>
      onProduct(request, key, (productId) => ({
        do: 'changeHolding',
        productId,
        holdingId,
        holding: line,
      })),
  }),

  removeHolding: route({
    method: 'delete',
    path: '/products/{key}/holdings/{holdingId}',
    summary: 'Takes a line off a data map, once nothing is there any more.',
    permission: 'removeHolding',
    input: z.object({ key: customerKey, holdingId: anId }),
    output: done,
    handle: (request, { key, holdingId }) =>
      onProduct(request, key, (productId) => ({ do: 'removeHolding', productId, holdingId })),
  }),
};

async function onProduct(
  { db, execute }: Request,
  key: string,
  command: (productId: string) => ProductCommand,
): Promise<Result<{ id: string }, Refusal>> {
  const { rows } = await sql<{ id: string }>`select id from product where key = ${key}`.execute(db);
  const [product] = rows;
  if (!product) return refuse('notFound');
  const answer = await execute(productFlow, command(product.id));
  return answer.ok ? ok({ id: product.id }) : answer;
}

async function readProduct({ db }: Request, { key }: { readonly key: string }) {
  const { source } = productList;
  const { rows } = await sql<ProductRow>`
    select ${source.select} from (select id from product where key = ${key} or id::text = ${key}) page
    ${source.details}`.execute(db);
  const [row] = rows;
  if (!row) return refuse('notFound');
  const held = await collectionsHeld(db, row.id);
  const map = await holdingsOf(db, row.id);
  const mapped = new Set(map.map(({ collection }) => collection));
  return ok({
    ...productItemOf(row),
    map: map.map((line) => ({
      ...line,
      inUse: line.collection !== null && held.has(line.collection),
    })),
    unmapped: [...held].filter((collection) => !mapped.has(collection)).sort(),
  });
}
