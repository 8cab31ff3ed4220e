import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lookingOutside } from './looking.ts';
import { isReserved, outgoing } from './outgoing.ts';

let server: Server;
let url = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/redirect') response.writeHead(302, { location: '/elsewhere' }).end();
    else if (request.url === '/large') response.end('x'.repeat(5000));
    else if (request.url === '/late') return;
    else {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => response.end(`${request.method} ${Buffer.concat(pieces)}`));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('requests to addresses that people enter', () => {
  test.each([
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://2130706433/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.1.2.3/',
    'https://localhost/',
    'https://user:secret@example.com/',
    'http://example.com/',
    'file:///etc/passwd',
  ])('never go to %s', async (address) => {
    await expect(outgoing({ internalHosts: [] })(address)).rejects.toMatchObject({
      code: 'addressForbidden',
    });
  });

  test('go inside where the operator has named the host', async () => {
    const ask = outgoing({ internalHosts: ['127.0.0.1'] });
    const answer = await ask(url, { method: 'POST', body: new URLSearchParams({ a: 'b' }) });
    expect(await answer.text()).toBe('POST a=b');
  });

  test('follow no redirect, take no more than the limit, and wait no longer than it', async () => {
    const ask = outgoing({ internalHosts: ['127.0.0.1'], limitBytes: 1000, timeoutMs: 200 });
    expect((await ask(`${url}/redirect`)).status).toBe(302);
    await expect(ask(`${url}/large`)).rejects.toMatchObject({ code: 'tooLarge' });
    await expect(ask(`${url}/late`)).rejects.toMatchObject({ code: 'timedOut' });
  });

  test('know what is inside', () => {
    const inside = ['192.168.1.1', '100.64.0.1', 'fd00::1', 'fe80::1', '::', '0.0.0.0'];
    expect(inside.filter((address) => !isReserved(address))).toEqual([]);
    expect(['20.190.128.1', '2603:1006:2000::1', '8.8.8.8'].filter(isReserved)).toEqual([]);
  });
});

test('a handshake that is asked for too late is not waited for', async () => {
  const looking = lookingOutside({ internalHosts: ['127.0.0.1'] });
  const silent = new URL(url.replace('http:', 'https:'));
  const asked = looking.handshake(silent, 'current', AbortSignal.abort());
  await expect(asked).rejects.toMatchObject({ code: 'timedOut' });
});
