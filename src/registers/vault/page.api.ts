import { type ApiOf, createApi, type Operation } from '../../ui/api.ts';
import type { routes } from './routes.ts';

/** What the routes beside this page say; those that need the keystore stand in `server/vault/routes.ts`. */
type Read = Pick<ApiOf<typeof routes>, 'getVault' | 'getCustomerVault'>;

export type VaultOverview = Awaited<ReturnType<Read['getVault']>>;
export type VaultToken = VaultOverview['tokens'][number];
export type VaultProduct = VaultOverview['products'][number];
export type VaultDay = VaultOverview['days'][number];
export type CustomerHolding = Awaited<ReturnType<Read['getCustomerVault']>>;

interface Issued {
  readonly token: string;
}

interface VaultApi extends Read {
  readonly issueVaultToken: Operation<{ productId: string; name: string; days: number }, Issued>;
  readonly rotateVaultToken: Operation<{ id: string; days: number }, Issued>;
  readonly renameVaultToken: Operation<{ id: string; name: string }, unknown>;
  readonly revokeVaultToken: Operation<{ id: string }, unknown>;
  readonly confirmVaultToken: Operation<{ id: string }, unknown>;
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
  confirmVaultToken: { method: 'POST', path: '/vault/tokens/{id}/confirmation' },
  rekeyCustomer: { method: 'POST', path: '/vault/customers/{customerId}/rekey' },
  rotateKek: { method: 'POST', path: '/vault/key-encryption-key/rotation' },
}) as unknown as VaultApi;
