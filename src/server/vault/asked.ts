import type { Readable } from 'node:stream';
import type { Context } from 'hono';
import { z } from 'zod';
import type { JsonObject } from '../../kernel/json.ts';
import { askedHeader, type Heard } from '../../platform/http/caller.ts';
import type { Env } from '../../platform/http/mount.ts';
import { handOver } from '../../platform/memory.ts';
import type { World } from '../../platform/world.ts';
import { collectionPattern, nameLimitBytes } from '../../registers/vault/facts.ts';
import { type Standing, standingOfKey } from '../../registers/vault/store.keys.ts';
import type { Bearer } from '../bearers.ts';
import { type Remembered, remembered } from '../shared.ts';
import { travellingOf } from '../travelling.ts';
import type { Product } from './bearer.ts';
import { DoorClosed } from './closed.ts';
import { announcedSize } from './conditions.ts';
import type { Because, OpenCustomer } from './door.ts';
import { openStanding } from './opening.ts';
import { ProtocolFault } from './problems.ts';

/** A request of a product, read as far as every route reads it. */
export interface Asked extends Question {
  readonly context: Context<Env>;
}

/** As `Asked`, where there may be no context to answer with. */
export interface Question {
  readonly world: World;
  readonly context: Heard;
  readonly method: string;
  /** Segments behind `/vault/v1`, percent-decoded. */
  readonly path: readonly string[];
  readonly params: URLSearchParams;
  /** Whose request it is, or was when its token was last read: `surely` says whether it still is. */
  readonly product: Product;
  /** The token itself, to be asked again. */
  readonly bearer: Bearer<Product>;
  /** Settles once it is sure that the token is that product's. @throws Mistaken where it is not, or not any more */
  readonly surely: () => Promise<void>;
  /** Whether what was last known may be gone on with, while it is being read again. */
  readonly swiftly: boolean;
  /** What the product says it wants this for. */
  readonly purpose: string;
}

const base = '/vault/v1';
const purposeLimit = 200;
export const anyPurpose = 'service';

/** What was last known, and gone on with, does not hold any more: nothing was done, and all is read anew. */
export class Mistaken extends Error {
  override readonly name = 'Mistaken';
}

export function askedOf<Context extends Heard>(
  world: World,
  c: Context,
  by: Pick<Question, 'bearer' | 'product' | 'surely' | 'swiftly'>,
): Question & { readonly context: Context } {
  const [wire = '', query = ''] = (wireTarget(c) ?? targetOf(c.req.url)).split('?', 2);
  // A path that changes as it is tidied up would reach something that nobody named.
  if (untidy.test(wire) || !wire.startsWith(base)) throw new ProtocolFault('nameInPath');
  const path = wire
    .slice(base.length + 1)
    .split('/')
    .map(decoded);
  if (path.at(-1) === '') path.pop();
  const purpose = askedHeader(c, 'kept-purpose');
  return {
    ...by,
    world,
    context: c,
    method: c.req.method,
    path,
    params: new URLSearchParams(query),
    purpose: purpose === undefined ? anyPurpose : readPurpose(decodedHeader(purpose)),
  };
}

/** A segment of one or two dots, however they are written. */
const untidy = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i;

/** Path and query as they came over the wire, before anybody tidied them up; null without a socket. */
function wireTarget(c: Heard): string | null {
  const { incoming } = (c.env ?? {}) as { readonly incoming?: { readonly url?: string } };
  const target = incoming?.url;
  if (target === undefined) return null;
  return target.startsWith('/') ? target : targetOf(target);
}

function targetOf(url: string): string {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}

function decoded(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ProtocolFault('nameNotText');
  }
}

/** Headers carry ASCII; other text comes percent-encoded. */
function decodedHeader(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @throws ProtocolFault `purposeUnfit`, also for what PostgreSQL cannot keep in a text */
export function readPurpose(text: unknown): string {
  const isFit =
    typeof text === 'string' &&
    text.trim() !== '' &&
    text.length <= purposeLimit &&
    text.isWellFormed() &&
    !text.includes('\0');
  if (!isFit) throw new ProtocolFault('purposeUnfit', { limit: purposeLimit });
  return text.trim();
}

/** @throws ProtocolFault `collectionUnfit` */
export function readCollection(text: string): string {
  if (!collectionPattern.test(text)) throw new ProtocolFault('collectionUnfit');
  return text;
}

/**
 * A name of an object, or a key of a record: 1 to 1,024 bytes of UTF-8, whatever they are. It is
 * never part of a path, of a file name or of a log.
 */
export function readName(text: unknown): string {
  if (typeof text !== 'string' || !text.isWellFormed()) throw new ProtocolFault('nameNotText');
  const bytes = Buffer.byteLength(text);
  if (bytes === 0 || bytes > nameLimitBytes) {
    throw new ProtocolFault('nameUnfit', { limit: nameLimitBytes });
  }
  return text;
}

/** A body is sent once, and read again where a request is begun anew: by its socket's request, or its context. */
const bodies = new WeakMap<object, Promise<Uint8Array>>();
const strictly = new TextDecoder('utf-8', { fatal: true });

/** A body of JSON. @throws ProtocolFault */
export async function readJson<T>(
  { context: c }: Question,
  schema: z.ZodType<T>,
  limitBytes: number,
): Promise<T> {
  const type = askedHeader(c, 'content-type') ?? 'application/json';
  if (!/^application\/(?:merge-patch\+)?json\s*(?:;|$)/i.test(type)) {
    throw new ProtocolFault('mediaUnfit');
  }
  const { incoming: request = c } = (c.env ?? {}) as { readonly incoming?: object };
  const reading = bodies.get(request) ?? wholeBody(c, limitBytes);
  bodies.set(request, reading);
  const bytes = await reading;
  let value: unknown;
  try {
    value = JSON.parse(strictly.decode(bytes));
  } catch (cause) {
    throw new ProtocolFault('notJson', {}, cause);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ProtocolFault('inputUnfit', {
      where: issue?.path.join('.') ?? '',
      why: issue?.message ?? '',
    });
  }
  return parsed.data;
}

/** Any JSON object, as the value of a record is: nothing in it means anything to us, no name is left out. */
export const jsonObject = z.custom<JsonObject>(
  (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && isSayable(value),
  'must be a JSON object of Unicode text and finite numbers, nested 48 levels at most',
);

/** Whether it is the same when it is written down and read again (RFC 7493, section 2). */
function isSayable(value: unknown, depth = 0): boolean {
  if (depth > 48) return false;
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(
    ([name, each]) => name.isWellFormed() && isSayable(each, depth + 1),
  );
}

/** A body of a size that was announced and fits is taken as it comes; any other is counted. */
function wholeBody(c: Heard, limitBytes: number): Promise<Uint8Array> {
  const { incoming } = (c.env ?? {}) as { readonly incoming?: Readable };
  const size = announcedSize(c);
  if (!incoming || size === null || size > limitBytes) return bytesOfBody(c, limitBytes);
  return new Promise((resolve, reject) => {
    // Gone already, and said so before anybody listened: it will not be said again.
    if (incoming.destroyed && !incoming.readableEnded) throw new ProtocolFault('notJson');
    const pieces: Buffer[] = [];
    let isWhole = false;
    incoming.on('data', (piece: Buffer) => pieces.push(piece));
    incoming.once('end', () => {
      const [only] = pieces;
      isWhole = true;
      resolve(pieces.length === 1 && only ? only : Buffer.concat(pieces));
    });
    incoming.once('error', reject);
    // Nobody is left to hear of it; whatever waits for the body must end all the same.
    incoming.once('close', () => {
      if (!isWhole) reject(new ProtocolFault('notJson'));
    });
  });
}

/** A whole body, of at most so many bytes. @throws ProtocolFault `bodyTooLarge` */
export async function bytesOfBody(c: Heard, limitBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of bodyOf(c)) {
    size += piece.length;
    if (size > limitBytes) throw new ProtocolFault('bodyTooLarge', { limit: limitBytes });
    pieces.push(piece);
  }
  const [only] = pieces;
  return pieces.length === 1 && only ? only : Buffer.concat(pieces);
}

/** The body, piece by piece as it comes: from the socket where there is one. */
export function bodyOf(c: Heard): AsyncIterable<Uint8Array> {
  const { incoming } = (c.env ?? {}) as { readonly incoming?: AsyncIterable<Uint8Array> };
  if (incoming && Symbol.asyncIterator in incoming) return handingOver(incoming);
  return (c.req.raw.body ?? nothing()) as AsyncIterable<Uint8Array>;
}

/** What Node copies off a socket nobody else has. */
async function* handingOver(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield handOver(piece);
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // A request without a body.
}

const standings = new WeakMap<World, Remembered<Standing>>();

function standingsOf(world: World): Remembered<Standing> {
  const there =
    standings.get(world) ??
    remembered((place: string) => {
      const [productId = ''] = place.split(' ', 1);
      return standingOfKey(travellingOf(world), place.slice(productId.length + 1), productId);
    });
  standings.set(world, there);
  return there;
}

/** @throws DoorClosed `customerUnknown` where nobody can be called so */
function placeOf({ product }: Question, key: string): string {
  if (key.includes('\0')) throw new DoorClosed('customerUnknown');
  return `${product.productId} ${key}`;
}

/** The customer that a path names, as the product may know it. @throws DoorClosed `customerUnknown` */
export async function standingFor(asked: Question, key: string): Promise<Standing> {
  await asked.surely();
  const standing = await standingsOf(asked.world).ask(placeOf(asked, key));
  if (!standing) throw new DoorClosed('customerUnknown');
  return standing;
}

/** Opens the customer that a path names. @throws DoorClosed */
export async function openFor(asked: Question, key: string): Promise<OpenCustomer> {
  const standing = await standingFor(asked, key);
  const opened = await openStanding(asked.world, standing, becauseOf(asked));
  if (!opened.ok) throw new DoorClosed(opened.refusal.code, opened.refusal.params);
  if (standing.custody !== 'vault') throw new ProtocolFault('keysOnly');
  return opened.value;
}

/**
 * What a customer was, where that may be gone on with while it is read again: they were open, had a
 * key, and are of such a custody. Null where all is to be read first.
 */
export function lastStanding(
  asked: Question,
  key: string,
  custody: readonly Standing['custody'][],
): Standing | null {
  if (!asked.swiftly) return null;
  const standing = standingsOf(asked.world).last(placeOf(asked, key));
  const isUsual = standing?.state === 'open' && standing.keys.length > 0;
  return isUsual && custody.includes(standing.custody) ? standing : null;
}

/** What asks whether it may, each time, before it shows or changes anything. */
export type SwiftCustomer = Pick<
  OpenCustomer,
  'findRecord' | 'findRecords' | 'readRecords' | 'writeRecords'
>;

/**
 * As `openFor`, for what is asked for a thousand times a second: where the customer was open when
 * they were last read, the answer is worked out at the same time as token and customer are read
 * again, and nobody is given anything, and nothing is changed, before that has said the same.
 */
async function openSwiftly(asked: Question, key: string): Promise<SwiftCustomer | null> {
  const { world } = asked;
  const standing = lastStanding(asked, key, ['vault']);
  if (!standing) return null;
  const sure = Promise.all([standingsOf(world).ask(placeOf(asked, key)), asked.surely()]).then(
    ([now]) => {
      if (now !== standing) throw new Mistaken();
    },
  );
  // Whoever fails before they ask for it has failed already.
  sure.catch(() => undefined);
  const opened = await openStanding(world, standing, becauseOf(asked), sure);
  return opened.ok ? opened.value : null;
}

/** Opens the customer that a path names, for their records. @throws DoorClosed */
export async function openRecords(asked: Question, key: string): Promise<SwiftCustomer> {
  return (await openSwiftly(asked, key)) ?? openFor(asked, key);
}

export function becauseOf({ product, purpose }: Question): Because {
  return { by: 'service', ...product, purpose };
}
