import { sql } from 'kysely';
import type { Actor } from '../../kernel/actor.ts';
import { bearerOf, sha256Hex } from '../../platform/identity/token.ts';
import { log } from '../../platform/log.ts';
import type { World } from '../../platform/world.ts';
import { noteUses } from '../../registers/provisioning/store.tokens.ts';

/** 32 random bytes behind a name that scanners of leaked secrets can be taught. */
export const tokenPrefix = 'kept_scim_';
const format = /^kept_scim_[A-Za-z0-9_-]{43}$/;

/** Uses are added up for so long: were every request to write them down, all would wait for one row. */
const noteAfterMs = 1_000;

/** Who asks: a directory, by a token that is neither revoked nor over. Every use is counted. */
export interface Bearers {
  actorOf(headers: Headers): Promise<Actor | null>;
  /** Writes down the uses counted so far. */
  settle(): Promise<void>;
}

const known = new WeakMap<World, Bearers>();

/** The one counter of a world: whoever closes the world settles it first. */
export function bearersOf(world: World): Bearers {
  const there = known.get(world) ?? bearers(world);
  known.set(world, there);
  return there;
}

function bearers(world: World): Bearers {
  const find = shared((sha256) => findToken(world, sha256));
  let uses = new Map<string, number>();
  let waits = false;
  const settle = async (): Promise<void> => {
    waits = false;
    const counted = uses;
    uses = new Map();
    if (counted.size > 0) await noteUses(world.database.db, counted, world.now());
  };
  const count = (id: string): void => {
    uses.set(id, (uses.get(id) ?? 0) + 1);
    if (waits) return;
    waits = true;
    setTimeout(() => {
      settle().catch((error: unknown) => log.error('uses of tokens are not noted', { error }));
    }, noteAfterMs).unref();
  };
  return {
    settle,
    async actorOf(headers) {
      const token = bearerOf(headers);
      if (token === null || !format.test(token)) return null;
      const id = await find(sha256Hex(token));
      if (id === null) return null;
      count(id);
      return { kind: 'token', id, roles: ['service'], person: null, scope: ['provisionPeople'] };
    },
  };
}

async function findToken(world: World, sha256: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    select id from scim_token
    where hash = ${Buffer.from(sha256, 'hex')} and revoked_at is null
      and expires_at > ${world.now()}`.execute(world.database.db);
  return rows[0]?.id ?? null;
}

/**
 * Asks once for all who want to know the same while an earlier question is under way: what is
 * answered was read after each of them asked, so that a revocation holds at once.
 */
export function shared<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const asking = new Map<string, Promise<T>>();
  const waiting = new Map<string, Promise<T>>();
  const start = (key: string): Promise<T> => {
    waiting.delete(key);
    const answer = ask(key).finally(() => {
      if (asking.get(key) === answer) asking.delete(key);
    });
    asking.set(key, answer);
    return answer;
  };
  return (key) => {
    const before = asking.get(key);
    if (!before) return start(key);
    const next =
      waiting.get(key) ??
      before.then(
        () => start(key),
        () => start(key),
      );
    waiting.set(key, next);
    return next;
  };
}
