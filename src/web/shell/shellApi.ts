import { createApi, type Operation } from '../../ui/api.ts';
import type { Reader } from '../../ui/reader.tsx';

/** Somebody of the sample company whom the reader may be in the demonstration. */
export type Persona = {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
};

export type Session = {
  readonly id: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly address: string;
  /** The browser's own description of itself. */
  readonly userAgent: string;
  /** How it was signed in: `pwd otp`, `passkey`, `recovery`, `provider`, `persona`. */
  readonly proof: readonly string[];
  /** The session that asks. */
  readonly current: boolean;
};

export type Token = {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly scope: readonly string[] | null;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
};

/** Where somebody stands on their way in. */
export type SignInState =
  | { readonly state: 'signedOut' }
  | {
      readonly state: 'enrol' | 'passkeyNeeded' | 'enrolmentOver' | 'signedIn';
      readonly name: string;
      readonly email: string;
      readonly hasPassword: boolean;
      readonly hasTotp: boolean;
      readonly passkeys: number;
      /** The provider that people sign in with; null where there is none. */
      readonly provider: {
        readonly label: string;
        readonly linked: boolean;
        readonly waiting: readonly string[];
      } | null;
    };

/** Why a sign-in by the provider was refused, as its address says. */
export type Refused = {
  readonly refused?: string;
  readonly reason?: string;
  readonly reference?: string;
  readonly said?: string;
};

/** What the sign-in page offers besides a login of Kept's own. */
export type Ways = {
  readonly provider: { readonly label: string; readonly kind: string } | null;
  readonly demo: boolean;
  readonly problem: {
    readonly code: string;
    readonly title: string;
    readonly detail: string;
    readonly action: string;
  } | null;
};

export type Invitation = {
  readonly name: string;
  readonly email: string;
  readonly organisation: string;
  readonly minCharacters: number;
};

export type NewToken = {
  readonly name: string;
  readonly roles: readonly string[];
  readonly scope: readonly string[] | null;
  readonly days: number;
};

export type SetUp = {
  readonly token: string;
  readonly organisation: {
    readonly name: string;
    readonly zone: string;
    readonly languages: readonly string[];
    readonly domain: string;
  };
  readonly administrator: {
    readonly name: string;
    readonly email: string;
    readonly password: string;
  };
};

type Items<Item> = { readonly items: readonly Item[] };

type ShellApi = {
  readonly readMe: Operation<object, Reader>;
  readonly chooseLanguage: Operation<{ language: string }, unknown>;
  readonly readSignInState: Operation<object, SignInState>;
  readonly readWays: Operation<Refused, Ways>;
  readonly beginAtProvider: Operation<{ next?: string; invitation?: string }, { location: string }>;
  readonly signOut: Operation<object, { location: string | null }>;
  readonly listPersonas: Operation<object, Items<Persona>>;
  readonly becomePersona: Operation<{ persona: string }, unknown>;
  readonly readSetup: Operation<object, { needed: boolean }>;
  readonly setUp: Operation<SetUp, unknown>;
  readonly publishFirst: Operation<object, unknown>;
  readonly openInvitation: Operation<{ token: string }, Invitation>;
  readonly acceptInvitation: Operation<{ token: string; password: string | null }, unknown>;
  readonly listMySessions: Operation<object, Items<Session>>;
  readonly revokeMySession: Operation<{ id: string }, unknown>;
  readonly revokeMyOtherSessions: Operation<object, unknown>;
  readonly listMyTokens: Operation<object, Items<Token>>;
  readonly createMyToken: Operation<NewToken, { token: string; expiresAt: string }>;
  readonly revokeMyToken: Operation<{ id: string }, unknown>;
};

/** What the shell itself asks for: who is here, sign-in, set-up, sessions, tokens. No clause owns these. */
export const shellApi = createApi<unknown>({
  readMe: { method: 'GET', path: '/me' },
  chooseLanguage: { method: 'PUT', path: '/me/language' },
  readSignInState: { method: 'GET', path: '/api/auth/state' },
  readWays: { method: 'GET', path: '/api/auth/provider' },
  beginAtProvider: { method: 'POST', path: '/api/auth/sign-in/provider' },
  signOut: { method: 'POST', path: '/api/auth/provider/sign-out' },
  listPersonas: { method: 'GET', path: '/demo/personas' },
  becomePersona: { method: 'POST', path: '/demo/sign-in' },
  readSetup: { method: 'GET', path: '/setup' },
  setUp: { method: 'POST', path: '/setup' },
  publishFirst: { method: 'POST', path: '/setup/publish' },
  openInvitation: { method: 'POST', path: '/invitations/open' },
  acceptInvitation: { method: 'POST', path: '/invitations/accept' },
  listMySessions: { method: 'GET', path: '/sessions' },
  revokeMySession: { method: 'DELETE', path: '/sessions/{id}' },
  revokeMyOtherSessions: { method: 'POST', path: '/sessions/revoke-others' },
  listMyTokens: { method: 'GET', path: '/tokens' },
  createMyToken: { method: 'POST', path: '/tokens' },
  revokeMyToken: { method: 'DELETE', path: '/tokens/{id}' },
}) as ShellApi;
