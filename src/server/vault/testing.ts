import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { invariant } from '../../kernel/invariant.ts';
import { execute } from '../../platform/execute.ts';
import type { Env } from '../../platform/http/mount.ts';
import { createGate } from '../../platform/http/security.ts';
import { sha256Hex } from '../../platform/identity/token.ts';
import { type TestWorld, testWorld } from '../../platform/testing/world.ts';
import { readDictionary } from '../../platform/words.ts';
import type { World } from '../../platform/world.ts';
import { productFlow } from '../../registers/customers/store.products.ts';
import { vaultFlow } from '../../registers/vault/store.tokens.ts';
import { sources } from '../composition.ts';
import { type Answerer, type Listener, listen } from '../listener.ts';
import { tokenPrefix } from './bearer.ts';
import { vaultHandler } from './handler.ts';
import { swiftRecords } from './swift.socket.ts';

const operator = { kind: 'system', id: 'test' } as const;

/** A token by a name from which it follows. */
export const tokenOf = (name: string): string => `${tokenPrefix}${name.padEnd(43, '0')}`;

/** A product with a token named as its key. */
export async function foundProduct(
  world: World,
  key: string,
  custody: 'vault' | 'keys' | 'none' = 'vault',
): Promise<{ readonly productId: string; readonly token: string; readonly tokenId: string }> {
  const added = await execute(
    world,
    productFlow,
    { do: 'addProduct', product: { key, name: key, kind: 'cloud', custody, holdings: [] } },
    operator,
  );
  invariant(added.ok, 'a product of a test can be added');
  const productId = added.value[0]?.subject.slice('product/'.length) ?? '';
  const token = tokenOf(key);
  const made = await execute(
    world,
    vaultFlow,
    { do: 'issueVaultToken', productId, name: key, days: 30, sha256: sha256Hex(token) },
    operator,
  );
  if (!made.ok) return { productId, token, tokenId: '' };
  const [event] = made.value;
  return { productId, token, tokenId: String(event?.body['id'] ?? '') };
}

/** The vault on a real socket, with the product `scheduler` and its customer `acme`. */
export interface VaultAtTest extends AsyncDisposable {
  readonly world: TestWorld;
  readonly url: string;
  readonly productId: string;
  readonly customerId: string;
  ask(method: string, path: string, init?: Asking): Promise<Response>;
  /** Path of something of the customer `acme`. */
  at(...segments: readonly string[]): string;
}

export interface Asking {
  readonly body?: RequestInit['body'];
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
  readonly token?: string;
}

export async function openVaultAtTest(
  options: { readonly start?: string } = {},
): Promise<VaultAtTest> {
  const world = await testWorld(options);
  const words = await readDictionary(sources);
  const app = new Hono<Env>().route('/vault/v1', vaultHandler(world, words));
  const answer: Answerer = (request, bindings) => app.fetch(request, bindings as object);
  const listener = await listen('127.0.0.1', 0, answer);
  listener.answerBy(answer, swiftRecords(world, createGate({ world }), []));
  const { productId, token } = await foundProduct(world, 'scheduler');
  const url = `http://127.0.0.1:${listener.port}`;
  const ask = asking(url, token);
  const at = (...segments: readonly string[]) =>
    `/customers/acme/${segments.map(encodeURIComponent).join('/')}`;
  const founded = await ask('PUT', '/customers/acme', { json: { name: 'Acme Example' } });
  const { id } = (await founded.json()) as { id: string };
  return {
    world,
    url,
    productId,
    customerId: id,
    ask,
    at,
    [Symbol.asyncDispose]: () => closing(listener),
  };
}

async function closing(listener: Listener): Promise<void> {
  await listener.finish(0);
}

function asking(url: string, usual: string): VaultAtTest['ask'] {
  return async (method, path, { body, json, headers, token = usual } = {}) => {
    const init = {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(body === undefined ? {} : { body, duplex: 'half' }),
    } as RequestInit;
    const send = () => fetch(`${url}/vault/v1${path}`, init);
    return send().catch((thrown: { readonly cause?: { readonly code?: string } }) => {
      // A connection that had been idle was closed as it was used again: on a busy machine that happens.
      if (thrown.cause?.code !== 'ECONNRESET') throw thrown;
      return send();
    });
  };
}

/** `sha-256=:…:` of bytes (RFC 9530). */
export function digestHeader(bytes: Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;
}

/** Status and code of an answer that says no. */
export async function codeOf(answer: Response): Promise<readonly [number, string]> {
  const { code } = (await answer.json()) as { code: string };
  return [answer.status, code];
}
