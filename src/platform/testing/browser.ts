import { createHmac } from 'node:crypto';

/** What a test client asks: an app by `app.request`, with the bindings of a socket. */
export type AppRequest = (
  path: string,
  init: RequestInit,
  bindings: object,
) => Response | Promise<Response>;

export interface Answered<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/**
 * A browser as far as an app can tell: keeps cookies, says where its page is from, sends `X-Kept`
 * as our pages do. What `headers` gives replaces what it would send; an empty value leaves it out.
 */
export class TestBrowser {
  readonly cookies = new Map<string, string>();
  readonly #request: AppRequest;
  readonly #origin: string;
  readonly #address: string;

  constructor(request: AppRequest, origin: string, address = '127.0.0.1') {
    this.#request = request;
    this.#origin = origin;
    this.#address = address;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answered> {
    return this.send('GET', path, undefined, headers);
  }

  post(path: string, body: object = {}, headers: Record<string, string> = {}): Promise<Answered> {
    return this.send('POST', path, body, headers);
  }

  async send(
    method: string,
    path: string,
    body?: object,
    given: Record<string, string> = {},
  ): Promise<Answered> {
    const headers = new Headers({ host: new URL(this.#origin).host, 'user-agent': 'Test Browser' });
    if (method !== 'GET') {
      headers.set('origin', this.#origin);
      headers.set('sec-fetch-site', 'same-origin');
      headers.set('x-kept', '1');
    }
    if (body) headers.set('content-type', 'application/json');
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    if (cookie) headers.set('cookie', cookie);
    for (const [name, value] of Object.entries(given)) {
      if (value === '') headers.delete(name);
      else headers.set(name, value);
    }
    const bindings = { incoming: { socket: { remoteAddress: this.#address } } };
    const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
    const response = await this.#request(`${this.#origin}${path}`, init, bindings);
    this.#keep(response.headers.getSetCookie());
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : { text },
    };
  }

  #keep(setCookies: readonly string[]): void {
    for (const line of setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0\b/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}

/**
 * The code an authenticator app shows (RFC 6238, SHA-1, 30 seconds, 6 digits), written here from the
 * standard and not from the program under test.
 *
 * @param secret in base32 (RFC 4648), as it stands in an `otpauth:` URI
 */
export function totp(secret: string, atMs: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / 30_000)));
  const mac = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

function fromBase32(text: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...text.replace(/=+$/, '')]
    .map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}
