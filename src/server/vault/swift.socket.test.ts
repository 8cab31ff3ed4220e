import { request } from 'node:http';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Env } from '../../platform/http/mount.ts';
import { createGate, security } from '../../platform/http/security.ts';
import { readDictionary } from '../../platform/words.ts';
import { sources } from '../composition.ts';
import { type Answerer, type Listener, listen } from '../listener.ts';
import { vaultHandler } from './handler.ts';
import { swiftRecords } from './swift.socket.ts';
import { openVaultAtTest, tokenOf, type VaultAtTest } from './testing.ts';

/** Whether straight from the socket or by the routes: what is asked for is answered the same. */

const burst = 60;

let vault: VaultAtTest;
/** With the short way, and without it; each with a gate of its own. */
let swift: Listener;
let usual: Listener;
let straight = 0;

async function face(shortens: boolean): Promise<Listener> {
  const { world } = vault;
  const words = await readDictionary(sources);
  const gate = createGate({ world, allowances: { product: { burst, perMinute: 1 } } });
  const app = new Hono<Env>();
  for (const guard of security({ world, words, gate })) app.use(guard);
  app.route('/vault/v1', vaultHandler(world, words));
  const answer: Answerer = (asked, bindings) => app.fetch(asked, bindings as object);
  const listener = await listen('127.0.0.1', 0, answer);
  const way = swiftRecords(world, gate, []);
  const counting: typeof way = (incoming, outgoing) => {
    const answered = way(incoming, outgoing);
    void answered?.then((isAnswered) => (straight += isAnswered ? 1 : 0));
    return answered;
  };
  if (shortens) listener.answerBy(answer, counting);
  return listener;
}

beforeAll(async () => {
  vault = await openVaultAtTest();
  [swift, usual] = [await face(true), await face(false)];
});
afterAll(async () => {
  await swift.finish(0);
  await usual.finish(0);
  await vault[Symbol.asyncDispose]();
});

interface Asking {
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

interface Told {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

/** Raw, because `fetch` names the host by itself. */
function ask({ port }: Listener, method: string, path: string, { headers, body }: Asking) {
  return new Promise<Told>((resolve, reject) => {
    const authorization = `Bearer ${tokenOf('scheduler')}`;
    const sent = request(
      { port, method, path: `/vault/v1${path}`, headers: { authorization, ...headers } },
      (answer) => {
        const { date: _, ...told } = answer.headers;
        let text = '';
        answer.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: told, body: text }),
        );
      },
    );
    sent.on('error', reject).end(body);
  });
}

const at = (key: string) => `/customers/acme/collections/orders/records/${key}`;
const json = { 'content-type': 'application/json' };

describe('the short way and the usual one', () => {
  test.each<[string, string, string, Asking, number, boolean]>([
    ['a record', 'GET', at('a'), {}, 200, true],
    ['no record', 'GET', at('nobody'), {}, 404, false],
    ['a record that is known', 'GET', at('a'), { headers: { 'if-none-match': '*' } }, 304, true],
    ['another record', 'GET', at('a'), { headers: { 'if-match': '"x"' } }, 412, false],
    ['a name that is percent-encoded', 'GET', at('%C3%A9'), {}, 200, true],
    ['a name that is no text', 'GET', at('%ff'), {}, 400, false],
    ['a name that changes', 'GET', at('%2e%2e'), {}, 400, false],
    ['a collection that cannot be', 'GET', at('a').replace('orders', 'No!'), {}, 400, false],
    ['nobody', 'GET', at('a').replace('acme', 'nobody'), {}, 404, false],
    ['a purpose', 'GET', at('a'), { headers: { 'kept-purpose': 'audit' } }, 200, true],
    ['a purpose of nothing', 'GET', at('a'), { headers: { 'kept-purpose': ' ' } }, 400, false],
    ['another language', 'GET', at('nobody'), { headers: { 'accept-language': 'ja' } }, 404, false],
    ['a stranger’s name', 'GET', at('a'), { headers: { host: 'evil.example' } }, 421, false],
    ['no token', 'GET', at('a'), { headers: { authorization: 'Bearer x' } }, 401, false],
    ['what is written', 'PUT', at('a'), { headers: json, body: '{"n":2}' }, 200, true],
    ['what is no JSON', 'PUT', at('a'), { headers: json, body: '{' }, 400, false],
    ['what is no object', 'PUT', at('a'), { headers: json, body: '[]' }, 400, false],
    [
      'another media',
      'PUT',
      at('a'),
      { headers: { 'content-type': 'a/b' }, body: '{}' },
      415,
      false,
    ],
    [
      'what is there and must not be',
      'PUT',
      at('a'),
      { headers: { ...json, 'if-none-match': '*' }, body: '{}' },
      412,
      false,
    ],
    ['another method', 'POST', at('a'), { headers: json, body: '{}' }, 405, false],
  ])('answer the same of %s', async (_, method, path, asking, status, isStraight) => {
    await vault.ask('PUT', vault.at('collections', 'orders', 'records', 'a'), { json: { n: 1 } });
    await vault.ask('PUT', vault.at('collections', 'orders', 'records', 'é'), { json: { n: 1 } });
    const before = straight;
    const short = await ask(swift, method, path, asking);
    expect([short.status, straight - before]).toEqual([status, isStraight ? 1 : 0]);
    const long = await ask(usual, method, path, asking);
    if (method === 'PUT' && status === 200) {
      expect({ ...short, headers: Object.keys(short.headers).sort(), body: '' }).toEqual({
        ...long,
        headers: Object.keys(long.headers).sort(),
        body: '',
      });
    } else expect(short).toEqual(long);
  });
});

test('what is asked straight counts at the same gate, once, and is refused by the routes', async () => {
  const statuses: number[] = [];
  for (let n = 0; n <= burst; n++) {
    const path = n % 2 === 0 ? at('a') : at('nobody');
    statuses.push((await ask(swift, 'GET', path, {})).status);
  }
  expect(statuses.at(-1)).toBe(429);
  const asked = statuses.indexOf(429);
  // What the tests before asked for, each counted once, however it was answered; but a stranger's name.
  expect(asked).toBe(burst - 19);
});
