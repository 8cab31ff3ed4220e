import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answered, TestBrowser, totp } from '../src/platform/testing/browser.ts';
import {
  endKept,
  type KeptProcess,
  localCredentials,
  runKept,
  startKept,
} from '../src/server/process.fixture.ts';

/** A Kept of the test's own: a real process on a folder and a port of its own. */
export interface Installation {
  readonly kept: KeptProcess;
  readonly folder: string;
  readonly url: string;
  /** Asks as the command line of this machine does. */
  local(method: string, path: string, body?: object): Promise<Answered>;
  /** Runs `kept` against it; throws what it said where it failed. */
  cli(...args: readonly string[]): Promise<string>;
  /** Personas and tokens of the sample company. */
  demo(): Promise<Demo>;
  /** Ends it and removes its folder. */
  end(): Promise<void>;
}

export interface Demo {
  readonly personas: readonly {
    readonly id: string;
    readonly name: string;
    readonly roles: readonly string[];
  }[];
  /** An API token by role. */
  readonly tokens: Readonly<Record<string, string>>;
}

export const password = 'marmot juggles nine teacups';

/** Somebody who is signed in, and the secret of their authenticator app. */
export interface SignedIn {
  readonly id: string;
  readonly email: string;
  readonly secret: string;
  readonly browser: TestBrowser;
}

/** Starts `kept up`, or the demo with its sample company, on an empty folder. */
export async function install(
  command: 'up' | 'demo' = 'up',
  settings: Readonly<Record<string, string>> = {},
): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'kept-e2e-'));
  const env = { ...settings, KEPT_DATA: join(folder, 'kept') };
  // Making the sample company takes a while: who works on a journey names the folder of one.
  const made = command === 'demo' ? process.env['KEPT_DEMO'] : undefined;
  if (made) await cp(made, env.KEPT_DATA, { recursive: true });
  const kept = startKept([command], env);
  const end = async (): Promise<void> => {
    await endKept(kept, env.KEPT_DATA);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = await kept.ready();
    return {
      kept,
      folder,
      url,
      local: async (method, path, body) => {
        const { token } = await localCredentials(env.KEPT_DATA);
        const headers = { authorization: `Bearer ${token}` };
        return newBrowser(url).send(method, path, body, headers);
      },
      cli: async (...args) => {
        const { code, said } = await runKept(args, env);
        if (code !== 0) throw new Error(`kept ${args.join(' ')} ended with ${code}: ${said}`);
        return said;
      },
      demo: async () =>
        JSON.parse(await readFile(join(env.KEPT_DATA, 'demo.json'), 'utf8')) as Demo,
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** A client that keeps cookies, over the real network of this machine. */
export function newBrowser(url: string): TestBrowser {
  return new TestBrowser((path, init) => fetch(path, init), url);
}

/** The one-time link that a fresh installation prints. */
export async function setupLink({ kept }: Installation): Promise<string> {
  const [link = ''] = await kept.line(/http\S+\/setup#\S+/);
  return link;
}

/** Organisation, first administrator with an authenticator app, first policy: as the page does it. */
export async function setUp(installation: Installation): Promise<SignedIn> {
  const browser = newBrowser(installation.url);
  const token = new URL(await setupLink(installation)).hash.slice(1);
  const email = 'ren@example.com';
  expectOk(
    await browser.post('/api/v1/setup', {
      token,
      organisation: {
        name: 'Example Brewing',
        zone: 'Asia/Tokyo',
        languages: ['en', 'ja'],
        domain: 'example.com',
      },
      administrator: { name: 'Ito Ren', email, password },
    }),
  );
  const secret = await enrol(browser);
  expectOk(await browser.post('/api/v1/setup/publish'));
  const { body } = expectOk(await browser.get('/api/v1/me'));
  return { id: (body['person'] as { id: string }).id, email, secret, browser };
}

/** Registers a person, who accepts their invitation and enrols an authenticator app. */
export async function register(
  installation: Installation,
  name: string,
  roles: readonly string[],
): Promise<SignedIn> {
  const email = `${name.toLowerCase().replace(/\W+/g, '.')}@example.com`;
  const registered = expectOk(
    await installation.local('POST', '/api/v1/people', { name, email, roles }),
  );
  return await accept(installation, { id: String(registered.body['id']), email });
}

/** Somebody who is registered accepts their invitation and enrols an authenticator app. */
export async function accept(
  installation: Installation,
  { id, email }: { readonly id: string; readonly email: string },
): Promise<SignedIn> {
  const invited = expectOk(
    await installation.local('POST', '/api/v1/invitations', { personId: id }),
  );
  const token = new URL(String(invited.body['link'])).hash.slice(1);
  const browser = newBrowser(installation.url);
  expectOk(await browser.post('/api/v1/invitations/accept', { token, password }));
  return { id, email, secret: await enrol(browser), browser };
}

async function enrol(browser: TestBrowser): Promise<string> {
  const begun = expectOk(await browser.post('/api/auth/two-factor/enable', { password }));
  const secret = new URL(String(begun.body['totpURI'])).searchParams.get('secret') ?? '';
  const code = totp(secret, Date.now());
  expectOk(await browser.post('/api/auth/two-factor/verify-totp', { code }));
  return secret;
}

/** An answer that is what was hoped for, or an error with all of it. */
export function expectOk(answer: Answered): Answered {
  if (answer.status === 200) return answer;
  throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
}

/** Asks again until the answer fits; the programs under test work at their own pace. */
export async function until<T>(
  what: string,
  ask: () => Promise<T>,
  fits: (answer: T) => boolean,
  limitMs = 60_000,
): Promise<T> {
  const begunMs = performance.now();
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    if (performance.now() - begunMs > limitMs) {
      throw new Error(`in ${limitMs} ms ${what} did not come: ${JSON.stringify(answer)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
