import type { IncomingMessage, ServerResponse } from 'node:http';
import { callerAddress, type Heard, hostOf } from '../../platform/http/caller.ts';
import type { Gate } from '../../platform/http/security.ts';
import type { World } from '../../platform/world.ts';
import type { Bearer } from '../bearers.ts';
import type { Swift } from '../listener.ts';
import { answerAtOnce, type SwiftAnswer } from './answering.ts';
import { askedOf, Mistaken, type Question, readName } from './asked.ts';
import { type Product, productBearersOf } from './bearer.ts';
import type { Place } from './http.objects.ts';
import { foundRecord, writtenRecord } from './http.records.ts';

/**
 * A record read or written, answered from the socket's own request, before anything is made of it that
 * only other routes need. The rules are those of the routes, which go by the same functions; whatever
 * is not plainly such a request goes the usual way from its beginning, and whatever is refused goes
 * there to be put into words.
 */

/** What became of a request before it went the usual way. */
interface Begun {
  /** Why it is refused; undefined where it is to be asked anew. */
  readonly thrown?: unknown;
}

const begun = new WeakMap<object, Begun>();

/** What became of a request before, and undefined where it is new. */
export function begunOf(c: Heard): Begun | undefined {
  const { incoming } = (c.env ?? {}) as { readonly incoming?: object };
  return incoming && begun.get(incoming);
}

/** How a request goes on with what its token last was, while that is read again; null where it is not known. */
export function lastOf(
  bearer: Bearer<Product>,
): Pick<Question, 'bearer' | 'product' | 'surely' | 'swiftly'> | null {
  const { last } = bearer;
  if (!last) return null;
  let asking: Promise<void> | undefined;
  const ask = async () => {
    if ((await bearer.holder()) !== last) throw new Mistaken();
  };
  const surely = () => {
    asking ??= ask();
    return asking;
  };
  return { bearer, product: last, surely, swiftly: true };
}

const acts: Readonly<Record<string, (asked: Question, place: Place) => Promise<SwiftAnswer>>> = {
  GET: foundRecord,
  PUT: writtenRecord,
};

/** Of a record by its key, which stands in the path. */
const placeOfRecord = /^\/vault\/v1\/customers\/[^/?]+\/collections\/[^/?]+\/records\/[^/?]+$/;

/** @param gate at which the routes count too */
export function swiftRecords(world: World, gate: Gate, trustedProxies: readonly string[]): Swift {
  const bearers = productBearersOf(world);
  return (incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    const act = Object.hasOwn(acts, method) ? acts[method] : undefined;
    if (!act || !placeOfRecord.test(url)) return null;
    // A body that nobody reads is the usual way's to get rid of.
    if (method === 'GET' && carriesBody(incoming)) return null;
    const heard = heardOf(incoming, outgoing);
    if (!gate.knows(hostOf(heard))) return null;
    const bearer = bearers.bearerOf(headers.authorization);
    const last = bearer && lastOf(bearer);
    if (!last) return null;
    if (gate.take('product', callerAddress(heard, trustedProxies)) > 0) return null;
    return answerBy(act, { world, gate, heard, last, incoming, outgoing });
  };
}

interface Parts {
  readonly world: World;
  readonly gate: Gate;
  readonly heard: Heard;
  readonly last: Pick<Question, 'bearer' | 'product' | 'surely' | 'swiftly'>;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** Whether it is answered. */
async function answerBy(
  act: (asked: Question, place: Place) => Promise<SwiftAnswer>,
  { world, gate, heard, last, incoming, outgoing }: Parts,
): Promise<boolean> {
  try {
    const asked = askedOf(world, heard, last);
    const [, customerKey = '', , collection = '', , name] = asked.path;
    const answer = await act(asked, { customerKey, collection, name: readName(name) });
    answerAtOnce(world, outgoing, answer);
    return true;
  } catch (thrown) {
    gate.letPass(incoming);
    begun.set(incoming, thrown instanceof Mistaken ? {} : { thrown });
    return false;
  }
}

function carriesBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  return coding !== undefined || (length !== undefined && length !== '0');
}

function heardOf(incoming: IncomingMessage, outgoing: ServerResponse): Heard {
  const { headers, method = '', url = '' } = incoming;
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  return { env: { incoming, outgoing }, req: { method, url, raw: { body: null }, header } };
}
