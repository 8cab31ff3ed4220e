import { noteTokenUses, productOfToken } from '../../registers/vault/store.tokens.ts';
import { bearersWith } from '../bearers.ts';

export const tokenPrefix = 'kept_vault_';

/** A product back end, by its token. */
export interface Product {
  readonly tokenId: string;
  readonly productId: string;
}

/** Products that come to the vault. */
export const productBearersOf = bearersWith<Product>({
  prefix: tokenPrefix,
  find: productOfToken,
  note: noteTokenUses,
});
