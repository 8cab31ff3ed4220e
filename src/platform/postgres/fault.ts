import { Fault } from '../../kernel/fault.ts';

export type PostgresFaultReason =
  /** Another live process holds the folder. */
  | 'folderBusy'
  /** The folder cannot be made, written or owned. */
  | 'folderUnwritable'
  /** The unprivileged account that PostgreSQL runs under cannot reach the folder. */
  | 'folderUnreachable'
  | 'binariesMissing'
  /** The cluster is of another major version of PostgreSQL, or was migrated by another build of Kept. */
  | 'otherVersion'
  | 'startFailed'
  /** No PostgreSQL answers at the URL. */
  | 'unreachable'
  /** PostgreSQL answers and does not let us in. */
  | 'wrongPassword'
  /** It lets us in, and the database is none that Kept can work with. */
  | 'unsuitable'
  /** The database was migrated by a newer Kept. */
  | 'newer';

/** Why there is no PostgreSQL to work with; the message is one line for the operator. */
export class PostgresFault extends Fault {
  readonly reason: PostgresFaultReason;

  constructor(reason: PostgresFaultReason, message: string, options: { cause?: unknown } = {}) {
    super(message, { cause: options.cause, retryable: false });
    this.reason = reason;
  }
}
