import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import {
  connect,
  type DetailedPeerCertificate,
  type SecureVersion,
  type TLSSocket,
} from 'node:tls';
import { isInternal, isReserved, lookupOutside, OutgoingError } from './outgoing.ts';

/** A website as anybody who visits it sees it: looked at, never tried. */
export interface Looking {
  /**
   * One answer, by HTTP or HTTPS, with so much of its body as may be read. Follows no redirect.
   *
   * @throws OutgoingError
   */
  ask(url: URL, signal: AbortSignal): Promise<Seen>;
  /**
   * What is agreed upon in a TLS handshake, whether or not its certificate is to be trusted; nothing is sent
   * behind it. Null where no version of TLS that was offered is taken.
   *
   * @throws OutgoingError where no connection comes about
   */
  handshake(url: URL, offer: Offer, signal: AbortSignal): Promise<Handshake | null>;
}

/** Versions that are offered: those of today, or those that RFC 8996 has ended. */
export type Offer = 'current' | 'outdated';

export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Whether there was more than may be read. */
  readonly cut: boolean;
}

export interface Handshake {
  /** `TLSv1.3`. */
  readonly protocol: string;
  /** As OpenSSL names it. */
  readonly cipher: string;
  /** Why the certificate is not to be trusted, as Node names it; null where it is. */
  readonly problem: string | null;
  /** The certificate of the site first, as far as it was sent or is known. */
  readonly chain: readonly Certificate[];
}

export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: Temporal.Instant;
  readonly validTo: Temporal.Instant;
  /** Of a key of RSA; null of others. */
  readonly rsaBits: number | null;
}

export interface LookingOptions {
  /** Hosts inside that may be looked at. */
  readonly internalHosts: readonly string[];
  /** Bytes of a body that are read; 2 MiB where nothing is said. */
  readonly limitBytes?: number;
  /** Milliseconds for an answer; 15,000 where nothing is said. */
  readonly timeoutMs?: number;
  /** Certificates that are trusted beside those that Node knows, in PEM. */
  readonly trusted?: readonly string[];
}

/**
 * Looks at websites as `outgoing` asks: every address that a name resolves to is checked, and the
 * connection goes to exactly the address that was checked. Plain HTTP is allowed here: what a site
 * answers to it is one of the questions.
 */
export function lookingOutside(options: LookingOptions): Looking {
  return {
    ask: async (url, signal) => await ask(url, signal, options),
    handshake: async (url, offer, signal) => await shake(url, offer, signal, options),
  };
}

/** How a connection may come about; refuses addresses that are not outside. */
function wayTo(url: URL, { internalHosts }: LookingOptions) {
  if (!['http:', 'https:'].includes(url.protocol) || url.username || url.password)
    throw new OutgoingError(
      'addressForbidden',
      `${url.host}: only plain addresses by HTTP and HTTPS`,
    );
  if (isInternal(url, internalHosts)) return {};
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) && isReserved(literal))
    throw new OutgoingError('addressForbidden', `${url.hostname} is not an address outside`);
  return { lookup: lookupOutside };
}

function ask(url: URL, given: AbortSignal, options: LookingOptions): Promise<Seen> {
  const { limitBytes = 2 * 1024 * 1024, timeoutMs = 15_000, trusted = [] } = options;
  const way = wayTo(url, options);
  const signal = AbortSignal.any([given, AbortSignal.timeout(timeoutMs)]);
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const asked: ClientRequest = send(
      url,
      {
        headers: { 'user-agent': 'Kept', accept: '*/*', 'accept-encoding': 'identity' },
        agent: false,
        signal,
        ...way,
        ...(trusted.length > 0 ? { ca: [...trusted] } : {}),
      },
      (answer) => void read(answer, limitBytes).then(resolve, fail),
    );
    function fail(error: unknown) {
      asked.destroy();
      reject(explained(url, error));
    }
    asked.on('error', fail);
    asked.end();
  });
}

async function read(answer: IncomingMessage, limitBytes: number): Promise<Seen> {
  const pieces: Buffer[] = [];
  let size = 0;
  let cut = false;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    pieces.push(piece.subarray(0, Math.max(0, limitBytes - size)));
    size += piece.length;
    cut = size > limitBytes;
    if (cut) break;
  }
  const headers = new Headers();
  for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2)
    headers.append(answer.rawHeaders[at] ?? '', answer.rawHeaders[at + 1] ?? '');
  return {
    status: answer.statusCode ?? 500,
    headers,
    body: Buffer.concat(pieces).toString('utf8'),
    cut,
  };
}

const offers: Readonly<
  Record<Offer, { min: SecureVersion; max: SecureVersion; ciphers?: string }>
> = {
  current: { min: 'TLSv1.2', max: 'TLSv1.3' },
  // OpenSSL offers these only where nothing at all is asked of them.
  outdated: { min: 'TLSv1', max: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
};

function shake(
  url: URL,
  offer: Offer,
  given: AbortSignal,
  options: LookingOptions,
): Promise<Handshake | null> {
  const { timeoutMs = 15_000, trusted = [] } = options;
  const way = wayTo(url, options);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const { min, max, ciphers } = offers[offer];
  const signal = AbortSignal.any([given, AbortSignal.timeout(timeoutMs)]);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(url.port || 443),
      ...(isIP(host) ? {} : { servername: host }),
      minVersion: min,
      maxVersion: max,
      ...(ciphers ? { ciphers } : {}),
      // It is looked at, and said; nothing is sent.
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      ...way,
      ...(trusted.length > 0 ? { ca: [...trusted] } : {}),
    });
    const stop = () => socket.destroy(new DOMException('too late', 'TimeoutError'));
    // One that has come already says so to nobody.
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const end = (settle: () => void) => {
      signal.removeEventListener('abort', stop);
      socket.destroy();
      settle();
    };
    socket.once('secureConnect', () => {
      // Of a socket that is closed nothing can be told any more.
      const agreed = agreedUpon(socket);
      end(() => resolve(agreed));
    });
    socket.once('error', (error) =>
      end(() => (isRefusal(error) ? resolve(null) : reject(explained(url, error)))),
    );
  });
}

/** The other side takes none of the versions: an alert, or the end of the connection. */
function isRefusal(error: NodeJS.ErrnoException): boolean {
  return /^ERR_SSL|^EPROTO|^ECONNRESET/.test(error.code ?? '');
}

function agreedUpon(socket: TLSSocket): Handshake {
  // Node types it as an Error and gives the name of one, such as `CERT_HAS_EXPIRED`.
  const problem = socket.authorized ? null : String(socket.authorizationError ?? 'untrusted');
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    problem,
    chain: chainOf(socket.getPeerCertificate(true)),
  };
}

function chainOf(leaf: DetailedPeerCertificate): readonly Certificate[] {
  const chain: Certificate[] = [];
  const seen = new Set<string>();
  for (
    let one: DetailedPeerCertificate | undefined = leaf;
    one?.fingerprint256;
    one = one.issuerCertificate
  ) {
    if (seen.has(one.fingerprint256) || chain.length >= 10) break;
    seen.add(one.fingerprint256);
    chain.push({
      subject: nameOf(one.subject),
      issuer: nameOf(one.issuer),
      validFrom: instantOf(one.valid_from),
      validTo: instantOf(one.valid_to),
      rsaBits: one.modulus === undefined ? null : (one.bits ?? null),
    });
  }
  return chain;
}

function nameOf(name: DetailedPeerCertificate['subject']): string {
  return String(name?.CN ?? name?.O ?? '').slice(0, 200);
}

/** OpenSSL writes `Nov 23 09:00:00 2026 GMT`. */
function instantOf(text: string): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(Date.parse(text) || 0);
}

function explained(url: URL, error: unknown): OutgoingError {
  if (error instanceof OutgoingError) return error;
  const { name, code = '' } = error as NodeJS.ErrnoException;
  if (name === 'AbortError' || name === 'TimeoutError')
    return new OutgoingError('timedOut', `${url.host} took too long to answer`, { cause: error });
  const why = /^[A-Z_0-9]+$/.test(code) ? ` (${code})` : '';
  return new OutgoingError('unreachable', `${url.host} cannot be reached${why}`, { cause: error });
}
