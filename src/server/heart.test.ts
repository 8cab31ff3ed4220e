import { expect, it } from 'vitest';
import { startHeart } from './heart.ts';

const never = 3_600_000;

it('beats at once, again when hurried, and never twice at a time', async () => {
  let beating = 0;
  let most = 0;
  const beats: PromiseWithResolvers<void>[] = [];
  const begun: PromiseWithResolvers<void>[] = [Promise.withResolvers(), Promise.withResolvers()];
  const heart = startHeart(async () => {
    most = Math.max(most, ++beating);
    const beat = Promise.withResolvers<void>();
    beats.push(beat);
    begun[beats.length - 1]?.resolve();
    await beat.promise;
    beating -= 1;
  }, never);
  await begun[0]?.promise;
  heart.hurry();
  heart.hurry();
  beats[0]?.resolve();
  await begun[1]?.promise;
  const stopped = heart.stop();
  expect(beating).toBe(1);
  beats[1]?.resolve();
  await stopped;
  expect([beats.length, beating, most]).toEqual([2, 0, 1]);
});

it('goes on after a beat that failed', async () => {
  const again = Promise.withResolvers<void>();
  let beats = 0;
  const heart = startHeart(async () => {
    beats += 1;
    if (beats === 1) throw new Error('the database went away (part of the test)');
    again.resolve();
  }, 1);
  await again.promise;
  await heart.stop();
  expect(beats).toBeGreaterThan(1);
});
