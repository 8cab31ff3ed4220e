import { expect, test } from 'vitest';
import { systemRandom } from './random.ts';

test('gives as many bytes as asked for, and none twice', () => {
  const random = systemRandom();
  const seen = new Set<string>();
  for (let n = 0; n < 5_000; n++) {
    const bytes = random(16);
    expect(bytes.length).toBe(16);
    expect(bytes.buffer.byteLength).toBe(16);
    seen.add(bytes.toHex());
  }
  expect(seen.size).toBe(5_000);
  expect(random(100_000).length).toBe(100_000);
});
