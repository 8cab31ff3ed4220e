import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Env } from '../../platform/http/mount.ts';
import { type Asked, readJson } from './asked.ts';

/** What comes of reading a body of 13 bytes from a socket: its value, or the code of the fault. */
async function readFrom(incoming: PassThrough): Promise<unknown> {
  let came: unknown;
  const app = new Hono<Env>();
  app.post('/', async (c) => {
    const asked = { context: c } as unknown as Asked;
    came = await readJson(asked, z.object({ sample: z.int() }), 100).catch(({ code }) => code);
    return c.body(null, 204);
  });
  const headers = { 'content-type': 'application/json', 'content-length': '13' };
  await app.request('/', { method: 'POST', headers }, { incoming });
  return came;
}

test('a body is read to its end, and one whose sender leaves is waited for by nobody', async () => {
  const whole = new PassThrough();
  whole.end('{"sample": 1}');
  expect(await readFrom(whole)).toEqual({ sample: 1 });
  const leaves = new PassThrough();
  leaves.write('{"sam');
  setImmediate(() => leaves.destroy());
  expect(await readFrom(leaves)).toBe('notJson');
  // Before anybody asked for the body: `close` is in the past by then.
  const gone = new PassThrough();
  gone.write('{"sam');
  gone.destroy();
  await once(gone, 'close');
  expect(await readFrom(gone)).toBe('notJson');
});
