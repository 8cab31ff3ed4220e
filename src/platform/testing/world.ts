import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Actor, Role } from '../../kernel/actor.ts';
import type { Effect } from '../../policy/event.ts';
import { createAuthorizer } from '../authorization/authorizer.ts';
import { readPermissions } from '../authorization/permissions.ts';
import { keysOf } from '../keys.ts';
import { memoryKeystore } from '../keystore/memory.ts';
import { memoryObjects } from '../objects/memory.ts';
import type { Database } from '../postgres/database.ts';
import { createWorld, type World } from '../world.ts';
import { testDatabase } from './database.ts';

/** A world whose time the test moves and whose randomness repeats. */
export interface TestWorld extends World {
  /** What was enqueued, in order. */
  readonly sent: Effect[];
  /** Moves the clock: to an instant, or on by hours and minutes. */
  advance(to: Temporal.Instant | { readonly hours?: number; readonly minutes?: number }): void;
}

const sources = join(import.meta.dirname, '../..');

/** Repeatable bytes: SHA-256 in counter mode over a seed. */
export function seededBytes(seed: string): (count: number) => Uint8Array {
  let counter = 0;
  return (count) => {
    const blocks: Buffer[] = [];
    for (let length = 0; length < count; length += 32) {
      blocks.push(createHash('sha256').update(`${seed}/${counter++}`).digest());
    }
    return Buffer.concat(blocks).subarray(0, count);
  };
}

/**
 * A world on a database of its own: real PostgreSQL, real Cedar, an organisation in Asia/Tokyo, a
 * clock that stands at `start` until the test moves it.
 */
export async function testWorld(
  options: { readonly start?: string; readonly seed?: string; readonly database?: Database } = {},
): Promise<TestWorld> {
  let now = Temporal.Instant.from(options.start ?? '2026-01-05T00:00:00Z');
  const database = options.database ?? (await testDatabase());
  const sent: Effect[] = [];
  const world = createWorld({
    database,
    objects: memoryObjects(() => now),
    keystore: memoryKeystore(seededBytes(`${options.seed ?? 'test'}/keystore`)),
    keys: keysOf(new Uint8Array(32).fill(7)),
    authorizer: createAuthorizer(await readPermissions(sources)),
    effects: {
      enqueue: async (_, effects) => {
        sent.push(...effects);
      },
    },
    url: 'http://localhost:4747',
    now: () => now,
    random: seededBytes(options.seed ?? 'test'),
  });
  await sql`
    insert into organisation (id, name, zone, languages, domain, created_at)
    values (${world.newId()}, 'Example Engineering', 'Asia/Tokyo', '{en,ja}', 'example.com', ${now})
    on conflict do nothing`.execute(database.db);
  return Object.assign(world, {
    sent,
    advance: (to: Parameters<TestWorld['advance']>[0]) => {
      now = to instanceof Temporal.Instant ? to : now.add(to);
    },
  });
}

/** A person who is signed in with these roles; the row of the person is up to the test. */
export function actorWith(id: string, ...roles: Role[]): Actor {
  return { kind: 'person', id, roles, secondFactor: true, language: 'en' };
}
