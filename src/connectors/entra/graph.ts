import type { Instant } from '../../kernel/instant.ts';
import {
  ChangesLost,
  type Link,
  SourceProblem,
} from '../../registers/connections/facts.connector.ts';
import type { EntraSecret, EntraSettings } from './facts.ts';

export type EntraLink = Link<EntraSettings, EntraSecret>;

/** Microsoft Graph said no to one request, for want of a permission or of a licence. */
export class GraphForbidden extends Error {
  override readonly name = 'GraphForbidden';
}

/** An object of a page; every value is looked at before it is believed. */
export type GraphObject = Readonly<Record<string, unknown>>;

export interface GraphPage {
  readonly value: readonly GraphObject[];
  readonly nextLink: string | null;
  readonly deltaLink: string | null;
}

/** Microsoft Graph v1.0 with an application's own token (OAuth 2.0 client credentials). */
export interface Graph {
  /** @param address a path below `/v1.0`, or a link that Graph gave */
  page(address: string): Promise<GraphPage>;
  /** @returns what stands by itself at a path below `/v1.0`: no list, and no pages */
  object(path: string): Promise<GraphObject>;
  send(method: 'PATCH' | 'POST' | 'DELETE', path: string, body?: object): Promise<void>;
}

export function graphOf(link: EntraLink): Graph {
  const token = tokenOf(link);
  const ask = async (address: string, init: RequestInit = {}): Promise<Response> => {
    const url = addressOf(link, address);
    const answer = await withToken(link, url, init, await token.current());
    // A token may end sooner than it says.
    if (answer.status !== 401) return answer;
    return await withToken(link, url, init, await token.renew());
  };
  const bodyAt = async (address: string): Promise<unknown> => {
    const answer = await ask(address);
    if (!answer.ok) throw await problemOf(answer);
    return await answer.json();
  };
  return {
    page: async (address) => pageOf(await bodyAt(address)),
    object: async (path) => objectOf(await bodyAt(path)),
    async send(method, path, body) {
      const answer = await ask(path, {
        method,
        ...(body
          ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
          : {}),
      });
      // What is already gone is no error.
      if (answer.ok || (answer.status === 404 && method === 'DELETE')) return;
      throw await problemOf(answer);
    },
  };
}

/** The token goes to Graph and nowhere else, whatever a link says. */
function addressOf({ settings }: EntraLink, address: string): URL {
  const url = address.startsWith('/')
    ? new URL(`${settings.graphUrl}/v1.0${address}`)
    : new URL(address);
  if (url.origin !== settings.graphUrl)
    throw new SourceProblem('unexpectedAnswer', 'a link leads away from Microsoft Graph');
  return url;
}

/** Pages as large as they come: for users and groups Graph gives up to 999 at a time. */
function withToken(link: EntraLink, url: URL, init: RequestInit, token: string): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${token}`);
  headers.set('accept', 'application/json');
  if (!init.method) headers.set('prefer', 'odata.maxpagesize=999');
  return link.fetch(url, { ...init, headers });
}

/** Seconds before its end at which a token is no longer used. */
const sparedSeconds = 300;

function tokenOf(link: EntraLink) {
  let held: { readonly token: string; readonly until: Instant } | null = null;
  const renew = async (): Promise<string> => {
    held = await askToken(link);
    return held.token;
  };
  return {
    renew,
    current: async () =>
      held && Temporal.Instant.compare(link.now(), held.until) < 0 ? held.token : await renew(),
  };
}

async function askToken({ settings, secret, fetch, now }: EntraLink) {
  const { loginUrl, graphUrl, tenantId, clientId } = settings;
  const answer = await fetch(`${loginUrl}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret.clientSecret,
      scope: `${graphUrl}/.default`,
    }),
  });
  const body = (await answer.json().catch(() => ({}))) as {
    access_token?: unknown;
    expires_in?: unknown;
    error?: unknown;
    error_codes?: readonly unknown[];
  };
  if (!answer.ok || typeof body.access_token !== 'string') {
    const said = [body.error, ...(body.error_codes ?? []).map((code) => `AADSTS${code}`)];
    const message = said.filter(Boolean).join(' ') || `status ${answer.status}`;
    throw new SourceProblem(answer.status >= 500 ? 'sourceFails' : 'signInRefused', message);
  }
  const seconds = typeof body.expires_in === 'number' ? body.expires_in : 3600;
  return {
    token: body.access_token,
    until: now().add({ seconds: Math.max(0, seconds - sparedSeconds) }),
  };
}

function pageOf(body: unknown): GraphPage {
  const { value, ...links } = (body ?? {}) as Record<string, unknown>;
  if (!Array.isArray(value)) throw new SourceProblem('unexpectedAnswer', 'a page without values');
  const linkOf = (name: string) => (typeof links[name] === 'string' ? links[name] : null);
  return {
    value,
    nextLink: linkOf('@odata.nextLink'),
    deltaLink: linkOf('@odata.deltaLink'),
  };
}

function objectOf(body: unknown): GraphObject {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new SourceProblem('unexpectedAnswer', 'no object where one was asked for');
  return body as GraphObject;
}

async function problemOf(answer: Response): Promise<Error> {
  const { error = {} } = (await answer.json().catch(() => ({}))) as {
    error?: { code?: string; message?: string };
  };
  const message = [answer.status, error.code, error.message].filter(Boolean).join(' ');
  if (answer.status === 410) return new ChangesLost(message);
  if (answer.status === 403) return new GraphForbidden(message);
  if (answer.status === 401) return new SourceProblem('signInRefused', message);
  if (answer.status === 429) return new SourceProblem('throttled', message);
  return new SourceProblem(answer.status >= 500 ? 'sourceFails' : 'unexpectedAnswer', message);
}
