import type { ServerResponse } from 'node:http';
import { headersOfFile } from '../../platform/http/security.ts';
import type { World } from '../../platform/world.ts';
import type { Asked } from './asked.ts';

/** What is answered about a customer's own: JSON, never to be cached; or null, that nothing changed. */
export interface SwiftAnswer {
  readonly json: string | null;
  readonly status?: number;
  readonly etag?: string;
}

interface Always {
  readonly ofAll: Readonly<Record<string, string>>;
  readonly ofJson: Readonly<Record<string, string>>;
}

const always = new WeakMap<World, Always>();

function alwaysOf(world: World): Always {
  const known = always.get(world);
  if (known) return known;
  const ofAll = headersOfFile(world.url);
  const ofJson = { ...ofAll, 'content-type': 'application/json', 'cache-control': 'no-store' };
  always.set(world, { ofAll, ofJson });
  return { ofAll, ofJson };
}

/** All headers that such an answer has. */
function headersOf(world: World, { json, etag }: SwiftAnswer): Record<string, string> {
  const { ofAll, ofJson } = alwaysOf(world);
  return { ...(json === null ? ofAll : ofJson), ...(etag === undefined ? {} : { etag }) };
}

/** Made without the context's help, which would copy every header twice more. */
export function swiftAnswer({ world, context: c }: Asked, answer: SwiftAnswer): Response {
  c.set('carriesHeaders', true);
  const { json, status = json === null ? 304 : 200 } = answer;
  return new Response(json, { status, headers: headersOf(world, answer) });
}

/** As `swiftAnswer`, onto the socket itself. */
export function answerAtOnce(world: World, outgoing: ServerResponse, answer: SwiftAnswer): void {
  const { json, status = json === null ? 304 : 200 } = answer;
  const headers = headersOf(world, answer);
  if (json === null) {
    outgoing.writeHead(status, headers).end();
    return;
  }
  const length = String(Buffer.byteLength(json));
  outgoing.writeHead(status, { ...headers, 'content-length': length }).end(json);
}
