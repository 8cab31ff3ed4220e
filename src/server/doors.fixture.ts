/** Operations that anybody may call. Whoever adds one says here that it is meant to be so. */
export const publicOperations = [
  'listPromises',
  'readPublicPolicy',
  'readSetup',
  'submitVulnerabilityReport',
];

/** What stands beside the operations and asks nobody who they are; each has a lock of its own kind. */
export const publicDoors = [
  // The policy, its history, how to report a vulnerability: what is published.
  'GET /',
  'GET /.well-known/security.txt',
  'GET /contact',
  'GET /security.txt',
  'GET /promises/:id{[A-Z]{2,5}-[0-9]{1,3}}',
  'GET /versions',
  'GET /versions/:number{[0-9]{1,6}}',
  'POST /contact',
  'GET /certificates/:code',
  'POST /certificates/:code',
  'GET /erasures/:code',
  // Documents, pages and files: nothing that is anybody's.
  'GET /api/v1/openapi.json',
  'GET /assets/*',
  'GET /console',
  'GET /console/*',
  'GET /fonts/:name',
  'GET /invite',
  'GET /mark.svg',
  'GET /policy.css',
  'GET /policy.{digest}.css',
  'GET /setup',
  'GET /sign-in',
  // The ledger is there for strangers to verify.
  'GET /ledger/checkpoint',
  'GET /ledger/keys',
  'GET /ledger/proof/:index{[0-9]{1,15}}',
  'GET /ledger/tile/*',
  // How somebody becomes somebody: by what they know or hold, or by the secret of a link.
  'GET /api/auth/passkey/generate-authenticate-options',
  'GET /api/auth/state',
  'POST /api/auth/passkey/verify-authentication',
  'POST /api/auth/sign-in/email',
  'POST /api/auth/sign-out',
  // By the identity provider: its word is checked, and a sign-in is finished by who began it.
  'GET /api/auth/provider',
  'GET /api/auth/provider/callback',
  'POST /api/auth/provider/logout',
  'POST /api/auth/provider/sign-out',
  'POST /api/auth/sign-in/provider',
  'POST /api/v1/invitations/accept',
  'POST /api/v1/invitations/open',
  'POST /api/v1/setup',
  // By GitHub: each delivery is signed with the secret of its connection.
  'POST /hooks/github/:id',
];
