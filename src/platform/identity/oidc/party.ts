import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { JSONWebKeySet } from 'jose';
import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  clockSkew,
  clockTolerance,
  customFetch,
  discovery,
  type ExportedJWKSCache,
  enableNonRepudiationChecks,
  getJwksCache,
  type JWKS,
  modifyAssertion,
  None,
  PrivateKeyJwt,
  type ServerMetadata,
  setJwksCache,
} from 'openid-client';
import type { World } from '../../world.ts';
import type { ClientSecret, ProviderSettings } from './settings.ts';
import { trusting, Untrusted } from './untrusted.ts';

/** Seconds by which the provider's clock may differ from ours. */
export const skewSeconds = 60;

/** Discovery is read again after so many minutes. */
const discoveryMinutes = 60;

/** For an unknown key the keys are read again, but not twice within so many seconds. */
const rereadSeconds = 10;

/** Keys that are so old are read again, known or not. */
const keysSeconds = 300;

/** Algorithms an ID token may be signed with: by a key that only the provider has (RFC 8725, 3.2). */
export const signatures = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/** A provider as it is set up. */
export interface Provider {
  readonly enabled: boolean;
  readonly settings: ProviderSettings;
  readonly revision: number;
  readonly secret: ClientSecret;
}

interface Known {
  readonly metadata: ServerMetadata;
  readonly readAt: Temporal.Instant;
  keys: ExportedJWKSCache | null;
  keysAskedAt: Temporal.Instant | null;
}

/** Our side of OpenID Connect: what it knows of a provider, and the library configured by that. */
export interface RelyingParty {
  /** Fetches what the provider says of itself. @throws Untrusted */
  discover(settings: ProviderSettings): Promise<ServerMetadata>;
  /** A configuration for one use; afterwards give it to `remember`. @throws Untrusted */
  configure(provider: Provider): Promise<Configuration>;
  /** Keeps keys that were read meanwhile. */
  remember(provider: Provider, configuration: Configuration): void;
  /**
   * The provider's keys; `again` reads them once more, as far as that is allowed by now.
   *
   * @throws Untrusted
   */
  keys(provider: Provider, again: boolean): Promise<JSONWebKeySet>;
  readonly ask: typeof fetch;
}

/**
 * @param ask for everything that goes out: checks addresses, limits answers, follows no redirect
 */
export function createRelyingParty(world: World, ask: typeof fetch): RelyingParty {
  const known = new Map<string, Known>();
  const place = ({ settings, revision }: Provider) => `${revision} ${settings.issuer}`;
  const findOut = async (provider: Provider): Promise<Known> => {
    const found = known.get(place(provider));
    const oldest = world.now().subtract({ minutes: discoveryMinutes });
    if (found && Temporal.Instant.compare(found.readAt, oldest) > 0) return found;
    const metadata = await discover(provider.settings, ask);
    const fresh = { metadata, readAt: world.now(), keys: null, keysAskedAt: null };
    // One provider at a time: an older revision is of no use any more.
    known.clear();
    known.set(place(provider), fresh);
    return fresh;
  };
  return {
    ask,
    discover: (settings) => discover(settings, ask),
    async configure(provider) {
      const it = await findOut(provider);
      const configuration = configurationOf(world, provider, it.metadata, ask);
      const keys = keysFor(it, world.now());
      if (keys) setJwksCache(configuration, keys);
      return configuration;
    },
    remember(provider, configuration) {
      const it = known.get(place(provider));
      const keys = getJwksCache(configuration);
      // What the library has not read itself is older than it may be said to be.
      if (!it || !keys || epochSeconds() - keys.uat >= 60) return;
      if (keys.uat !== it.keys?.uat) it.keysAskedAt = world.now();
      it.keys = structuredClone(keys);
    },
    async keys(provider, again) {
      const it = await findOut(provider);
      const old = !it.keys || epochSeconds() - it.keys.uat >= keysSeconds;
      if (old || (again && mayReread(it, world.now()))) {
        it.keysAskedAt = world.now();
        it.keys = { jwks: await readKeys(it.metadata, ask), uat: epochSeconds() };
      }
      return (it.keys?.jwks ?? { keys: [] }) as JSONWebKeySet;
    },
  };
}

async function readKeys(metadata: ServerMetadata, ask: typeof fetch): Promise<JWKS> {
  const answer = await trusting(() => ask(metadata.jwks_uri ?? ''));
  const body = answer.status === 200 ? await answer.json().catch(() => null) : null;
  const { keys } = (typeof body === 'object' && body !== null ? body : {}) as Partial<JWKS>;
  if (!Array.isArray(keys)) throw new Untrusted('notConform', { said: 'jwks_uri' });
  return { keys };
}

function mayReread(it: Known, now: Temporal.Instant): boolean {
  const asked = it.keysAskedAt;
  return !asked || asked.until(now).total('seconds') >= rereadSeconds;
}

/**
 * The keys as the library takes them. It reads them again for an unknown `kid` only if they are a
 * minute old; a provider that changes keys makes people wait for that, so they are said to be so old
 * as soon as ours allow it: once within `rereadSeconds`, whatever tokens somebody sends.
 */
function keysFor(it: Known, now: Temporal.Instant): ExportedJWKSCache | null {
  if (!it.keys) return null;
  const { jwks, uat } = it.keys;
  const said = mayReread(it, now) ? Math.min(uat, epochSeconds() - 60) : uat;
  return { jwks: structuredClone(jwks), uat: said };
}

/** Of the library's clock, which is the machine's. */
function epochSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

async function discover(settings: ProviderSettings, ask: typeof fetch): Promise<ServerMetadata> {
  const { issuer, clientId } = settings;
  const server = new URL(issuer);
  const plain = server.protocol === 'http:';
  const found = await trusting(() =>
    discovery(server, clientId, undefined, None(), {
      algorithm: 'oidc',
      [customFetch]: ask as never,
      ...(plain ? { execute: [allowInsecureRequests] } : {}),
    }),
  );
  const metadata = { ...found.serverMetadata() };
  // The library compares as URLs and lets tenants of Entra ID pass; we compare letter by letter.
  if (metadata.issuer !== issuer) throw new Untrusted('discoveryIssuer', { said: metadata.issuer });
  for (const endpoint of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const) {
    if (!isAddress(metadata[endpoint], plain)) {
      throw new Untrusted('discoveryIncomplete', { said: endpoint });
    }
  }
  return metadata;
}

/** People are sent to addresses of the provider: nowhere but to the web. */
export function isAddress(text: string | undefined, plain: boolean): boolean {
  if (!text || !URL.canParse(text)) return false;
  const { protocol } = new URL(text);
  return protocol === 'https:' || (plain && protocol === 'http:');
}

function configurationOf(
  world: World,
  { settings, secret }: Provider,
  metadata: ServerMetadata,
  ask: typeof fetch,
): Configuration {
  const offered = metadata.id_token_signing_alg_values_supported ?? ['RS256'];
  const server = {
    ...metadata,
    id_token_signing_alg_values_supported: offered.filter((alg) =>
      (signatures as readonly string[]).includes(alg),
    ),
  };
  const ahead = Math.round(world.now().epochMilliseconds / 1000 - Date.now() / 1000);
  const client = { [clockSkew]: ahead, [clockTolerance]: skewSeconds };
  const configuration = new Configuration(
    server,
    settings.clientId,
    client,
    clientAuth(settings, secret, metadata),
  );
  configuration.timeout = 10;
  configuration[customFetch] = ask as never;
  // The signature is checked although the token came straight from the provider by TLS.
  enableNonRepudiationChecks(configuration);
  if (settings.issuer.startsWith('http:')) allowInsecureRequests(configuration);
  return configuration;
}

function clientAuth(
  { authentication }: ProviderSettings,
  secret: ClientSecret,
  metadata: ServerMetadata,
): ClientAuth {
  if (authentication === 'key') {
    return 'pem' in secret ? keyAuth(secret.pem) : unusable();
  }
  if (!('secret' in secret)) return unusable();
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic')
    ? ClientSecretBasic(secret.secret)
    : ClientSecretPost(secret.secret);
}

function unusable(): never {
  throw new Untrusted('keyUnusable');
}

/** Proves by a key (RFC 7523); Entra ID wants to be told by which certificate (RFC 7515, 4.1.8). */
function keyAuth(pem: string): ClientAuth {
  const { key, algorithm, thumbprint } = readPem(pem);
  let ready: Promise<CryptoKey> | null = null;
  return async (as, client, body, headers) => {
    ready ??= crypto.subtle.importKey('pkcs8', key, algorithm, false, ['sign']);
    const auth = PrivateKeyJwt(await ready, {
      [modifyAssertion]: (header) => {
        if (thumbprint) header['x5t#S256'] = thumbprint;
      },
    });
    await auth(as, client, body, headers);
  };
}

interface ReadKey {
  readonly key: Uint8Array<ArrayBuffer>;
  readonly algorithm: RsaHashedImportParams | EcKeyImportParams;
  /** SHA-256 of the certificate, base64url; null where none was given. */
  readonly thumbprint: string | null;
}

/** Reads a private key, and a certificate where one stands beside it. @throws Untrusted `keyUnusable` */
export function readPem(pem: string): ReadKey {
  try {
    const key = createPrivateKey(pem);
    const certificate = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(pem);
    const algorithm =
      key.asymmetricKeyType === 'ec'
        ? { name: 'ECDSA', namedCurve: 'P-256' }
        : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const exported = new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }));
    const thumbprint = certificate
      ? Buffer.from(new X509Certificate(certificate[0]).fingerprint256.replaceAll(':', ''), 'hex')
      : null;
    return { key: exported, algorithm, thumbprint: thumbprint?.toString('base64url') ?? null };
  } catch (cause) {
    throw new Untrusted('keyUnusable', { cause });
  }
}
