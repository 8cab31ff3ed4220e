import { createSign } from 'node:crypto';
import { z } from 'zod';
import { type Link, SourceProblem } from '../../registers/connections/facts.connector.ts';
import type { GithubSecret, GithubSettings } from './facts.ts';
import { Passes } from './passes.ts';

export type GithubLink = Link<GithubSettings, GithubSecret>;

/** A page of a list, and the number of the one after it; null after the last. */
export interface Page {
  readonly items: readonly unknown[];
  readonly next: number | null;
}

/** All that a list showed; not `steady` where it changed each time it was read. */
export interface Listing {
  readonly items: readonly unknown[];
  readonly steady: boolean;
}

/** Part of a list: `next` are the parameters of the part after it; null after the last. */
export interface Stretch {
  readonly items: readonly unknown[];
  readonly next: RouteParameters | null;
  readonly tag: string | null;
}

/** GitHub, as far as it is needed here. */
export interface Github {
  /** One page of a list, which `Link` says to go on or not (RFC 8288). */
  page(route: string, parameters?: RouteParameters, page?: number): Promise<Page>;
  /**
   * A stretch of a list that pages as it likes, by number or by cursor, and where it goes on. With the
   * tag of an earlier answer: null where that still holds (RFC 9110, 13.1.2).
   */
  stretch(
    route: string,
    parameters?: RouteParameters,
    tag?: string | null,
  ): Promise<Stretch | null>;
  /** A list to its end, whatever its length and however it shifts: for short ones only. */
  all(route: string, parameters?: RouteParameters): Promise<Listing>;
  one(route: string, parameters?: RouteParameters): Promise<unknown>;
  graph(query: string, variables: RouteParameters): Promise<unknown>;
}

export type RouteParameters = Readonly<Record<string, unknown>>;

/** GitHub says no to this one thing; the rest may well be readable. */
export class GithubRefused extends Error {
  override readonly name = 'GithubRefused';
  readonly status: number;
  /** As GitHub names it; null where it does not. */
  readonly permission: string | null;

  constructor(status: number, message: string, permission: string | null) {
    super(message);
    this.status = status;
    this.permission = permission;
  }
}

const pageSize = 100;
/** How often a limit may be hit before the run is put off. */
const limitsAtMost = 6;

/**
 * Octokit with its plugins for pages, limits and retries, over the house's `fetch`. What GitHub asks
 * to be waited for, `Retry-After` or the reset of a limit, is waited for by the run itself.
 */
export async function githubOf(link: GithubLink): Promise<Github> {
  const octokit = await octokitOf(link, await tokenOf(link));
  const one: Github['one'] = async (route, parameters = {}) =>
    (await asked(() => octokit.request(route, { ...parameters }))).data;
  const page: Github['page'] = async (route, parameters = {}, number = 1) => {
    const answer = await asked(() =>
      octokit.request(route, { ...parameters, per_page: pageSize, page: number }),
    );
    if (!Array.isArray(answer.data)) throw unexpected('a list was expected');
    const more = /<([^>]+)>;\s*rel="next"/.exec(answer.headers.link ?? '') !== null;
    return { items: answer.data, next: more ? number + 1 : null };
  };
  const stretch: Github['stretch'] = async (route, parameters = {}, tag = null) => {
    const headers = tag === null ? {} : { headers: { 'if-none-match': tag } };
    const ask = () => octokit.request(route, { per_page: pageSize, ...parameters, ...headers });
    const answer = await asked(ask).catch(unlessUnchanged);
    if (answer === null) return null;
    if (!Array.isArray(answer.data)) throw unexpected('a list was expected');
    const next = nextOf(answer.headers.link ?? '');
    return {
      items: answer.data,
      next: next && { ...parameters, ...next },
      tag: answer.headers.etag ?? null,
    };
  };
  return {
    one,
    page,
    stretch,
    async all(route, parameters = {}) {
      const passes = new Passes();
      const items: unknown[] = [];
      for (let number = 1; ; ) {
        const turn = passes.take(number, await page(route, parameters, number));
        items.push(...turn.items);
        if (turn.next === null) return { items, steady: turn.steady };
        number = turn.next;
      }
    },
    graph: (query, variables) => asked(() => octokit.graphql(query, { ...variables })),
  };
}

async function octokitOf(link: GithubLink, authorization: string) {
  const [{ Octokit }, { throttling }, { retry }] = await Promise.all([
    import('@octokit/core'),
    import('@octokit/plugin-throttling'),
    import('@octokit/plugin-retry'),
  ]);
  const onLimit = async (seconds: number, _options: object, _octokit: object, count: number) => {
    if (count >= limitsAtMost) return false;
    await link.wait(seconds * 1000);
    return true;
  };
  const silent = () => undefined;
  const Client = Octokit.plugin(throttling, retry);
  const octokit = new Client({
    baseUrl: link.settings.apiUrl.replace(/\/$/, ''),
    userAgent: 'kept',
    log: { debug: silent, info: silent, warn: silent, error: silent },
    request: { fetch: link.fetch, signal: link.signal },
    // They wait themselves; what is left for the plugin to wait is nothing.
    throttle: {
      id: `${link.settings.apiUrl} ${link.settings.organisation}`,
      onRateLimit: onLimit,
      onSecondaryRateLimit: onLimit,
      retryAfterBaseValue: 0,
    },
    // Failures are repeated by the house's `fetch`, with pauses; once more is for broken answers.
    retry: { retries: 1, doNotRetry: [400, 401, 403, 404, 409, 410, 422, 429, 451] },
  });
  octokit.hook.before('request', (options) => {
    options.headers['authorization'] = authorization;
    options.headers['x-github-api-version'] = '2022-11-28';
  });
  return octokit;
}

/** Where a page stands in its list. Anything else a link might say, Octokit could take for an address. */
const placesOfPage = ['page', 'after', 'before', 'since'] as const;

/** Parameters of the page after this one: wherever the link leads, the same is asked of the same API. */
function nextOf(link: string): RouteParameters | null {
  const address = /<([^>]+)>;\s*rel="next"/.exec(link)?.[1];
  const params = address === undefined ? undefined : URL.parse(address)?.searchParams;
  if (!params) return null;
  const places = placesOfPage.flatMap((name) => {
    const value = params.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return places.length === 0 ? null : Object.fromEntries(places);
}

function unlessUnchanged(error: unknown): null {
  if (error instanceof GithubRefused && error.status === 304) return null;
  throw error;
}

/** Asks, and says of what GitHub answers instead whether it is about this one thing or about all. */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw problemOf(error);
  }
}

type AnswerHeaders = Readonly<Record<string, string | undefined>>;

interface Failure {
  readonly status: number;
  readonly message: string;
  readonly cause?: unknown;
  readonly response?: { readonly headers: AnswerHeaders };
}

function problemOf(error: unknown): unknown {
  if (!(error instanceof Error) || typeof (error as Partial<Failure>).status !== 'number')
    return error;
  const { status, message, response, cause } = error as Error & Failure;
  // Without an answer there was none: what happened on the way is the cause.
  if (!response) return cause ?? error;
  if (status === 401) return new SourceProblem('signInRefused', message, { cause: error });
  const { headers } = response;
  if (status === 429 || (status === 403 && isLimit(message, headers)))
    return new SourceProblem('throttled', message, { cause: error });
  if (status >= 500) return new SourceProblem('sourceFails', message, { cause: error });
  return new GithubRefused(status, message, headers['x-accepted-github-permissions'] ?? null);
}

function isLimit(message: string, headers: AnswerHeaders): boolean {
  return (
    headers['x-ratelimit-remaining'] === '0' ||
    headers['retry-after'] !== undefined ||
    /rate limit/i.test(message)
  );
}

export function unexpected(message: string, cause?: unknown): SourceProblem {
  return new SourceProblem('unexpectedAnswer', message, { cause });
}

/** Reads items as what they are to be, or says that GitHub answers something else. */
export function itemsAs<T>(schema: z.ZodType<T>, items: unknown): readonly T[] {
  const read = z.array(schema).safeParse(items);
  if (!read.success) throw unexpected(z.prettifyError(read.error).slice(0, 300), read.error);
  return read.data;
}

/** A token as it was entered, or one of an app's installation, which is good for an hour. */
async function tokenOf(link: GithubLink): Promise<string> {
  const { settings, secret, now } = link;
  if (!secret.key.includes('-----BEGIN')) return `Bearer ${secret.key.trim()}`;
  const seconds = Math.floor(now().epochMilliseconds / 1000);
  const signed = signToken(secret.key, settings.appId, seconds);
  const app = await octokitOf(link, `Bearer ${signed}`);
  const answer = await asked(() =>
    app.request('POST /app/installations/{installation_id}/access_tokens', {
      installation_id: Number(settings.installationId),
    }),
  );
  return `Bearer ${answer.data.token}`;
}

/**
 * The JSON web token by which an app shows that it is one (RFC 7519, RS256), good for nine minutes and
 * from a minute ago on, in case clocks differ.
 */
function signToken(privateKey: string, appId: string, seconds: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iat: seconds - 60, exp: seconds + 540, iss: appId };
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
  try {
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
  } catch (cause) {
    throw new SourceProblem('signInRefused', 'the private key cannot be read', { cause });
  }
}
