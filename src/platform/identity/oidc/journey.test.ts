import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outgoing } from '../../http/outgoing.ts';
import type { TestBrowser } from '../../testing/browser.ts';
import { type TestWorld, testWorld } from '../../testing/world.ts';
import { identityApp, registered } from '../testing.ts';
import { type RunningProvider, startProvider } from './provider.fixture.ts';
import { linkPerson, placeOf, setUpProvider } from './testing.ts';

/** The whole way through a provider that others wrote, over real sockets. */
let world: TestWorld;
let app: Awaited<ReturnType<typeof identityApp>>;
let provider: RunningProvider;

beforeAll(async () => {
  world = await testWorld({ start: Temporal.Now.instant().toString() });
  app = await identityApp(world, {}, { ask: outgoing({ internalHosts: ['127.0.0.1'] }) });
  // Its back-channel messages come to the app as they would by the network.
  const send: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const host = new URL(world.url).host;
    const headers = { 'content-type': request.headers.get('content-type') ?? '', host };
    const body = await request.text();
    return app.app.request(request.url, { method: request.method, headers, body });
  };
  provider = await startProvider(world.url, send);
  await setUpProvider(
    world,
    { issuer: provider.issuer, ...provider.client },
    { endProviderSession: true },
  );
  const hana = await registered(world, 'Hana Sato', 'employee');
  await linkPerson(world, hana.id, 'id-hana');
  const claims = { name: 'Hana Sato', email: 'hana@example.com' };
  provider.accounts.set('hana', { sub: 'id-hana', claims, amr: ['pwd', 'otp', 'mfa'] });
  provider.accounts.set('hasty', { sub: 'id-hana', claims, amr: ['pwd'] });
});

afterAll(() => provider.end());

/** What a browser keeps of the provider, and how it walks there. */
class Visitor {
  readonly #cookies = new Map<string, string>();

  async go(url: string, form?: Record<string, string>): Promise<Response> {
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return answer;
  }

  /** Follows redirects within the provider; answers with the first page, or the way back to Kept. */
  async follow(url: string, form?: Record<string, string>): Promise<Response> {
    let answer = await this.go(url, form);
    for (let at = url; answer.status >= 300 && answer.status < 400; ) {
      at = new URL(answer.headers.get('location') ?? '', at).href;
      if (!at.startsWith(provider.issuer)) return answer;
      answer = await this.go(at);
    }
    return answer;
  }
}

/** Signs in as somebody of the provider; the answer is Kept's redirect at the end. */
async function signIn(browser: TestBrowser, visitor: Visitor, name: string, next?: string) {
  const begun = await browser.post('/api/auth/sign-in/provider', next ? { next } : {});
  let answer = await visitor.go(begun.body['location'] as string);
  const page = new URL(answer.headers.get('location') ?? '', provider.issuer).href;
  answer = page.startsWith(`${provider.issuer}/interaction`)
    ? await visitor.follow(page, { name })
    : answer;
  const back = new URL(answer.headers.get('location') ?? '');
  return browser.get(`${back.pathname}${back.search}`, { 'sec-fetch-site': 'cross-site' });
}

describe('sign-in by a real provider', () => {
  test('lands where the link led, with a session that says by what', async () => {
    const browser = app.browser();
    const shown = await browser.get('/api/auth/provider');
    expect(shown.body).toEqual({
      provider: { label: 'Example ID', kind: 'oidc' },
      demo: false,
      problem: null,
    });
    const answer = await signIn(browser, new Visitor(), 'hana', '/console/findings?open=7');
    expect(answer.headers.get('location')).toBe('/console/findings?open=7');
    expect(answer.headers.get('set-cookie')).toMatch(
      /^kept\.session_token=.*HttpOnly; SameSite=Strict$/,
    );
    const sessions = await browser.get('/api/v1/sessions');
    expect(sessions.body['items']).toMatchObject([{ proof: ['provider'], current: true }]);
  });

  test('without a second factor is refused, and the guard of ACC-3 noSessionWithoutSecondFactor says so', async () => {
    const browser = app.browser();
    const answer = await signIn(browser, new Visitor(), 'hasty');
    expect(placeOf(answer).searchParams.get('refused')).toBe('secondFactorUnproven');
    expect((await browser.get('/api/v1/me')).status).toBe(401);
  });

  test('signing out of Kept signs out of the provider, which says so back', async () => {
    const visitor = new Visitor();
    const here = app.browser();
    const there = app.browser();
    await signIn(here, visitor, 'hana');
    await signIn(there, visitor, 'hana');
    const alone = app.browser();
    await signIn(alone, new Visitor(), 'hana');
    expect((await there.get('/api/v1/me')).status).toBe(200);

    const out = await here.post('/api/auth/provider/sign-out');
    expect((await here.get('/api/v1/me')).status).toBe(401);
    const asked = await (await visitor.go(out.body['location'] as string)).text();
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(asked)?.[1] ?? '';
    const done = await visitor.go(`${provider.issuer}/session/end/confirm`, {
      xsrf,
      logout: 'yes',
    });
    expect(done.headers.get('location')).toMatch(/^http:\/\/localhost:4747\/sign-in/);
    // The provider told Kept by the back channel: the other browser of that session is out at once.
    expect((await there.get('/api/v1/me')).status).toBe(401);
    // A session of another browser at the provider goes on.
    expect((await alone.get('/api/v1/me')).status).toBe(200);
  });
});
