import { bearerOf, sha256Hex } from '../../platform/identity/token.ts';
import { log } from '../../platform/log.ts';
import type { World } from '../../platform/world.ts';
import { noteTokenUses, productOfToken } from '../../registers/vault/store.tokens.ts';
import { shared } from '../scim/bearer.ts';

/** 32 random bytes behind a name that scanners of leaked secrets can be taught. */
export const tokenPrefix = 'kept_vault_';
const format = /^kept_vault_[A-Za-z0-9_-]{43}$/;

/** Uses are added up for so long: were every request to write them down, all would wait for one row. */
const noteAfterMs = 1_000;

/** A product back end, by its token. */
export interface Product {
  readonly tokenId: string;
  readonly productId: string;
}

/** Who asks: a product, by a token that is neither revoked nor over. Every use is counted. */
export interface ProductBearers {
  productOf(headers: Headers): Promise<Product | null>;
  /** Writes down the uses counted so far. */
  settle(): Promise<void>;
}

const known = new WeakMap<World, ProductBearers>();

/** The one counter of a world: whoever closes the world settles it first. */
export function productBearersOf(world: World): ProductBearers {
  const there = known.get(world) ?? bearers(world);
  known.set(world, there);
  return there;
}

function bearers(world: World): ProductBearers {
  const find = shared((sha256) =>
    productOfToken(world.database.db, Buffer.from(sha256, 'hex'), world.now()),
  );
  let uses = new Map<string, number>();
  let waits = false;
  const settle = async (): Promise<void> => {
    waits = false;
    const counted = uses;
    uses = new Map();
    if (counted.size > 0) await noteTokenUses(world.database.db, counted, world.now());
  };
  const count = (id: string): void => {
    uses.set(id, (uses.get(id) ?? 0) + 1);
    if (waits) return;
    waits = true;
    setTimeout(() => {
      settle().catch((error: unknown) => log.error('uses of tokens are not noted', { error }));
    }, noteAfterMs).unref();
  };
  return {
    settle,
    async productOf(headers) {
      const token = bearerOf(headers);
      if (token === null || !format.test(token)) return null;
      const product = await find(sha256Hex(token));
      if (product) count(product.tokenId);
      return product;
    },
  };
}
