import { createApi, type Operation } from '../../ui/api.ts';

/** Sign-in as its routes speak of it (`platform/identity/oidc/routes.ts`). */
export interface ProviderSettings {
  readonly kind: 'entra' | 'oidc';
  readonly label: string;
  readonly issuer: string;
  readonly tenantId: string | null;
  readonly clientId: string;
  readonly authentication: 'secret' | 'key';
  readonly secondFactor: {
    readonly amr: readonly string[];
    readonly acr: readonly string[];
    readonly acrs: string | null;
  };
  readonly rolesFrom: 'register' | 'claim';
  readonly rolesClaim: string;
  readonly mapping: readonly Mapped[];
  readonly askGraph: boolean;
  readonly graphUrl: string;
  readonly endProviderSession: boolean;
  readonly onlyWay: boolean;
}

/** What a value of the provider's claim means here. */
export interface Mapped {
  readonly value: string;
  readonly role: string;
}

export type Secret = { readonly secret: string } | { readonly pem: string };

export interface Provider {
  readonly revision: number;
  readonly enabled: boolean;
  readonly hasSecret: boolean;
  readonly settings: ProviderSettings;
  readonly roles: readonly string[];
  readonly redirectUri: string;
  readonly signedOutUri: string;
  readonly backChannelUri: string;
}

export interface Probed {
  readonly about: string;
  readonly state: 'found' | 'without' | 'missing';
  readonly found: string;
}

export interface Login {
  readonly person: { readonly id: string; readonly name: string; readonly email: string | null };
  readonly identity: {
    readonly id: string;
    readonly how: 'provisioning' | 'invitation' | 'officer';
    readonly linkedAt: string;
    readonly lastAt: string | null;
  } | null;
  readonly local: boolean;
  readonly breakGlass: string | null;
}

export interface Stranger {
  readonly id: string;
  readonly reference: string;
  readonly name: string;
  readonly email: string;
  readonly lastAt: string;
}

type Items<Item> = { readonly items: readonly Item[] };

interface Change {
  readonly revision: number;
  readonly enabled: boolean;
  readonly settings: ProviderSettings;
  readonly secret: Secret | null;
}

interface SignInApi {
  readonly readSignInProvider: Operation<object, Provider>;
  readonly changeSignInProvider: Operation<Change, { revision: number }>;
  readonly testSignInProvider: Operation<Pick<Change, 'settings' | 'secret'>, Items<Probed>>;
  readonly listLogins: Operation<object, Items<Login>>;
  readonly listStrangers: Operation<object, Items<Stranger>>;
  readonly linkStranger: Operation<{ stranger: string; personId: string }, unknown>;
  readonly forgetStranger: Operation<{ id: string }, unknown>;
  readonly linkIdentity: Operation<{ personId: string; externalId: string }, unknown>;
  readonly unlinkIdentity: Operation<{ id: string }, unknown>;
  readonly nameBreakGlass: Operation<{ personId: string; reason: string }, unknown>;
  readonly dropLocalLogin: Operation<{ personId: string }, unknown>;
  readonly unnameBreakGlass: Operation<{ personId: string }, unknown>;
}

export const signInApi = createApi<unknown>({
  readSignInProvider: { method: 'GET', path: '/sign-in/provider' },
  changeSignInProvider: { method: 'PUT', path: '/sign-in/provider' },
  testSignInProvider: { method: 'POST', path: '/sign-in/provider/test' },
  listLogins: { method: 'GET', path: '/sign-in/logins' },
  listStrangers: { method: 'GET', path: '/sign-in/strangers' },
  linkStranger: { method: 'POST', path: '/sign-in/strangers/{stranger}/link' },
  forgetStranger: { method: 'DELETE', path: '/sign-in/strangers/{id}' },
  linkIdentity: { method: 'POST', path: '/sign-in/identities' },
  unlinkIdentity: { method: 'DELETE', path: '/sign-in/identities/{id}' },
  nameBreakGlass: { method: 'POST', path: '/sign-in/break-glass' },
  dropLocalLogin: { method: 'POST', path: '/sign-in/logins/{personId}/drop-local' },
  unnameBreakGlass: { method: 'DELETE', path: '/sign-in/break-glass/{personId}' },
}) as unknown as SignInApi;
