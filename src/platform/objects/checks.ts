import { type ByteRange, type PartReceipt, StorageFault } from './storage.ts';

/** Bytes that the parts make up together. @throws StorageFault `incomplete` where they have a gap */
export function sizeOfParts(parts: readonly PartReceipt[]): number {
  if (parts.length === 0 || parts.some(({ number }, at) => number !== at)) {
    throw new StorageFault(
      'incomplete',
      'the parts of an upload are numbered from 0 without a gap',
    );
  }
  return parts.reduce((sum, { size }) => sum + size, 0);
}

/** @throws StorageFault `range` where an object of this size does not have these bytes */
export function checkRange({ from, to }: ByteRange, size: number): void {
  if (!(Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from <= to && to <= size)) {
    throw new StorageFault('range', `bytes ${from} to ${to} of an object of ${size}`);
  }
}

export function missing(cause?: unknown): StorageFault {
  return new StorageFault('missing', 'there is no such object', cause);
}
