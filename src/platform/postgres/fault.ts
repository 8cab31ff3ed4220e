import { Fault } from '../../kernel/fault.ts';

export type PostgresFaultReason =
  /** Another live process holds the folder. */
  | 'folderBusy'
  /** The folder cannot be made, written or owned. */
  | 'folderUnwritable'
  /** The unprivileged account that PostgreSQL runs under cannot reach the folder. */
  | 'folderUnreachable'
  | 'binariesMissing'
  /** The cluster in the folder is of another major version of PostgreSQL. */
  | 'otherVersion'
  | 'startFailed';

/** Why the embedded PostgreSQL could not be started; the message is one line for the operator. */
export class PostgresFault extends Fault {
  readonly reason: PostgresFaultReason;

  constructor(reason: PostgresFaultReason, message: string, options: { cause?: unknown } = {}) {
    super(message, { cause: options.cause, retryable: false });
    this.reason = reason;
  }
}
