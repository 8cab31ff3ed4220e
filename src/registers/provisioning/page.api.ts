import { createApi, type Operation } from '../../ui/api.ts';

/** Provisioning as its routes speak of it (`server/scim/routes.ts`). */
export interface Provisioning {
  readonly url: string;
  readonly onDeactivation: 'leave' | 'suspend';
  readonly users: number;
  readonly tokens: readonly ProvisioningToken[];
  readonly groups: readonly ProvisionedGroup[];
}

export interface ProvisioningToken {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
  readonly uses: number;
  readonly valid: boolean;
}

export interface ProvisionedGroup {
  readonly id: string;
  readonly name: string;
  readonly members: number;
  readonly role: string | null;
}

interface ProvisioningApi {
  readonly getProvisioning: Operation<object, Provisioning>;
  readonly issueProvisioningToken: Operation<{ name: string; days: number }, { token: string }>;
  readonly revokeProvisioningToken: Operation<{ id: string }, unknown>;
  readonly setOnDeactivation: Operation<{ what: 'leave' | 'suspend' }, unknown>;
  readonly mapGroup: Operation<{ id: string; role: string | null }, unknown>;
}

export const provisioningApi = createApi<unknown>({
  getProvisioning: { method: 'GET', path: '/provisioning' },
  issueProvisioningToken: { method: 'POST', path: '/provisioning/tokens' },
  revokeProvisioningToken: { method: 'DELETE', path: '/provisioning/tokens/{id}' },
  setOnDeactivation: { method: 'PUT', path: '/provisioning/deactivation' },
  mapGroup: { method: 'PUT', path: '/provisioning/groups/{id}' },
}) as unknown as ProvisioningApi;
