import type { Context } from 'hono';
import { z } from 'zod';
import type { JsonObject } from '../../kernel/json.ts';
import type { Language } from '../../kernel/language.ts';
import { type Env, languageOf } from '../../platform/http/mount.ts';
import type { World } from '../../platform/world.ts';
import { collectionName, nameLimitBytes } from '../../registers/vault/facts.ts';
import { type Standing, standingOfKey } from '../../registers/vault/store.keys.ts';
import { shared } from '../shared.ts';
import type { Product } from './bearer.ts';
import { DoorClosed } from './closed.ts';
import type { Because, OpenCustomer } from './door.ts';
import { openStanding } from './opening.ts';
import { ProtocolFault } from './problems.ts';

/** A request of a product, read as far as every route reads it. */
export interface Asked {
  readonly world: World;
  readonly context: Context<Env>;
  readonly method: string;
  /** Segments behind `/vault/v1`, percent-decoded. */
  readonly path: readonly string[];
  readonly params: URLSearchParams;
  readonly product: Product;
  readonly language: Language;
  /** What the product says it wants this for. */
  readonly purpose: string;
}

const base = '/vault/v1';
const purposeLimit = 200;
export const anyPurpose = 'service';

export function askedOf(world: World, c: Context<Env>, product: Product): Asked {
  const url = new URL(c.req.url);
  const wire = wirePath(c) ?? url.pathname;
  // A path that changes as it is tidied up would reach something that nobody named.
  const isTidy = !wire.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));
  if (!isTidy || !wire.startsWith(base)) throw new ProtocolFault('nameInPath');
  const path = wire.slice(base.length).split('/').slice(1).map(decoded);
  if (path.at(-1) === '') path.pop();
  const purpose = c.req.header('kept-purpose') ?? anyPurpose;
  return {
    world,
    context: c,
    method: c.req.method,
    path,
    params: url.searchParams,
    product,
    language: languageOf(c.req.raw, null),
    purpose: readPurpose(decodedHeader(purpose)),
  };
}

/** The path as it came over the wire, before anybody tidied it up; null without a socket. */
function wirePath(c: Context<Env>): string | null {
  const { incoming } = (c.env ?? {}) as { readonly incoming?: { readonly url?: string } };
  const target = incoming?.url;
  if (target === undefined) return null;
  const path = target.startsWith('/') ? target : new URL(target).pathname;
  return path.split('?', 1)[0] ?? path;
}

function decoded(segment: string): string {
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

/** @throws ProtocolFault `purposeUnfit` */
export function readPurpose(text: unknown): string {
  const isFit = typeof text === 'string' && text.trim() !== '' && text.length <= purposeLimit;
  if (!isFit) throw new ProtocolFault('purposeUnfit', { limit: purposeLimit });
  return text.trim();
}

/** @throws ProtocolFault `collectionUnfit` */
export function readCollection(text: string): string {
  if (!collectionName.safeParse(text).success) throw new ProtocolFault('collectionUnfit');
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

/** A body of JSON. @throws ProtocolFault */
export async function readJson<T>(
  { context: c }: Asked,
  schema: z.ZodType<T>,
  limitBytes: number,
): Promise<T> {
  const type = c.req.header('content-type') ?? 'application/json';
  if (!/^application\/(?:merge-patch\+)?json\s*(?:;|$)/i.test(type)) {
    throw new ProtocolFault('mediaUnfit');
  }
  const bytes = await bytesOfBody(c, limitBytes);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
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

/** A whole body, of at most so many bytes. @throws ProtocolFault `bodyTooLarge` */
export async function bytesOfBody(c: Context<Env>, limitBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of bodyOf(c)) {
    size += piece.length;
    if (size > limitBytes) throw new ProtocolFault('bodyTooLarge', { limit: limitBytes });
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** The body, piece by piece as it comes: from the socket where there is one. */
export function bodyOf(c: Context<Env>): AsyncIterable<Uint8Array> {
  const { incoming } = (c.env ?? {}) as { readonly incoming?: AsyncIterable<Uint8Array> };
  if (incoming && Symbol.asyncIterator in incoming) return incoming;
  return (c.req.raw.body ?? nothing()) as AsyncIterable<Uint8Array>;
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // A request without a body.
}

const standings = new WeakMap<World, (place: string) => Promise<Standing | null>>();

/** Read once for all who ask for the same customer at the same time, and after each of them asked. */
function standingsOf(world: World): (place: string) => Promise<Standing | null> {
  const there =
    standings.get(world) ??
    shared((place: string) => {
      const [key = '', productId = ''] = JSON.parse(place) as readonly string[];
      return standingOfKey(world.database.db, key, productId);
    });
  standings.set(world, there);
  return there;
}

/** The customer that a path names, as the product may know it. @throws DoorClosed `customerUnknown` */
export async function standingFor(asked: Asked, key: string): Promise<Standing> {
  const { world, product } = asked;
  const standing = await standingsOf(world)(JSON.stringify([key, product.productId]));
  if (!standing) throw new DoorClosed('customerUnknown');
  return standing;
}

/** Opens the customer that a path names. @throws DoorClosed */
export async function openFor(asked: Asked, key: string): Promise<OpenCustomer> {
  const standing = await standingFor(asked, key);
  const opened = await openStanding(asked.world, standing, becauseOf(asked));
  if (!opened.ok) throw new DoorClosed(opened.refusal.code, opened.refusal.params);
  if (standing.custody !== 'vault') throw new ProtocolFault('keysOnly');
  return opened.value;
}

export function becauseOf({ product, purpose }: Asked): Because {
  return { by: 'service', ...product, purpose };
}
