import { Fault } from '../../kernel/fault.ts';

/**
 * Why something is not a readable age file, closed:
 * - `armor`: the ASCII armor is not strict (RFC 7468, figure 3)
 * - `header`: the header is not as age.md, "Header", says, or a stanza for us is malformed
 * - `noMatch`: a proper header, but no stanza opens with any identity given
 * - `headerMac`: the header was changed after it was made
 * - `payload`: a chunk was changed, left out, repeated or put elsewhere
 * - `truncated`: the file ends before its last chunk
 * - `trailing`: bytes follow the last chunk
 * - `range`: what was asked for does not lie within the plaintext
 * - `key`: text that is no identity or no recipient of type X25519
 */
export type AgeFaultCode =
  | 'armor'
  | 'header'
  | 'noMatch'
  | 'headerMac'
  | 'payload'
  | 'truncated'
  | 'trailing'
  | 'range'
  | 'key';

/** Where a file is wrong. */
export interface AgePlace {
  /** Offset in the age file (in the text, where it is armored), in bytes. */
  readonly byte?: number;
  /** Chunk of the payload, from 0. */
  readonly chunk?: number;
}

/** An age file, identity or recipient that cannot be used, with why and where. Trying again never helps. */
export class AgeFault extends Fault {
  readonly code: AgeFaultCode;
  readonly place: AgePlace;

  constructor(code: AgeFaultCode, message: string, place: AgePlace = {}, cause?: unknown) {
    super(`${message}${placeText(place)}`, { cause, retryable: false });
    this.code = code;
    this.place = place;
  }
}

function placeText({ byte, chunk }: AgePlace): string {
  const parts = [
    ...(chunk === undefined ? [] : [`chunk ${chunk}`]),
    ...(byte === undefined ? [] : [`byte ${byte}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
