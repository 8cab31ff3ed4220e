import { headersOfFile } from '../../platform/http/security.ts';
import type { World } from '../../platform/world.ts';
import type { Asked } from './asked.ts';

const always = new WeakMap<World, Readonly<Record<string, string>>>();

function headersOf(world: World): Readonly<Record<string, string>> {
  const there = always.get(world) ?? {
    ...headersOfFile(world.url),
    'content-type': 'application/json',
    'cache-control': 'no-store',
  };
  always.set(world, there);
  return there;
}

/**
 * JSON of a customer, never to be cached, with all headers that an answer has: made without the
 * context's help, which would copy every header twice more.
 */
export function swiftAnswer(
  { world, context: c }: Asked,
  json: string,
  { status = 200, etag }: { readonly status?: number; readonly etag?: string } = {},
): Response {
  c.set('carriesHeaders', true);
  const headers = { ...headersOf(world), ...(etag === undefined ? {} : { etag }) };
  return new Response(json, { status, headers });
}
