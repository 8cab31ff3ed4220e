import type { Db } from '../kernel/db.ts';
import type { Instant } from '../kernel/instant.ts';
import { bearerIn, sha256Hex } from '../platform/identity/token.ts';
import { log } from '../platform/log.ts';
import type { World } from '../platform/world.ts';
import { remembered } from './shared.ts';
import { travellingOf } from './travelling.ts';

/** Uses are added up for so long: were every request to write them down, all would wait for one row. */
const noteAfterMs = 1_000;

/** One token, as it came. */
export interface Bearer<Holder> {
  /** Whose it was when it was last read: to go on with, while `holder` says whether it still is. */
  readonly last: Holder | null;
  /** Read anew each time, and every use is counted. The same holder is the same object. */
  holder(): Promise<Holder | null>;
  /** Counts a use by whoever asked by themselves whether it still is `last`. */
  used(): void;
}

/** Who asks, by a token that is neither revoked nor over. */
export interface Bearers<Holder> {
  /** @param authorization header of the request; null where there is no such token in it */
  bearerOf(authorization: string | undefined): Bearer<Holder> | null;
  /** Read anew each time, and every use is counted. */
  holderOf(authorization: string | undefined): Promise<Holder | null>;
  /** Writes down the uses counted so far. */
  settle(): Promise<void>;
}

/** One kind of token: 32 random bytes behind a name that scanners of leaked secrets can be taught. */
interface Kind<Holder extends { readonly tokenId: string }> {
  readonly prefix: string;
  readonly find: (db: Db, hash: Buffer, now: Instant) => Promise<Holder | null>;
  /** Adds up uses, by the id of the token. */
  readonly note: (db: Db, uses: ReadonlyMap<string, number>, at: Instant) => Promise<void>;
}

/** The one counter of a world for this kind: whoever closes the world settles it first. */
export function bearersWith<Holder extends { readonly tokenId: string }>(
  kind: Kind<Holder>,
): (world: World) => Bearers<Holder> {
  const known = new WeakMap<World, Bearers<Holder>>();
  return (world) => {
    const there = known.get(world) ?? counted(world, kind);
    known.set(world, there);
    return there;
  };
}

function counted<Holder extends { readonly tokenId: string }>(
  world: World,
  { prefix, find, note }: Kind<Holder>,
): Bearers<Holder> {
  const format = new RegExp(`^${prefix}[A-Za-z0-9_-]{43}$`);
  const holders = remembered((sha256) =>
    find(travellingOf(world), Buffer.from(sha256, 'hex'), world.now()),
  );
  let uses = new Map<string, number>();
  let waits = false;
  const settle = async (): Promise<void> => {
    waits = false;
    const before = uses;
    uses = new Map();
    if (before.size > 0) await note(world.database.db, before, world.now());
  };
  const count = (id: string): void => {
    uses.set(id, (uses.get(id) ?? 0) + 1);
    if (waits) return;
    waits = true;
    setTimeout(() => {
      settle().catch((error: unknown) => log.error('uses of tokens are not noted', { error }));
    }, noteAfterMs).unref();
  };
  const bearerOf: Bearers<Holder>['bearerOf'] = (authorization) => {
    const token = bearerIn(authorization ?? '');
    if (token === null || !format.test(token)) return null;
    const digest = sha256Hex(token);
    const last = holders.last(digest);
    return {
      last,
      holder: async () => {
        const holder = await holders.ask(digest);
        if (holder) count(holder.tokenId);
        return holder;
      },
      used: () => {
        if (last) count(last.tokenId);
      },
    };
  };
  return {
    settle,
    bearerOf,
    holderOf: async (authorization) => (await bearerOf(authorization)?.holder()) ?? null,
  };
}
