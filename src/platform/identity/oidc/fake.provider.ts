import { createHash, type KeyObject, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
  UnsecuredJWT,
} from 'jose';

/**
 * A fake: an OpenID provider that signs in whoever asks, at once, and lies where it is told to. Each
 * part of `Lies` bends one answer; without any it speaks the truth. For tests alone.
 */
export interface FakeProvider {
  readonly issuer: string;
  readonly origin: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** What the tokens say, besides what every token must. */
  claims: JWTPayload;
  userInfo: Record<string, unknown>;
  lies: Lies;
  /** Groups that Microsoft Graph would say, a page each; null: it forbids. */
  groups: readonly (readonly string[])[] | null;
  /** Public key that the client must prove to have (RFC 7523); null: the secret does. */
  clientKey: KeyObject | null;
  /** Paths asked for, in order. */
  readonly asked: string[];
  /** Another key from now on; `forgetting` publishes the old one no more. */
  rotate(forgetting: boolean): Promise<void>;
  /** `undefined` takes a claim away. */
  logoutToken(
    changes?: Record<string, unknown>,
    lies?: Pick<Lies, 'header' | 'signature'>,
  ): Promise<string>;
  end(): Promise<void>;
}

export interface Lies {
  readonly discovery?: (document: Record<string, unknown>) => unknown;
  /** Answers a path otherwise. */
  readonly instead?: Readonly<Record<string, (response: ServerResponse) => void>>;
  readonly header?: (header: Header) => Header;
  readonly payload?: (payload: JWTPayload) => JWTPayload;
  /**
   * - `none`: no signature at all (RFC 8725, section 2.1)
   * - `publicKey`: HMAC with the public key as its secret (the same)
   * - `clientSecret`: HMAC with the secret it shares with the client
   * - `otherKey`: by a key it does not publish
   * - `broken`: a bit of the signature turned over
   */
  readonly signature?: 'none' | 'publicKey' | 'clientSecret' | 'otherKey' | 'broken';
  readonly keys?: (keys: readonly JWK[]) => readonly JWK[];
  readonly redirect?: (query: URLSearchParams) => void;
  readonly tokens?: (answer: Record<string, unknown>) => Record<string, unknown>;
  /** Gives out for a code whatever it is asked, again and again. */
  readonly codesLast?: boolean;
}

type Header = { alg: string; kid?: string; typ?: string };

interface Code {
  readonly nonce: string | null;
  readonly challenge: string;
  readonly redirectUri: string;
}

interface Key {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

const client = { id: 'kept', secret: 'a secret of the fake' } as const;

/** Starts it on a port of its own. `tenantId` makes it speak as Entra ID does. */
export async function startFakeProvider(tenantId: string | null = null): Promise<FakeProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fake = new Fake(origin, tenantId, await makeKey(), async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  server.on('request', (request, response) => {
    fake.answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  return fake;
}

class Fake implements FakeProvider {
  readonly issuer: string;
  readonly origin: string;
  readonly client = client;
  claims: JWTPayload = { sub: 'somebody', amr: ['pwd', 'mfa'] };
  userInfo: Record<string, unknown> = {};
  lies: Lies = {};
  groups: readonly (readonly string[])[] | null = [[]];
  clientKey: KeyObject | null = null;
  readonly asked: string[] = [];
  readonly end: () => Promise<void>;
  readonly #tenantId: string | null;
  readonly #keys: Key[];
  readonly #codes = new Map<string, Code>();

  constructor(origin: string, tenantId: string | null, key: Key, end: () => Promise<void>) {
    this.origin = origin;
    this.issuer = tenantId ? `${origin}/${tenantId}/v2.0` : origin;
    this.end = end;
    this.#tenantId = tenantId;
    this.#keys = [key];
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    this.asked.push(url.pathname);
    if (url.pathname.startsWith('/v1.0/')) return this.#graph(response, url);
    const base = new URL(this.issuer).pathname.replace(/\/$/, '');
    const path = url.pathname.slice(base.length);
    const instead = this.lies.instead?.[path];
    if (instead) return instead(response);
    switch (path) {
      case '/.well-known/openid-configuration':
        return json(response, this.lies.discovery?.(this.#discovery()) ?? this.#discovery());
      case '/keys':
        return json(response, { keys: await this.#published() });
      case '/authorize':
        return this.#authorize(response, url.searchParams);
      case '/token':
        return this.#token(request, response);
      case '/userinfo':
        return json(response, { sub: this.claims.sub, ...this.userInfo });
      default:
        response.writeHead(404).end();
    }
  }

  async rotate(forgetting: boolean): Promise<void> {
    if (forgetting) this.#keys.length = 0;
    this.#keys.unshift(await makeKey());
  }

  logoutToken(
    changes: Record<string, unknown> = {},
    lies: Pick<Lies, 'header' | 'signature'> = {},
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const payload = {
      iss: this.issuer,
      aud: client.id,
      iat: now,
      exp: now + 120,
      jti: randomUUID(),
      sub: this.claims.sub,
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      ...changes,
    };
    // What is undefined is left out, as JSON does.
    return sign(this.#keys, JSON.parse(JSON.stringify(payload)), 'logout+jwt', lies);
  }

  #discovery(): Record<string, unknown> {
    const { issuer } = this;
    return {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      ...(this.#tenantId ? {} : { userinfo_endpoint: `${issuer}/userinfo` }),
      end_session_endpoint: `${issuer}/logout`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      backchannel_logout_supported: true,
      claims_supported: ['sub', 'amr', 'groups'],
    };
  }

  async #published(): Promise<readonly JWK[]> {
    const all = await Promise.all(
      this.#keys.map(async ({ kid, publicKey }) => ({
        ...(await exportJWK(publicKey)),
        kid,
        use: 'sig',
      })),
    );
    return this.lies.keys?.(all) ?? all;
  }

  #authorize(response: ServerResponse, query: URLSearchParams): void {
    const code = randomUUID();
    const redirectUri = query.get('redirect_uri') ?? '';
    const challenge = query.get('code_challenge') ?? '';
    this.#codes.set(code, { nonce: query.get('nonce'), challenge, redirectUri });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', query.get('state') ?? '');
    back.searchParams.set('iss', this.issuer);
    this.lies.redirect?.(back.searchParams);
    response.writeHead(302, { location: back.href }).end();
  }

  async #token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await textOf(request));
    const code = this.#codes.get(form.get('code') ?? '');
    if (!this.lies.codesLast) this.#codes.delete(form.get('code') ?? '');
    const verifier = form.get('code_verifier') ?? '';
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const isClient = await this.#isClient(request, form);
    const known = isClient && code?.challenge === challenge;
    if (!known || code.redirectUri !== form.get('redirect_uri')) {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: 'invalid_grant' }));
      return;
    }
    const accessToken = randomUUID();
    const payload = this.#payload(code, accessToken);
    const answer = {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: 300,
      id_token: await sign(this.#keys, this.lies.payload?.(payload) ?? payload, 'JWT', this.lies),
    };
    json(response, this.lies.tokens?.(answer) ?? answer);
  }

  async #isClient(request: IncomingMessage, form: URLSearchParams): Promise<boolean> {
    if (!this.clientKey) return request.headers.authorization === basic();
    const assertion = form.get('client_assertion') ?? '';
    const claims = { issuer: client.id, subject: client.id, audience: this.issuer };
    return jwtVerify(assertion, this.clientKey, claims).then(
      ({ payload }) => typeof payload.jti === 'string' && typeof payload.exp === 'number',
      () => false,
    );
  }

  #payload({ nonce }: Code, accessToken: string): JWTPayload {
    const now = Math.floor(Date.now() / 1000);
    return {
      iss: this.issuer,
      aud: client.id,
      iat: now,
      exp: now + 300,
      at_hash: halfHash(accessToken),
      ...(nonce ? { nonce } : {}),
      ...(this.#tenantId ? { tid: this.#tenantId } : {}),
      ...this.claims,
    };
  }

  #graph(response: ServerResponse, url: URL): void {
    if (!this.groups) {
      response.writeHead(403, { 'content-type': 'application/json' }).end('{}');
      return;
    }
    const page = Number(url.searchParams.get('page') ?? 0);
    const next = new URL(`${this.origin}${url.pathname}?page=${page + 1}`).href;
    json(response, {
      value: (this.groups[page] ?? []).map((id) => ({ id })),
      ...(page + 1 < this.groups.length ? { '@odata.nextLink': next } : {}),
    });
  }
}

/** Signs as truthfully as the lies let it. */
async function sign(
  keys: readonly Key[],
  payload: JWTPayload,
  typ: string,
  { header = (it: Header) => it, signature }: Pick<Lies, 'header' | 'signature'>,
): Promise<string> {
  const [key] = keys;
  if (!key) throw new Error('a provider has a key');
  const made = (alg: string) => header({ alg, kid: key.kid, typ });
  const signed = async ({ privateKey }: Key) =>
    new SignJWT(payload).setProtectedHeader(made('RS256')).sign(privateKey);
  switch (signature) {
    case 'none':
      return new UnsecuredJWT(payload).encode();
    case 'publicKey':
      return hmac(payload, made('HS256'), await exportSPKI(key.publicKey));
    case 'clientSecret':
      return hmac(payload, made('HS256'), client.secret);
    case 'otherKey':
      return signed(await makeKey());
    case 'broken':
      return broken(await signed(key));
    default:
      return signed(key);
  }
}

function hmac(payload: JWTPayload, header: Header, secret: string): Promise<string> {
  return new SignJWT(payload).setProtectedHeader(header).sign(new TextEncoder().encode(secret));
}

/** Another first letter of the signature. */
function broken(token: string): string {
  const dot = token.lastIndexOf('.') + 1;
  return `${token.slice(0, dot)}${token[dot] === 'A' ? 'B' : 'A'}${token.slice(dot + 1)}`;
}

async function makeKey(): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return { kid: randomUUID(), privateKey, publicKey };
}

/** `at_hash`, `c_hash` for RS256 (OpenID Connect Core 1.0, section 3.1.3.6). */
export function halfHash(text: string): string {
  return createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');
}

function basic(): string {
  const coded = `${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret).replaceAll('%20', '+')}`;
  return `Basic ${Buffer.from(coded).toString('base64')}`;
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
