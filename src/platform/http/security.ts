import type { Context, MiddlewareHandler } from 'hono';
import { carriesCookie } from '../identity/cookie.ts';
import type { Dictionary } from '../words.ts';
import type { World } from '../world.ts';
import { type Allowance, createBuckets } from './buckets.ts';
import { askedHeader, callerAddress, hostOf, isLoopbackHost } from './caller.ts';
import { type Env, languageOf } from './mount.ts';
import { platformProblem } from './problems.ts';

export interface SecurityOptions {
  readonly world: World;
  readonly words: Dictionary;
  /** Addresses of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly string[];
  readonly allowances?: Partial<Readonly<Record<RouteClass, Allowance>>>;
  /** Where somebody else counts at it too; one of its own where not said. */
  readonly gate?: Gate;
}

/** Who is let in under which name, and how often. There is one for whatever stands before the routes. */
export interface Gate {
  /** Whether a name, as `Host` says it, is one of this installation or of this machine. */
  knows(host: string): boolean;
  /** Counts a request. 0 where it may pass; otherwise the seconds to wait. */
  take(routeClass: RouteClass, address: string): number;
  /** Remembers of a request, as Node knows it, that it was counted before it came to the routes. */
  letPass(request: object): void;
  mayPass(request: object): boolean;
}

export function createGate({
  world,
  allowances,
}: Pick<SecurityOptions, 'world' | 'allowances'>): Gate {
  const own = new URL(world.url).host;
  const all = { ...defaultAllowances, ...allowances };
  const buckets = {
    signIn: createBuckets(all.signIn),
    publicPost: createBuckets(all.publicPost),
    api: createBuckets(all.api),
    provisioning: createBuckets(all.provisioning),
    product: createBuckets(all.product),
  };
  const passing = new WeakSet<object>();
  return {
    knows: (host) => host === own || isLoopbackHost(host),
    take: (routeClass, address) => buckets[routeClass].take(address, world.now()),
    letPass: (request) => void passing.add(request),
    mayPass: (request) => passing.has(request),
  };
}

/**
 * What stands before every route, in this order: headers of every answer, the name Kept was asked
 * for by, rates, forged requests. Nothing here knows who asks.
 */
export function security(options: SecurityOptions): readonly MiddlewareHandler<Env>[] {
  const gated = { ...options, gate: options.gate ?? createGate(options) };
  return [responseHeaders(options.world), knownHost(gated), rateLimits(gated), unforged(options)];
}

type Gated = SecurityOptions & { readonly gate: Gate };

/** Policy of a page: its own scripts, its own styles and those that carry this answer's nonce. */
function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Policy of everything that is no page: opened by itself, it may do nothing. */
const filePolicy =
  "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const everywhere: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'permissions-policy':
    'camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), midi=(), display-capture=(), publickey-credentials-get=(self), publickey-credentials-create=(self)',
  'cross-origin-resource-policy': 'same-origin',
};

/** Of every answer that is no page; whoever brings these along says so by `carriesHeaders`. */
export function headersOfFile(url: string): Readonly<Record<string, string>> {
  return { ...headersOfEvery(url), 'content-security-policy': filePolicy };
}

/** Two years: a browser that was here once comes by HTTPS only (RFC 6797). */
const strictTransport = 'max-age=63072000';

/**
 * Headers of every answer, but for the content security policy, which differs. What is sent again
 * and again may bring all of them along, and say so by `carriesHeaders`: setting them one by one
 * costs more than finding such an answer.
 *
 * @param url origin of this installation
 */
export function headersOfEvery(url: string): Readonly<Record<string, string>> {
  const https = url.startsWith('https:');
  return { ...everywhere, ...(https ? { 'strict-transport-security': strictTransport } : {}) };
}

/**
 * Gives every answer its headers. `nonce` in the request's variables is what a page writes into
 * `<meta name="csp-nonce">`; it is good for this one answer.
 */
export function responseHeaders(world: World): MiddlewareHandler<Env> {
  const every = Object.entries(headersOfEvery(world.url));
  return async (c, next) => {
    let made: string | undefined;
    const nonce = (): string => {
      made ??= Buffer.from(world.random(16)).toString('base64');
      return made;
    };
    c.set('nonce', nonce);
    await next();
    if (c.get('carriesHeaders')) return;
    const { headers } = c.res;
    for (const [name, value] of every) headers.set(name, value);
    const isPage = headers.get('content-type')?.startsWith('text/html') ?? false;
    // A page that needs less than the console says so itself.
    if (!headers.has('content-security-policy')) {
      headers.set('content-security-policy', isPage ? pagePolicy(nonce()) : filePolicy);
    }
    // The ledger is there for strangers to load and verify, in pages of their own too.
    if (c.req.path.startsWith('/ledger/'))
      headers.set('cross-origin-resource-policy', 'cross-origin');
  };
}

/**
 * Answers only under the configured name and the names of this machine: a stranger's name made to
 * resolve to us (DNS rebinding) makes a stranger's page same-origin with us, so it gets 421.
 */
export function knownHost({ world, words, gate }: Gated): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (gate.knows(hostOf(c))) return next();
    return platformProblem(c, words, languageOf(c.req.raw, null), 'unknownHost', 421, {
      url: world.url,
    });
  };
}

const safeMethods = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses what another site makes a browser send (OWASP: custom header and Fetch Metadata). Where a
 * cookie of ours rides along, a change needs `X-Kept: 1` and a browser's word that it comes from
 * our own pages; without a cookie, a word to the contrary is enough to refuse. A bearer token is no
 * browser's to send by itself and is exempt; it is never mixed with a cookie. At `/api/auth` the
 * header is left out, because Better Auth's client does not know it.
 */
export function unforged({ world, words }: SecurityOptions): MiddlewareHandler<Env> {
  const own = new URL(world.url).origin;
  return async (c, next) => {
    if (safeMethods.includes(c.req.method) || askedHeader(c, 'authorization')) return next();
    const whence = whenceOf(c, own);
    const needsHeader = carriesCookie(c.req.raw.headers) && c.req.path.startsWith('/api/v1/');
    const forged =
      whence === 'elsewhere' ||
      (whence === 'unsaid' && carriesCookie(c.req.raw.headers)) ||
      (needsHeader && c.req.header('x-kept') !== '1');
    return forged
      ? platformProblem(c, words, languageOf(c.req.raw, null), 'crossSite', 403)
      : next();
  };
}

/** What the browser says of the page that sent this: `Sec-Fetch-Site` first, then `Origin`. */
function whenceOf(c: Context<Env>, own: string): 'here' | 'elsewhere' | 'unsaid' {
  const site = c.req.header('sec-fetch-site');
  const origin = c.req.header('origin');
  if (site !== undefined && site !== 'same-origin') return 'elsewhere';
  if (origin !== undefined) {
    const host = hostOf(c);
    const isHere = origin === own || (isLoopbackHost(host) && origin === `http://${host}`);
    return isHere ? 'here' : 'elsewhere';
  }
  return site === 'same-origin' ? 'here' : 'unsaid';
}

/** Kinds of requests that are counted apart; `free` is not counted. */
export type RouteClass = 'signIn' | 'publicPost' | 'api' | 'provisioning' | 'product';

const defaultAllowances: Readonly<Record<RouteClass, Allowance>> = {
  signIn: { burst: 30, perMinute: 15 },
  publicPost: { burst: 60, perMinute: 60 },
  api: { burst: 5_000, perMinute: 30_000 },
  // A directory that comes for the first time brings everyone at once.
  provisioning: { burst: 50_000, perMinute: 120_000 },
  // Whatever a product's customers do comes from the few addresses of its back end.
  product: { burst: 200_000, perMinute: 1_200_000 },
};

const signInPaths =
  /^\/api\/(?:auth\/(?:sign-in|two-factor\/verify-|passkey\/verify-authentication)|v1\/(?:invitations\/(?:open|accept)|setup)$)/;

/** What a request is counted as; null for pages, files and the ledger. */
export function classOf(c: Context): RouteClass | null {
  const changes = !safeMethods.includes(c.req.method);
  if (c.req.path.startsWith('/scim/') && askedHeader(c, 'authorization')) return 'provisioning';
  if (c.req.path.startsWith('/vault/') && askedHeader(c, 'authorization')) return 'product';
  // Whoever delivers webhooks signs them, and may have much to tell at once.
  if (c.req.path.startsWith('/hooks/')) return 'api';
  if (!c.req.path.startsWith('/api/')) return changes ? 'publicPost' : null;
  if (changes && signInPaths.test(c.req.path)) return 'signIn';
  // A provider says of everybody at once that they are out, and does not say it twice.
  if (c.req.path === '/api/auth/provider/logout') return 'api';
  const anonymous = !askedHeader(c, 'authorization') && !carriesCookie(c.req.raw.headers);
  return changes && anonymous ? 'publicPost' : 'api';
}

/** Token buckets for each address and class, in the memory of this node; 429 with `Retry-After`. */
export function rateLimits({ words, trustedProxies, gate }: Gated): MiddlewareHandler<Env> {
  return async (c, next) => {
    const routeClass = classOf(c);
    if (!routeClass) return next();
    const { incoming } = (c.env ?? {}) as { readonly incoming?: object };
    if (incoming && gate.mayPass(incoming)) return next();
    const seconds = gate.take(routeClass, callerAddress(c, trustedProxies));
    if (seconds === 0) return next();
    if (!tellsItself(c)) return tooMany(c, words, seconds);
    c.set('waitSeconds', seconds);
    return next();
  };
}

/** The public form is answered by its page, in the reader's language and with what they wrote, and does nothing. */
function tellsItself(c: Context): boolean {
  return c.req.method === 'POST' && c.req.path === '/contact';
}

/** 429 (RFC 6585, section 4), with the seconds to wait. */
export function tooMany(c: Context<Env>, words: Dictionary, seconds: number): Response {
  c.header('retry-after', String(seconds));
  return platformProblem(c, words, languageOf(c.req.raw, null), 'tooMany', 429, { seconds });
}
