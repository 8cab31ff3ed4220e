import { Fault } from '../kernel/fault.ts';
import { PostgresFault, type PostgresFaultReason } from '../platform/postgres/fault.ts';

/**
 * How the process ends, by what went wrong: 1 to 5 mean the same for every command, from 10 on they
 * are of `kept up` and `kept demo` alone. Documented in `kept --help`.
 */
export const exitCodes = {
  stopped: 0,
  usage: 2,
  fault: 5,
  cannotListen: 10,
  folderUnusable: 11,
  folderBusy: 12,
  databaseUnreachable: 13,
  databaseRefusesUs: 14,
  databaseOfOtherVersion: 15,
  databaseFailed: 16,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Kept cannot start; the message is one line for the operator. */
export class StartFault extends Fault {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, { cause, retryable: false });
    this.exitCode = exitCode;
  }
}

const ofDatabase: Readonly<Record<PostgresFaultReason, ExitCode>> = {
  folderBusy: exitCodes.folderBusy,
  folderUnwritable: exitCodes.folderUnusable,
  folderUnreachable: exitCodes.folderUnusable,
  binariesMissing: exitCodes.databaseFailed,
  startFailed: exitCodes.databaseFailed,
  otherVersion: exitCodes.databaseOfOtherVersion,
  unreachable: exitCodes.databaseUnreachable,
  wrongPassword: exitCodes.databaseRefusesUs,
  unsuitable: exitCodes.databaseRefusesUs,
  newer: exitCodes.databaseOfOtherVersion,
};

/** The code for anything thrown while starting. */
export function exitCodeOf(thrown: unknown): ExitCode {
  if (thrown instanceof StartFault) return thrown.exitCode;
  return thrown instanceof PostgresFault ? ofDatabase[thrown.reason] : exitCodes.fault;
}
