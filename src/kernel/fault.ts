/**
 * The world failed: a network, a disk, a database, another company's API. Thrown with its cause
 * and whether trying again can help; caught only at the edges (HTTP, tick, CLI).
 */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly retryable: boolean;

  constructor(message: string, options: { cause?: unknown; retryable: boolean }) {
    super(message, { cause: options.cause });
    this.retryable = options.retryable;
  }
}
