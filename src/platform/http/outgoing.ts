import { lookup as resolveName } from 'node:dns';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Why a request to the outside was not sent, or its answer not taken. */
export type OutgoingCode = 'addressForbidden' | 'tooLarge' | 'timedOut' | 'unreachable';

export class OutgoingError extends Error {
  override readonly name = 'OutgoingError';
  readonly code: OutgoingCode;

  constructor(code: OutgoingCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface OutgoingOptions {
  /**
   * Hosts, `name` or `name:port`, that may be inside: on this machine or in a private network. Only
   * these may be asked without TLS.
   */
  readonly internalHosts: readonly string[];
  /** Bytes of an answer; 1 MiB where nothing is said. */
  readonly limitBytes?: number;
  /** Milliseconds until the whole answer must be there; 10,000 where nothing is said. */
  readonly timeoutMs?: number;
}

/**
 * `fetch` for addresses that people enter: it cannot be made to ask what only this machine or its
 * network reaches (OWASP: server-side request forgery). HTTPS only; every address that a name
 * resolves to is checked, and the connection goes to exactly the address that was checked, so that a
 * name cannot change its mind in between. Never follows a redirect: the answer is the redirect.
 *
 * @throws OutgoingError
 */
export function outgoing(options: OutgoingOptions): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.username || url.password) {
      throw new OutgoingError('addressForbidden', 'an address must not carry a name or a password');
    }
    const request = new Request(input, { ...init, redirect: 'manual' });
    const body = request.body ? Buffer.from(await request.arrayBuffer()) : null;
    return send(request, body, options);
  };
}

function send(request: Request, body: Buffer | null, options: OutgoingOptions): Promise<Response> {
  const url = new URL(request.url);
  const inside = isInternal(url, options.internalHosts);
  const refusal = refusalOf(url, inside);
  if (refusal) return Promise.reject(new OutgoingError('addressForbidden', refusal));
  const { timeoutMs = 10_000, limitBytes = 1024 * 1024 } = options;
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
  return new Promise((resolve, reject) => {
    const ask = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const asked: ClientRequest = ask(
      url,
      {
        method: request.method,
        headers: {
          ...Object.fromEntries(request.headers),
          'accept-encoding': 'identity',
          ...(body ? { 'content-length': String(body.length) } : {}),
        },
        signal,
        ...(inside ? {} : { lookup: lookupOutside }),
      },
      (answer) => void read(answer, limitBytes).then(resolve, (error) => fail(error)),
    );
    const fail = (error: unknown) => {
      asked.destroy();
      reject(error instanceof OutgoingError ? error : explained(url, error));
    };
    asked.on('error', fail);
    asked.end(body ?? undefined);
  });
}

function explained(url: URL, cause: unknown): OutgoingError {
  const name = (cause as Error).name;
  const late = name === 'AbortError' || name === 'TimeoutError';
  return late
    ? new OutgoingError('timedOut', `${url.host} took too long to answer`, { cause })
    : new OutgoingError('unreachable', `${url.host} cannot be reached`, { cause });
}

async function read(answer: IncomingMessage, limitBytes: number): Promise<Response> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > limitBytes) {
      throw new OutgoingError('tooLarge', `the answer has more than ${limitBytes} bytes`);
    }
    pieces.push(piece);
  }
  const headers = new Headers();
  for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2) {
    headers.append(answer.rawHeaders[at] ?? '', answer.rawHeaders[at + 1] ?? '');
  }
  const status = answer.statusCode ?? 500;
  const bodiless = status === 204 || status === 205 || status === 304;
  return new Response(bodiless ? null : Buffer.concat(pieces), { status, headers });
}

/** Whether the operator has named the host of an address as one inside that may be asked. */
export function isInternal(url: URL, internalHosts: readonly string[]): boolean {
  return internalHosts.some((host) => host === url.host || host === url.hostname);
}

/** What is wrong with an address as it is written; null where nothing is. */
function refusalOf(url: URL, inside: boolean): string | null {
  if (inside) return ['http:', 'https:'].includes(url.protocol) ? null : 'only HTTP and HTTPS';
  if (url.protocol !== 'https:') return `${url.host} must be asked by HTTPS`;
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) && isReserved(literal)) return `${url.hostname} is not an address outside`;
  return null;
}

/** Resolves a name as connections do, and fails where any of its addresses is not outside. */
export const lookupOutside: LookupFunction = (hostname, options, callback) => {
  resolveName(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    const [first] = addresses;
    if (!first || addresses.some(({ address }) => isReserved(address))) {
      const message = `${hostname} resolves to an address inside`;
      return callback(new OutgoingError('addressForbidden', message), '', 0);
    }
    if (options.all) return callback(null, addresses);
    return callback(null, first.address, first.family);
  });
};

/** Addresses that are nobody's on the public network (RFC 6890 and its registries). */
const reserved = new BlockList();
const reservedNetworks: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];
for (const [network, bits] of reservedNetworks) {
  reserved.addSubnet(network, bits, network.includes(':') ? 'ipv6' : 'ipv4');
}

/** Whether an IP address is one of this machine, of a private network, or of no network at all. */
export function isReserved(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return isReserved(mapped);
  // `::ffff:0:0/96` in any other spelling is an IPv4 address in disguise.
  if (/^::ffff:/i.test(address)) return true;
  return reserved.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
