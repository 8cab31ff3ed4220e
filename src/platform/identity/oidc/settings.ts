import { z } from 'zod';
import { roles } from '../../../kernel/actor.ts';

/** Roles a provider may give: those of the staff. Customers and programs never come this way. */
export const mappableRoles = roles.filter((role) => role !== 'customer' && role !== 'service');

const word = z.string().trim().min(1).max(200);
const address = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .refine((text) => !/[?#\s]/.test(text));

/** How people sign in elsewhere: data, entered in the browser by the security officer. */
export const providerSettings = z.object({
  kind: z.enum(['entra', 'oidc']),
  /** What the button says: the provider's name as people know it. */
  label: z.string().trim().min(1).max(60),
  /** Exactly as the provider spells it in its tokens. */
  issuer: address,
  /** Of Entra ID; tokens of any other tenant are refused. */
  tenantId: z.uuid().toLowerCase().nullable(),
  clientId: word,
  /** How Kept proves itself to the provider: a client secret, or a key of its own (RFC 7523). */
  authentication: z.enum(['secret', 'key']),
  /** What proves a second factor; one of what is listed is enough. */
  secondFactor: z.object({
    /** Values of `amr` (RFC 8176), such as `mfa`. */
    amr: z.array(word).max(20),
    /** Values of `acr`, as the provider defines them. */
    acr: z.array(word).max(20),
    /** Authentication context of Entra ID, asked for and found in `acrs`: `c1` to `c99`. */
    acrs: z
      .string()
      .regex(/^c[1-9]\d?$/)
      .nullable(),
  }),
  /** Whether roles are given in Kept's register of people, or come from a claim of the provider. */
  rolesFrom: z.enum(['register', 'claim']),
  /** Name of that claim: `roles`, `groups`; with dots where it lies deeper. */
  rolesClaim: word,
  /** What a value of the claim means here. Values not named here mean nothing. */
  mapping: z.array(z.object({ value: word, role: z.enum(mappableRoles) })).max(500),
  /** Ask Microsoft Graph for the groups where a token has no room for them all. */
  askGraph: z.boolean(),
  graphUrl: address,
  /** Signing out of Kept also ends the session at the provider. */
  endProviderSession: z.boolean(),
  /** A login of Kept's own opens for named break-glass logins alone. */
  onlyWay: z.boolean().default(false),
});
export type ProviderSettings = z.output<typeof providerSettings>;

/** What the client proves itself with; sealed, and never shown again. */
export const clientSecret = z.union([
  z.object({ secret: z.string().trim().min(1).max(1000) }),
  /** Private key (PKCS #8) and, for Entra ID, its certificate, both PEM. */
  z.object({ pem: z.string().trim().min(1).max(20_000) }),
]);
export type ClientSecret = z.output<typeof clientSecret>;

export const shippedSettings: ProviderSettings = {
  kind: 'entra',
  label: 'Microsoft',
  issuer: 'https://login.microsoftonline.com/',
  tenantId: null,
  clientId: '',
  authentication: 'secret',
  secondFactor: { amr: ['mfa'], acr: [], acrs: 'c1' },
  rolesFrom: 'register',
  rolesClaim: 'roles',
  mapping: [],
  askGraph: false,
  graphUrl: 'https://graph.microsoft.com',
  endProviderSession: false,
  onlyWay: false,
};

export type SettingsFault = 'tenantMissing' | 'issuerNotOfTenant' | 'noProofOfSecondFactor';

/** What is wrong with settings that each field by itself does not show; null where nothing is. */
export function settingsFault(settings: ProviderSettings): SettingsFault | null {
  const { kind, tenantId, issuer, secondFactor } = settings;
  if (kind === 'entra') {
    if (!tenantId) return 'tenantMissing';
    // Single tenant: `common` and `organizations` would let in whoever has an account anywhere.
    if (new URL(issuer).pathname !== `/${tenantId}/v2.0`) return 'issuerNotOfTenant';
  }
  const { amr, acr, acrs } = secondFactor;
  return amr.length + acr.length === 0 && !acrs ? 'noProofOfSecondFactor' : null;
}

/** Where the provider sends people and messages; to be entered there. */
export function ownAddresses(url: string) {
  return {
    redirectUri: `${url}/api/auth/provider/callback`,
    signedOutUri: `${url}/sign-in`,
    backChannelUri: `${url}/api/auth/provider/logout`,
  };
}
