import { afterEach, beforeEach, expect, expectTypeOf, test, vi } from 'vitest';
import { z } from 'zod';
import { ApiProblem, createApi, hrefOf } from './api.ts';

const routes = {
  listPeople: {
    input: z.object({ q: z.string().optional(), limit: z.number().default(50) }),
    output: z.object({
      items: z.array(z.object({ id: z.string() })),
      total: z.number(),
      next: z.string().nullable(),
    }),
  },
  endEmployment: {
    input: z.object({ id: z.string(), endsOn: z.string() }),
    output: z.object({ ended: z.boolean() }),
  },
};
const api = createApi<typeof routes>({
  listPeople: { method: 'get', path: '/people' },
  endEmployment: { method: 'post', path: '/api/v1/people/{id}/end' },
});

let sent: { url: string; init: RequestInit }[] = [];
let answer: () => Response | Promise<Response>;

beforeEach(() => {
  sent = [];
  answer = () => Response.json({ items: [], total: 0, next: null });
  vi.stubGlobal('document', { documentElement: { lang: 'ja' } });
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    sent.push({ url, init });
    return answer();
  });
});
afterEach(() => vi.unstubAllGlobals());

const headersOf = (at: number) => sent[at]?.init.headers as Record<string, string>;

test('input and output have the types of the route', () => {
  expectTypeOf(api.listPeople)
    .parameter(0)
    .toEqualTypeOf<{ q?: string | undefined; limit?: number | undefined }>();
  expectTypeOf(api.endEmployment).returns.resolves.toEqualTypeOf<{ ended: boolean }>();
});

test('a read puts its input into the query and carries no key', async () => {
  await api.listPeople({ q: '佐藤 &', limit: 2 });
  expect(sent[0]?.url).toBe('/api/v1/people?q=%E4%BD%90%E8%97%A4+%26&limit=2');
  expect(headersOf(0)).not.toHaveProperty('Idempotency-Key');
  expect(headersOf(0)['Accept-Language']).toBe('ja');
});

test('a write fills the path, sends the rest as JSON, with a fresh key and the header against forgery', async () => {
  answer = () => Response.json({ ended: true });
  expect(await api.endEmployment({ id: 'a/b', endsOn: '2026-03-31' })).toEqual({ ended: true });
  await api.endEmployment({ id: 'c', endsOn: '2026-03-31' });
  expect(sent[0]?.url).toBe('/api/v1/people/a%2Fb/end');
  expect(sent[0]?.init.body).toBe('{"endsOn":"2026-03-31"}');
  expect(headersOf(0)['X-Kept']).toBe('1');
  expect(headersOf(0)['Idempotency-Key']).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(headersOf(1)['Idempotency-Key']).not.toBe(headersOf(0)['Idempotency-Key']);
});

test('problem details become an ApiProblem with its fields', async () => {
  const details = {
    title: 'No',
    detail: 'Not so.',
    code: 'invalidInput',
    action: 'Correct it.',
    reference: 'r1',
    errors: [{ path: 'endsOn', message: 'past' }],
  };
  answer = () =>
    new Response(JSON.stringify(details), {
      status: 400,
      headers: { 'content-type': 'application/problem+json' },
    });
  const problem = await api
    .endEmployment({ id: 'a', endsOn: '' })
    .catch((thrown: unknown) => thrown);
  expect(problem).toBeInstanceOf(ApiProblem);
  expect(problem).toMatchObject({ ...details, status: 400 });
});

test('an answer of a proxy that is no JSON is a problem too, and no answer is status 0', async () => {
  answer = () =>
    new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'content-type': 'text/html' } });
  await expect(api.listPeople({})).rejects.toMatchObject({ status: 502, code: 'http-502' });
  answer = () => Promise.reject(new TypeError('network'));
  await expect(api.listPeople({})).rejects.toMatchObject({ status: 0, code: 'offline' });
});

test('a missing parameter of the path is an error of the caller', async () => {
  await expect(api.endEmployment({ endsOn: 'x' } as never)).rejects.toThrow('needs id');
});

test('an address for a link', () => {
  expect(hrefOf(api.listPeople, { q: 'a', sort: undefined, format: 'csv' })).toBe(
    '/api/v1/people?q=a&format=csv',
  );
});
