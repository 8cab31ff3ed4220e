import { expect, test } from 'vitest';
import { ahead } from './ahead.ts';

/** Takes numbers from 1 on, in a turn of the event loop each. @returns also how many were taken */
function counting({ end = Number.POSITIVE_INFINITY, failing = -1 } = {}) {
  const counted = { taken: 0 };
  const take = async (): Promise<number | null> => {
    await turn();
    if (counted.taken >= end) return null;
    counted.taken += 1;
    if (counted.taken === failing) throw new Error('failing');
    return counted.taken;
  };
  return { counted, take };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await turn();
}

test('things come in their order, each once, to the end', async () => {
  const { take } = counting({ end: 7 });
  expect(await Array.fromAsync(ahead(take, 3))).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test('no more than the limit wait for whoever uses them', async () => {
  const { counted, take } = counting();
  const things = ahead(take, 3);
  await things.next();
  await turns(20);
  expect(counted.taken).toBe(4);
  await things.return();
});

test('where one fails, those before it are used and none is taken after it', async () => {
  const { counted, take } = counting({ failing: 3 });
  const used: number[] = [];
  await expect(
    (async () => {
      for await (const thing of ahead(take, 4)) {
        used.push(thing);
        await turns(10);
      }
    })(),
  ).rejects.toThrow('failing');
  expect(used).toEqual([1, 2]);
  await turns(10);
  expect(counted.taken).toBe(3);
});

test('whoever stops using them stops the taking', async () => {
  const { counted, take } = counting();
  for await (const _ of ahead(take, 2)) break;
  const taken = counted.taken;
  await turns(20);
  expect(counted.taken).toBeLessThanOrEqual(taken + 1);
});
