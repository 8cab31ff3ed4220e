import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type Listener, listen } from './listener.ts';

let listener: Listener | null = null;
afterEach(() => listener?.finish(0));

/** Answers how much of a body came. */
const counting = async (request: Request): Promise<Response> =>
  new Response(String((await request.arrayBuffer()).byteLength));

/** Sends a body of two bytes, the second after so long; what was answered, or that it was cut. */
async function slowly(path: string, afterMs: number): Promise<string> {
  const socket = connect(listener?.port ?? 0, '127.0.0.1');
  const heard: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => heard.push(bytes));
  const over = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => undefined);
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\nconnection: close\r\n\r\na`,
  );
  await Promise.race([pause(afterMs), over]);
  socket.write('b');
  await over;
  return Buffer.concat(heard).toString().split('\r\n')[0] ?? '';
}

test('a body that trickles in is cut, but for an object on its way into the vault', async () => {
  listener = await listen('127.0.0.1', 0, counting, 300);
  expect(await slowly('/api/v1/people', 5_000)).toBe('');
  expect(await slowly('/vault/v1/customers/acme/collections/a/objects/b', 900)).toBe(
    'HTTP/1.1 200 OK',
  );
  expect(await slowly('/api/v1/people', 0)).toBe('HTTP/1.1 200 OK');
});
