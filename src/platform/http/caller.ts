import type { Context } from 'hono';

/** Of a request what is read before anybody has a context of it; every context of Hono is one. */
export interface Heard {
  /** What `@hono/node-server` gives an app as its environment. */
  readonly env: unknown;
  readonly req: {
    readonly method: string;
    readonly url: string;
    readonly raw: Pick<Request, 'body'>;
    header(name: string): string | undefined;
  };
}

interface Bindings {
  readonly incoming?: {
    readonly socket: { readonly remoteAddress?: string | undefined };
    readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
  };
}

/** Asked without a socket (`app.request`), nobody knows where from. */
const unknown = 'unknown';

/**
 * The address of whoever asks: the socket's. Behind proxies that are named here, the right-most
 * address of `X-Forwarded-For` that is not one of them; what stands further left, anybody can write.
 */
export function callerAddress(c: Heard, trustedProxies: readonly string[] = []): string {
  const socket = socketAddress(c);
  if (!trustedProxies.includes(socket)) return socket;
  const chain = (c.req.header('x-forwarded-for') ?? '').split(',').map((part) => part.trim());
  return chain.filter((part) => part !== '' && !trustedProxies.includes(part)).at(-1) ?? socket;
}

/** The address of the other end of the connection, IPv4 without the prefix it has inside IPv6. */
export function socketAddress(c: Heard): string {
  const bindings = c.env as Bindings | undefined;
  return bindings?.incoming?.socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '') ?? unknown;
}

/**
 * Whether the request came from a program of this machine, straight and under a name of this
 * machine: no proxy on the way, and no stranger's name that was made to resolve to it.
 */
export function isFromHere(c: Context): boolean {
  const forwarded =
    c.req.header('forwarded') ??
    c.req.header('x-forwarded-for') ??
    c.req.header('x-forwarded-host');
  return (
    forwarded === undefined && isLoopbackAddress(socketAddress(c)) && isLoopbackHost(hostOf(c))
  );
}

/**
 * A header of the request, its name in lower case. Node has parsed them already where there is a
 * socket; making a `Headers` of them costs more than finding an answer that is sent again and again.
 */
export function askedHeader(c: Heard, name: string): string | undefined {
  const bindings = c.env as Bindings | undefined;
  const parsed = bindings?.incoming?.headers;
  if (!parsed) return c.req.header(name);
  const value = parsed[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** The `Host` asked for, in lower case. */
export function hostOf(c: Heard): string {
  return (askedHeader(c, 'host') ?? new URL(c.req.url).host).toLowerCase();
}

export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address);
}

/** `localhost`, `127.0.0.1` or `[::1]`, on any port. */
export function isLoopbackHost(host: string): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/.test(host);
}
