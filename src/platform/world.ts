import type { Tx } from '../kernel/db.ts';
import { uuidv7 } from '../kernel/id.ts';
import { type Instant, toMillisecond } from '../kernel/instant.ts';
import type { Effect } from '../policy/event.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import type { Keys } from './keys.ts';
import type { Keystore } from './keystore/keystore.ts';
import type { ObjectStorage } from './objects/storage.ts';
import { type Organisation, organisationOf } from './organisation.ts';
import type { Database } from './postgres/database.ts';

/** Where outgoing work goes: pg-boss in production, a mailbox in tests and in the simulator. */
export interface EffectSink {
  /** Inside the transaction that causes the effects: they exist exactly if it commits. */
  enqueue(tx: Tx, effects: readonly Effect[]): Promise<void>;
}

/**
 * Everything that is not pure, in one value. Production, tests and the simulator differ in nothing
 * but what they put in here.
 */
export interface World {
  readonly database: Database;
  readonly keys: Keys;
  readonly authorizer: Authorizer;
  readonly effects: EffectSink;
  /** What customers entrust, sealed. */
  readonly objects: ObjectStorage;
  /** The keys to it, one customer at a time. */
  readonly keystore: Keystore;
  /** Origin of this installation, such as `https://kept.example.com`. */
  readonly url: string;
  readonly demo: boolean;
  now(): Instant;
  random(bytes: number): Uint8Array;
  newId(): string;
  organisation(): Promise<Organisation | null>;
  /** Says that the organisation's row changed. */
  forgetOrganisation(): void;
  /** Something was appended: the sequencer and the status engine need not wait for their turn. */
  poke(): void;
  onPoke(listener: () => void): void;
}

export interface WorldParts {
  readonly database: Database;
  readonly keys: Keys;
  readonly authorizer: Authorizer;
  readonly effects: EffectSink;
  readonly objects: ObjectStorage;
  readonly keystore: Keystore;
  readonly url: string;
  readonly demo?: boolean;
  readonly now: () => Instant;
  readonly random: (bytes: number) => Uint8Array;
}

export function createWorld(parts: WorldParts): World {
  const listeners: (() => void)[] = [];
  let organisation: Promise<Organisation | null> | undefined;
  const now = () => toMillisecond(parts.now());
  return {
    ...parts,
    demo: parts.demo ?? false,
    now,
    newId: () => uuidv7(now(), parts.random(10)),
    async organisation() {
      organisation ??= organisationOf(parts.database.db);
      const found = await organisation;
      // Not set up yet is not worth remembering: another node may be doing it.
      if (!found) organisation = undefined;
      return found;
    },
    forgetOrganisation: () => {
      organisation = undefined;
    },
    poke: () => {
      for (const listener of listeners) listener();
    },
    onPoke: (listener) => {
      listeners.push(listener);
    },
  };
}
