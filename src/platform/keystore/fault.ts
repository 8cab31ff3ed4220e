import { Fault } from '../../kernel/fault.ts';

/**
 * Why the keystore cannot give a key, closed:
 * - `unknown`: no such customer, or no such version of their key
 * - `destroyed`: this customer's keys were destroyed, and none will be made again under this id
 * - `current`: the version that new writes use cannot be retired
 * - `damaged`: a stored key that does not open: changed, swapped, or another customer's
 * - `kek`: the key-encryption key that it was wrapped under is not at hand
 * - `purpose`: a wrapped data key that was not made by this customer's key for this purpose
 * - `backup`: a backup that is missing, damaged, or already expired
 * - `unreachable`: disk or KMS failed; trying again may help
 */
export type KeystoreFaultCode =
  | 'unknown'
  | 'destroyed'
  | 'current'
  | 'damaged'
  | 'kek'
  | 'purpose'
  | 'backup'
  | 'unreachable';

export class KeystoreFault extends Fault {
  readonly code: KeystoreFaultCode;

  constructor(code: KeystoreFaultCode, message: string, cause?: unknown) {
    super(message, { cause, retryable: code === 'unreachable' });
    this.code = code;
  }
}

/** The same act, whose faults of the disk (`E…` of Node) come out as `unreachable`. */
export function reaching<Words extends readonly unknown[], T>(
  what: string,
  act: (...words: Words) => Promise<T>,
): (...words: Words) => Promise<T> {
  return async (...words) => {
    try {
      return await act(...words);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (error instanceof KeystoreFault || !/^E[A-Z]+$/.test(code)) throw error;
      throw new KeystoreFault('unreachable', `${what} failed (${code})`, error);
    }
  };
}
