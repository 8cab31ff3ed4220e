import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { exitCodes, StartFault } from './fault.ts';

/** Answers a request; `bindings` is what `@hono/node-server` gives an app as its environment. */
export type Answerer = (request: Request, bindings: unknown) => Response | Promise<Response>;

/**
 * Answers by itself what it can, straight from the socket: null where it leaves a request untouched,
 * false where that goes the usual way after all.
 */
export type Swift = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
) => Promise<boolean> | null;

export interface Listener {
  /** The port that is really listened on. */
  readonly port: number;
  /** Says who answers from now on. */
  answerBy(answerer: Answerer, swift?: Swift): void;
  /** Takes no new connection, lets requests finish for so long, then cuts what is left. */
  finish(limitMs: number): Promise<void>;
}

/**
 * How long a request of a product to the vault may take to arrive whole; its headers have a minute, as
 * Node has it. An object of 5 GB at 2 Mbit/s is what takes longest.
 */
const vaultLimitMs = 6 * 3_600_000;
const vaultPath = '/vault/v1/';
/** Every other one: whoever sends a byte now and then must not hold a connection for hours. */
const usualLimitMs = 10 * 60_000;

/**
 * Listens. Done before anything else is started, so that a port in use is known at once, and so
 * that who asks meanwhile hears "not yet" instead of nothing.
 */
export async function listen(
  host: string,
  port: number,
  first: Answerer,
  limitMs = usualLimitMs,
): Promise<Listener> {
  let answerer = first;
  let swift: Swift = () => null;
  const answer = getRequestListener((request, bindings) => answerer(request, bindings));
  const server = createServer({ requestTimeout: vaultLimitMs }, (incoming, outgoing) => {
    if (!incoming.url?.startsWith(vaultPath)) limitArrival(incoming, limitMs);
    const answered = swift(incoming, outgoing);
    if (!answered) return answer(incoming, outgoing);
    return answered.then((isAnswered) => (isAnswered ? undefined : answer(incoming, outgoing)));
  });
  await bind(server, host, port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    answerBy: (next, swiftly = () => null) => {
      answerer = next;
      swift = swiftly;
    },
    finish: (limitMs) => finish(server, limitMs),
  };
}

/** Cuts a request whose body has not arrived whole in time: Node knows one limit for all of them. */
function limitArrival(incoming: IncomingMessage, limitMs: number): void {
  const { 'content-length': length, 'transfer-encoding': coding } = incoming.headers;
  if (coding === undefined && (length === undefined || length === '0')) return;
  const timer = setTimeout(() => {
    if (!incoming.complete) incoming.socket.destroy();
  }, limitMs).unref();
  incoming.once('close', () => clearTimeout(timer));
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new StartFault(exitCodes.cannotListen, whyNot(cause, host, port), cause));
    });
    server.listen(port, host, resolve);
  });
}

function whyNot({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} of ${host} is in use; stop what listens there, or choose another KEPT_PORT`;
    case 'EACCES':
      return `this account may not listen on port ${port}; choose a KEPT_PORT from 1024 on`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine; choose another KEPT_HOST`;
    default:
      return `cannot listen on ${host}:${port}: ${message}`;
  }
}

async function finish(server: Server, limitMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection whose last request has just been answered is idle only from then on.
  server.closeIdleConnections();
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), limitMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}
