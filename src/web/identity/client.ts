/**
 * Passwords, codes and passkeys, by Better Auth's own client at `/api/auth`. It is a chunk of its own,
 * which only sign-in, set-up, invitation and the account page load.
 */
import { passkeyClient } from '@better-auth/passkey/client';
import { createAuthClient } from 'better-auth/client';
import { twoFactorClient } from 'better-auth/client/plugins';
import { ApiProblem } from '../../ui/api.ts';

export const identity = createAuthClient({
  basePath: '/api/auth',
  plugins: [twoFactorClient(), passkeyClient()],
  fetchOptions: {
    onRequest: (context) => {
      context.headers.set('Accept-Language', document.documentElement.lang || 'en');
      context.headers.set('X-Kept', '1');
      return context;
    },
  },
});

type Answer<Value> = { readonly data: Value | null; readonly error: object | null };

/** What the server explained (problem details); without an answer the status is 0. */
type Explained = {
  status?: number;
  title?: string;
  detail?: string;
  action?: string;
  code?: string;
  message?: string;
};

/** The value of an answer of Better Auth, or its problem thrown as ours. */
export async function answered<Value>(asking: Promise<Answer<Value>>): Promise<Value> {
  const { data, error } = await asking.catch((cause: unknown) => {
    throw new ApiProblem({ status: 0 }, { cause });
  });
  if (error === null) return data as Value;
  const { status = 0, message = '', ...explained } = error as Explained;
  throw new ApiProblem({ detail: message, ...explained, status });
}
