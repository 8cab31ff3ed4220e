import { describe, expect, it } from 'vitest';
import { Intake } from './age/intake.ts';
import { piecesOf } from './age/testing.ts';
import { handOver, letGo } from './memory.ts';

describe('memory that is let go of', () => {
  it('is gone where it was handed over, and stays where it was not', () => {
    const ours = new Uint8Array(100_000);
    const theirs = handOver(new Uint8Array(100_000));
    letGo(ours);
    letGo(theirs);
    letGo(theirs);
    expect([ours.length, theirs.length]).toEqual([100_000, 0]);
  });

  it('is never what shares its memory with others', () => {
    const whole = new Uint8Array(1_000);
    const part = handOver(whole.subarray(0, 500));
    const small = handOver(Buffer.from('in the pool of Node'));
    letGo(part);
    letGo(small);
    expect([whole.length, part.length, small.toString()]).toEqual([
      1_000,
      500,
      'in the pool of Node',
    ]);
  });
});

it('an intake lets go of a piece once nothing handed out is of it, and of all at its end', async () => {
  const pieces = await Array.fromAsync(piecesOf(new Uint8Array(30_000).fill(7), [10_000]));
  const intake = new Intake(eachOf(pieces));
  const lengths = () => pieces.map(({ length }) => length);
  const first = await intake.take(10_000);
  await intake.atEnd();
  expect([first.length, first[9_999], ...lengths()]).toEqual([10_000, 7, 10_000, 10_000, 10_000]);
  const second = await intake.take(15_000);
  expect([second.length, second[14_999]]).toEqual([15_000, 7]);
  expect((await intake.take(5_000)).length).toBe(5_000);
  expect(lengths()).toEqual([0, 0, 10_000]);
  await intake.close();
  expect(lengths()).toEqual([0, 0, 0]);
});

async function* eachOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
