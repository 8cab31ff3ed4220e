import { createApi, type Operation } from '../../ui/api.ts';

/** The vault as its routes speak of it (`routes.ts` here and `server/vault/routes.ts`). */
export interface VaultOverview {
  readonly url: string;
  readonly tokens: readonly VaultToken[];
  readonly products: readonly VaultProduct[];
  readonly days: readonly VaultDay[];
}

export interface VaultToken {
  readonly id: string;
  readonly productId: string;
  readonly product: string;
  readonly name: string;
  readonly madeAt: string;
  readonly expiresAt: string;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
  readonly uses: number;
  readonly valid: boolean;
}

export interface VaultProduct {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly custody: string;
  readonly customers: number;
  readonly objects: number;
  readonly records: number;
  readonly bytes: number;
}

export interface VaultDay {
  readonly day: string;
  readonly service: number;
  readonly customer: number;
  readonly staff: number;
  readonly system: number;
}

export interface Held {
  readonly objects: number;
  readonly objectBytes: number;
  readonly records: number;
  readonly recordBytes: number;
}

export interface CustomerHolding {
  readonly id: string;
  readonly key: string;
  readonly name: string | null;
  readonly state: string;
  readonly usage: Held;
  readonly quota: { readonly objects: number; readonly bytes: number; readonly records: number };
  readonly collections: readonly (Held & {
    readonly collection: string;
    readonly changedAt: string;
  })[];
  readonly keys: readonly {
    readonly version: number;
    readonly madeAt: string;
    readonly replacedAt: string | null;
    readonly destroyedAt: string | null;
    readonly issuedAt: string | null;
    readonly objects: number;
    readonly records: number;
  }[];
  readonly unwraps: readonly {
    readonly id: string;
    readonly kind: 'service' | 'case' | 'customer' | 'system';
    readonly byId: string;
    readonly who: string | null;
    readonly purpose: string;
    readonly operations: number;
    readonly from: string;
    readonly to: string;
  }[];
  readonly days: readonly VaultDay[];
}

interface Issued {
  readonly token: string;
}

interface VaultApi {
  readonly getVault: Operation<object, VaultOverview>;
  readonly getCustomerVault: Operation<{ key: string }, CustomerHolding>;
  readonly issueVaultToken: Operation<{ productId: string; name: string; days: number }, Issued>;
  readonly rotateVaultToken: Operation<{ id: string; days: number }, Issued>;
  readonly renameVaultToken: Operation<{ id: string; name: string }, unknown>;
  readonly revokeVaultToken: Operation<{ id: string }, unknown>;
  readonly rekeyCustomer: Operation<{ customerId: string }, unknown>;
  readonly rotateKek: Operation<object, unknown>;
}

export const vaultApi = createApi<unknown>({
  getVault: { method: 'GET', path: '/vault' },
  getCustomerVault: { method: 'GET', path: '/customers/{key}/vault' },
  issueVaultToken: { method: 'POST', path: '/vault/tokens' },
  rotateVaultToken: { method: 'POST', path: '/vault/tokens/{id}/rotation' },
  renameVaultToken: { method: 'PATCH', path: '/vault/tokens/{id}' },
  revokeVaultToken: { method: 'DELETE', path: '/vault/tokens/{id}' },
  rekeyCustomer: { method: 'POST', path: '/vault/customers/{customerId}/rekey' },
  rotateKek: { method: 'POST', path: '/vault/key-encryption-key/rotation' },
}) as unknown as VaultApi;
