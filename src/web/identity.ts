/** Sign-in, second factors, passkeys and sessions, by Better Auth's own client at `/api/auth`. */
import { passkeyClient } from '@better-auth/passkey/client';
import { createAuthClient } from 'better-auth/react';
import { twoFactorClient } from 'better-auth/client/plugins';

export const identity = createAuthClient({ basePath: '/api/auth', plugins: [twoFactorClient(), passkeyClient()] });
