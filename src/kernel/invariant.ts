/**
 * A statement that is true unless Kept itself has a bug. Never caught below the edge: a broken
 * invariant must stop the act it was found in, not be worked around.
 */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
}

export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantBroken(message);
}
