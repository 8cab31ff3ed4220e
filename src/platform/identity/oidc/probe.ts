import type { ServerMetadata } from 'openid-client';
import { isAddress, type RelyingParty, readPem, signatures } from './party.ts';
import { type ClientSecret, type ProviderSettings, settingsFault } from './settings.ts';
import { Untrusted } from './untrusted.ts';

/** What a test of the provider looked at; its sentences are `provider.probe.<about>`. */
export const probed = [
  'settings',
  'discovery',
  'keys',
  'algorithms',
  'pkce',
  'client',
  'secondFactor',
  'roles',
  'signOut',
  'backChannel',
] as const;

export interface Probed {
  readonly about: (typeof probed)[number];
  /** `missing` keeps people from signing in; `without` only from something that is said. */
  readonly state: 'found' | 'without' | 'missing';
  /** What was found, as the provider writes it; or the reason why nothing was. */
  readonly found: string;
}

/**
 * Asks the provider what it says of itself, and says what signing in will find and what it will
 * miss. Signs nobody in, and writes nothing.
 */
export async function probe(
  party: RelyingParty,
  settings: ProviderSettings,
  secret: ClientSecret | null,
): Promise<readonly Probed[]> {
  const fault = settingsFault(settings);
  const first: Probed = fault
    ? { about: 'settings', state: 'missing', found: fault }
    : { about: 'settings', state: 'found', found: settings.issuer };
  let metadata: ServerMetadata;
  try {
    metadata = await party.discover(settings);
  } catch (thrown) {
    if (!(thrown instanceof Untrusted)) throw thrown;
    return [first, { about: 'discovery', state: 'missing', found: thrown.message }];
  }
  return [
    first,
    { about: 'discovery', state: 'found', found: metadata.issuer },
    await keysOf(party, settings, metadata),
    algorithmsOf(metadata),
    pkceOf(settings, metadata),
    clientOf(settings, secret, metadata),
    secondFactorOf(settings, metadata),
    rolesOf(settings, metadata),
    signOutOf(settings, metadata),
    metadata['backchannel_logout_supported'] === true
      ? { about: 'backChannel', state: 'found', found: '' }
      : { about: 'backChannel', state: 'without', found: '' },
  ];
}

async function keysOf(
  party: RelyingParty,
  settings: ProviderSettings,
  metadata: ServerMetadata,
): Promise<Probed> {
  const uri = metadata.jwks_uri ?? '';
  const answer = await party.ask(uri).catch(() => null);
  const body = answer?.status === 200 ? await answer.json().catch(() => null) : null;
  const count = Array.isArray(body?.keys) ? body.keys.length : 0;
  if (count === 0 || !isAddress(uri, settings.issuer.startsWith('http:'))) {
    return { about: 'keys', state: 'missing', found: uri };
  }
  return { about: 'keys', state: 'found', found: String(count) };
}

function algorithmsOf(metadata: ServerMetadata): Probed {
  const offered = metadata.id_token_signing_alg_values_supported ?? ['RS256'];
  const usable = offered.filter((alg) => (signatures as readonly string[]).includes(alg));
  return usable.length > 0
    ? { about: 'algorithms', state: 'found', found: usable.join(', ') }
    : { about: 'algorithms', state: 'missing', found: offered.join(', ') };
}

/** Entra ID does PKCE and does not say so. */
function pkceOf({ kind }: ProviderSettings, metadata: ServerMetadata): Probed {
  const offered = metadata.code_challenge_methods_supported ?? [];
  const known = offered.includes('S256') || kind === 'entra';
  return { about: 'pkce', state: known ? 'found' : 'without', found: offered.join(', ') };
}

/** Whether the provider takes what Kept proves itself with. */
function clientOf(
  { authentication }: ProviderSettings,
  secret: ClientSecret | null,
  metadata: ServerMetadata,
): Probed {
  const offered = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const about = 'client';
  if (!secret) return { about, state: 'missing', found: 'secretMissing' };
  if (authentication === 'key') {
    if (!('pem' in secret)) return { about, state: 'missing', found: 'keyUnusable' };
    try {
      readPem(secret.pem);
    } catch {
      return { about, state: 'missing', found: 'keyUnusable' };
    }
    const taken = offered.includes('private_key_jwt');
    return { about, state: taken ? 'found' : 'missing', found: offered.join(', ') };
  }
  if (!('secret' in secret)) return { about, state: 'missing', found: 'secretMissing' };
  const taken = offered.some((each) => /^client_secret_(?:basic|post)$/.test(each));
  return { about, state: taken ? 'found' : 'missing', found: offered.join(', ') };
}

/** That a claim is not announced proves nothing: it may come all the same. */
function secondFactorOf({ secondFactor }: ProviderSettings, metadata: ServerMetadata): Probed {
  const { amr, acr, acrs } = secondFactor;
  const classes = metadata['acr_values_supported'];
  const wanted = [...amr.map((each) => `amr=${each}`), ...acr.map((each) => `acr=${each}`)];
  if (acrs) wanted.push(`acrs=${acrs}`);
  const offered = Array.isArray(classes) && acr.some((each) => classes.includes(each));
  const announced = offered || announces(metadata, 'amr') || announces(metadata, 'acrs');
  return {
    about: 'secondFactor',
    state: announced ? 'found' : 'without',
    found: wanted.join(', '),
  };
}

function rolesOf({ rolesFrom, rolesClaim }: ProviderSettings, metadata: ServerMetadata): Probed {
  if (rolesFrom === 'register') return { about: 'roles', state: 'found', found: '' };
  const [name = rolesClaim] = rolesClaim.split('.');
  const announced = announces(metadata, name);
  return { about: 'roles', state: announced ? 'found' : 'without', found: rolesClaim };
}

function signOutOf({ issuer }: ProviderSettings, metadata: ServerMetadata): Probed {
  const offered = isAddress(metadata.end_session_endpoint, issuer.startsWith('http:'));
  return { about: 'signOut', state: offered ? 'found' : 'without', found: '' };
}

function announces(metadata: ServerMetadata, claim: string): boolean {
  return metadata.claims_supported?.includes(claim) ?? false;
}
