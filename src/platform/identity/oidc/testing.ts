import { execute } from '../../execute.ts';
import type { Answered, TestBrowser } from '../../testing/browser.ts';
import type { World } from '../../world.ts';
import type { FakeProvider } from './fake.provider.ts';
import { linkFlow } from './flow.link.ts';
import { providerFlow } from './flow.provider.ts';
import { type ProviderSettings, shippedSettings } from './settings.ts';
import { secretPurpose } from './store.ts';

const operator = { kind: 'system', id: 'test' } as const;

/** Sets a provider up, as the settings page does, and switches it on. */
export async function setUpProvider(
  world: World,
  of: { readonly issuer: string; readonly id: string; readonly secret: string },
  changes: Partial<ProviderSettings> = {},
  revision = 0,
): Promise<void> {
  const settings: ProviderSettings = {
    ...shippedSettings,
    kind: 'oidc',
    label: 'Example ID',
    issuer: of.issuer,
    clientId: of.id,
    secondFactor: { amr: ['mfa'], acr: [], acrs: null },
    ...changes,
  };
  // What a private key is and what a secret is, is told by the settings.
  const secret = settings.authentication === 'key' ? { pem: of.secret } : { secret: of.secret };
  const plaintext = Buffer.from(JSON.stringify(secret));
  const sealed = Buffer.from(world.keys.seal(secretPurpose, plaintext)).toString('base64');
  const command = { revision, enabled: true, settings, sealed };
  const answer = await execute(world, providerFlow, command, operator);
  if (!answer.ok) throw new Error(answer.refusal.code);
}

/** Sets up a fake as it is. */
export function setUpFake(
  world: World,
  fake: FakeProvider,
  changes: Partial<ProviderSettings> = {},
  revision = 0,
): Promise<void> {
  return setUpProvider(world, { issuer: fake.issuer, ...fake.client }, changes, revision);
}

/** Links a person by the subject (Entra ID: the object id) that the provider will say. */
export async function linkPerson(
  world: World,
  personId: string,
  externalId: string,
): Promise<void> {
  const command = { do: 'linkIdentity', personId, externalId } as const;
  const answer = await execute(world, linkFlow, command, operator);
  if (!answer.ok) throw new Error(answer.refusal.code);
}

/** Begins a sign-in, and says where the provider sends the browser back to: path and query. */
export async function goToProvider(
  browser: TestBrowser,
  body: { readonly next?: string; readonly invitation?: string } = {},
): Promise<string> {
  const begun = await browser.post('/api/auth/sign-in/provider', body);
  if (begun.status !== 200) throw new Error(JSON.stringify(begun.body));
  const sent = await fetch(begun.body['location'] as string, { redirect: 'manual' });
  const back = new URL(sent.headers.get('location') ?? '');
  return `${back.pathname}${back.search}`;
}

/** Signs in at a fake; the answer is the redirect that ends it. */
export async function signInBy(
  browser: TestBrowser,
  body: { readonly next?: string; readonly invitation?: string } = {},
): Promise<Answered> {
  // As a browser does that comes from another site: without what our own pages say.
  return browser.get(await goToProvider(browser, body), { 'sec-fetch-site': 'cross-site' });
}

/** Where an answer sends the browser. */
export function placeOf(answer: Answered): URL {
  return new URL(answer.headers.get('location') ?? '/nowhere', 'http://localhost:4747');
}
