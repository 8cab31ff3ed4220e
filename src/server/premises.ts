import type { Database } from '../platform/postgres/database.ts';
import type { Settings } from '../platform/settings.ts';
import type { World } from '../platform/world.ts';
import type { Answerer, Swift } from './listener.ts';
import type { LocalEntry } from './local.ts';
import type { SetupGate } from './setup.ts';

/** What a start has made ready for the composition root. */
export interface Premises {
  readonly settings: Settings;
  /** Origin of this installation. */
  readonly url: string;
  readonly demo: boolean;
  /** Reached and migrated. */
  readonly database: Database;
  /** For those who keep connections of their own. */
  readonly databaseUrl: string;
  /** Opens set-up, where nobody has set up an organisation yet. */
  readonly setup: SetupGate;
  /** Lets the command line of this machine in. */
  readonly local: LocalEntry;
}

/** The whole of Kept, composed: it answers requests and, once begun, works by itself. */
export interface Composition {
  readonly world: World;
  readonly answer: Answerer;
  /** Answers what is asked for most, before `answer` is asked. */
  readonly swift?: Swift;
  /** Starts what works by itself: the tick, outgoing effects. */
  begin(): Promise<void>;
  /** Ends that, letting what is under way finish. The database is closed by whoever opened it. */
  end(): Promise<void>;
}

export type Compose = (premises: Premises) => Promise<Composition>;
