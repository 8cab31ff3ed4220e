import { Hono } from 'hono';
import { sql } from 'kysely';
import type { Env } from '../../platform/http/mount.ts';
import { security } from '../../platform/http/security.ts';
import { openPath } from '../../platform/mail/path.ts';
import type { TestWorld } from '../../platform/testing/world.ts';
import { readDictionary } from '../../platform/words.ts';
import type { Effect } from '../../policy/event.ts';
import { sources } from '../composition.ts';
import { portalPages } from './portal.ts';

export interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

type Ask = (path: string, init: RequestInit, bindings: object) => Response | Promise<Response>;

/** The portal as the server has it, behind the same guards. */
export async function portalOf(world: TestWorld): Promise<Ask> {
  const words = await readDictionary(sources);
  const app = new Hono<Env>();
  for (const guard of security({ world, words })) app.use(guard);
  app.route('/portal', (await portalPages(world, words)) as unknown as Hono<Env>);
  return (path, init, bindings) => app.request(path, init, bindings);
}

/** A browser without script: follows redirects, keeps cookies, sends the forms of the page it shows. */
export class FormBrowser {
  readonly cookies = new Map<string, string>();
  page: Page = { status: 0, headers: new Headers(), text: '' };
  readonly #ask: Ask;
  readonly #url: string;
  readonly #address: string;

  constructor(ask: Ask, url: string, address = '127.0.0.1') {
    this.#ask = ask;
    this.#url = url;
    this.#address = address;
  }

  async open(path: string, headers: Record<string, string> = {}): Promise<Page> {
    return this.#go('GET', path, null, headers);
  }

  /** Sends fields as the page's own form would: with its token, where it has one. */
  async send(
    path: string,
    fields: Readonly<Record<string, string | readonly string[]>>,
    headers: Record<string, string> = {},
  ): Promise<Page> {
    const body = new URLSearchParams();
    const token = this.token();
    if (token && !('token' in fields)) body.set('token', token);
    for (const [name, value] of Object.entries(fields)) {
      for (const each of typeof value === 'string' ? [value] : value) body.append(name, each);
    }
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.#go('POST', path, body.toString(), { ...type, ...headers });
  }

  async upload(path: string, fields: Readonly<Record<string, string>>, file: File): Promise<Page> {
    const form = new FormData();
    form.set('token', fields['token'] ?? this.token() ?? '');
    for (const [name, value] of Object.entries(fields)) if (name !== 'token') form.set(name, value);
    form.set('file', file);
    const request = new Request(`${this.#url}${path}`, { method: 'POST', body: form });
    const type = { 'content-type': request.headers.get('content-type') ?? '' };
    return this.#go('POST', path, new Uint8Array(await request.arrayBuffer()), type);
  }

  token(): string | undefined {
    return /name="token" value="([^"]+)"/.exec(this.page.text)?.[1];
  }

  async raw(
    method: string,
    path: string,
    body: BodyInit | null,
    given: Record<string, string>,
  ): Promise<Response> {
    const headers = new Headers({
      host: new URL(this.#url).host,
      'user-agent': 'Firefox/140 Linux',
    });
    if (method !== 'GET') {
      headers.set('origin', this.#url);
      headers.set('sec-fetch-site', 'same-origin');
    }
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    if (cookie) headers.set('cookie', cookie);
    for (const [name, value] of Object.entries(given)) {
      if (value === '') headers.delete(name);
      else headers.set(name, value);
    }
    const bindings = { incoming: { socket: { remoteAddress: this.#address } } };
    const response = await this.#ask(`${this.#url}${path}`, { method, headers, body }, bindings);
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0\b/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  async #go(
    method: string,
    path: string,
    body: BodyInit | null,
    given: Record<string, string>,
  ): Promise<Page> {
    const response = await this.raw(method, path, body, given);
    const to = response.headers.get('location');
    if (response.status === 303 && to) return this.#go('GET', to, null, {});
    const { status, headers } = response;
    this.page = { status, headers, text: await response.text() };
    return this.page;
  }
}

/** The path in the last mail that was sent of a template, as its reader would open it. */
export function mailedPath(world: TestWorld, template: string): string {
  const mail = world.sent.findLast(
    (effect): effect is Effect & { kind: 'customerMail' } =>
      effect.kind === 'customerMail' && effect.template === template,
  );
  if (!mail) throw new Error(`no mail ${template}`);
  return openPath(world.keys, mail.path);
}

/** Signs a browser in as whoever has an address, by the link that is mailed to it. */
export async function signedIn(
  world: TestWorld,
  browser: FormBrowser,
  address: string,
): Promise<FormBrowser> {
  await browser.open('/portal/sign-in?lang=en');
  await browser.send('/portal/sign-in', { address });
  const path = mailedPath(world, 'portal.signIn');
  await browser.open(path);
  await browser.send(path, {});
  return browser;
}

/** Types of the entries that the ledger has about an account, oldest first. */
export async function entriesOf(world: TestWorld, customerId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ type: string }>`
    select type from ledger_entry where subject = ${`customer/${customerId}`} order by seq`.execute(
    world.database.db,
  );
  return rows.map(({ type }) => type);
}
