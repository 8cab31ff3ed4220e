import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeStream } from 'node:stream/web';
import type { Context, Hono, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { Actor } from '../../kernel/actor.ts';
import { Fault } from '../../kernel/fault.ts';
import { invariant } from '../../kernel/invariant.ts';
import { type Language, languageFrom } from '../../kernel/language.ts';
import type { Answer, Request as HandlerRequest, Route, Routes } from '../../policy/route.ts';
import { executeAs } from '../execute.ts';
import { log } from '../log.ts';
import type { Dictionary } from '../words.ts';
import type { World } from '../world.ts';
import { platformProblem, refusalProblem } from './problems.ts';

/** What middleware before the routes has found out about a request. */
export type Env = {
  Variables: {
    actor: Actor | null;
    /** Made when it is first asked for; good for this one answer. */
    nonce: () => string;
    /** The answer already has the headers of every answer. */
    carriesHeaders?: boolean;
    /** Asked too often, on a page that says so itself: the seconds to wait. */
    waitSeconds?: number;
  };
};

export interface MountOptions {
  readonly world: World;
  readonly words: Dictionary;
  /** Checks every answer against its schema: tests and the demo, not production. */
  readonly checkAnswers: boolean;
}

const defaultLimitBytes = 1024 * 1024;

/** Mounts routes under `/api/v1`: parse once, authorize, handle, answer or explain. */
export function mountRoutes(app: Hono<Env>, routes: Routes, options: MountOptions): void {
  for (const [name, route] of Object.entries(routes)) {
    const path = `/api/v1${route.path.replace(/\{(\w+)\}/g, ':$1')}`;
    const limit = route.limitBytes ?? defaultLimitBytes;
    const tooLarge = (c: RouteContext) =>
      platformProblem(c, options.words, languageOf(c.req.raw, null), 'tooLarge', 413, { limit });
    app.on(
      route.method.toUpperCase(),
      path,
      // Before the limit: it reads a body whose length is not said, and for nobody who may not send one.
      async (c, next) => refusalOf(c, route, options) ?? (await next()),
      // Bytes are counted as they come: whoever counts them first has them all in memory.
      route.takes ? saidLimit(limit, tooLarge) : bodyLimit({ maxSize: limit, onError: tooLarge }),
      async (c) => {
        try {
          return await respond(c, name, route, options);
        } catch (thrown) {
          if (thrown instanceof BodyTooLarge) return tooLarge(c);
          throw thrown;
        }
      },
    );
  }
}

type RouteContext = Context<Env>;

/** More came than was said, or allowed. */
class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** Refuses what says of itself that it is too large, before any of it is read. */
function saidLimit(limit: number, tooLarge: (c: RouteContext) => Response): MiddlewareHandler<Env> {
  return async (c, next) => {
    const said = Number(c.req.header('content-length') ?? 0);
    if (said > limit) return tooLarge(c);
    return next();
  };
}

async function* countedBody(
  request: globalThis.Request,
  limit: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of request.body ?? []) {
    bytes += piece.length;
    if (bytes > limit) throw new BodyTooLarge();
    yield piece;
  }
}

/** What whoever may not ask hears; null where they may. */
function refusalOf(c: RouteContext, route: Route, { world, words }: MountOptions): Response | null {
  if (route.permission === 'public') return null;
  const actor = c.get('actor') ?? null;
  const language = languageOf(c.req.raw, actor);
  if (!actor) return platformProblem(c, words, language, 'notSignedIn', 401);
  if (world.authorizer.allows(actor, { action: route.permission })) return null;
  return refusalProblem(c, words, language, { code: 'notAllowed', params: {} });
}

async function respond(
  c: RouteContext,
  name: string,
  route: Route,
  options: MountOptions,
): Promise<Response> {
  const { world, words } = options;
  const actor = c.get('actor') ?? null;
  const language = languageOf(c.req.raw, actor);
  const raw = await readInput(c, route);
  if (!raw.ok) return platformProblem(c, words, language, raw.code, raw.status);
  const parsed = route.input.safeParse(raw.value, { error: zodWords[language] });
  if (!parsed.success) {
    const errors = parsed.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      message: issue.message,
    }));
    return platformProblem(
      c,
      words,
      language,
      'invalidInput',
      400,
      { count: errors.length },
      { errors },
    );
  }
  try {
    const request = await requestFor(c, world, actor, language);
    const limit = route.limitBytes ?? defaultLimitBytes;
    const body = route.takes ? { body: countedBody(c.req.raw, limit) } : {};
    const answer = await route.handle({ ...request, ...body }, parsed.data);
    return send(c, name, route, answer, language, options);
  } catch (thrown) {
    if (thrown instanceof BodyTooLarge) throw thrown;
    return explainFault(c, name, thrown, language, words);
  }
}

const zodWords = {
  en: z.locales.en().localeError,
  ja: z.locales.ja().localeError,
};

async function requestFor(
  c: RouteContext,
  world: World,
  actor: Actor | null,
  language: Language,
): Promise<HandlerRequest> {
  const organisation = await world.organisation();
  return {
    db: world.database.db,
    execute: executeAs(
      world,
      actor ?? { kind: 'system', id: 'public' },
      c.req.header('idempotency-key'),
    ),
    actor,
    now: world.now(),
    zone: organisation?.zone ?? 'UTC',
    ...(organisation ? { organisation: organisation.name } : {}),
    language,
    may: (action) => actor !== null && world.authorizer.allows(actor, { action }),
    url: world.url,
  };
}

/** `?lang=` wins, then a person's own choice, then the browser's. */
export function languageOf(request: globalThis.Request, actor: Actor | null): Language {
  const asked = new URL(request.url).searchParams.get('lang');
  if (asked === 'en' || asked === 'ja') return asked;
  if (actor?.kind === 'person') return actor.language;
  return languageFrom(request.headers.get('accept-language') ?? undefined, 'en');
}

type Input =
  | { readonly ok: true; readonly value: Record<string, unknown> }
  | {
      readonly ok: false;
      readonly code: 'unsupportedMedia' | 'malformedJson';
      readonly status: 400 | 415;
    };

async function readInput(c: RouteContext, route: Route): Promise<Input> {
  const params = c.req.param() as Record<string, string>;
  if (route.method === 'get' || route.method === 'delete' || route.takes) {
    const query = Object.fromEntries(
      Object.entries(c.req.queries()).map(([key, values]) => [
        key,
        values.length > 1 ? values : values[0],
      ]),
    );
    return { ok: true, value: { ...query, ...params } };
  }
  const text = await c.req.text();
  if (text === '') return { ok: true, value: params };
  if (!/^application\/json\b/.test(c.req.header('content-type') ?? ''))
    return { ok: false, code: 'unsupportedMedia', status: 415 };
  try {
    const body: unknown = JSON.parse(text);
    const fields =
      typeof body === 'object' && body !== null && !Array.isArray(body) ? body : { body };
    return { ok: true, value: { ...fields, ...params } };
  } catch {
    return { ok: false, code: 'malformedJson', status: 400 };
  }
}

function send(
  c: RouteContext,
  name: string,
  route: Route,
  answer: Answer<unknown>,
  language: Language,
  { words, checkAnswers }: MountOptions,
): Response {
  if ('stream' in answer) {
    return new Response(webStream(answer.stream), {
      headers: {
        'content-type': answer.mediaType,
        'content-disposition': `attachment; filename="${answer.filename}"`,
        'cache-control': 'no-store',
      },
    });
  }
  if (!answer.ok) return refusalProblem(c, words, language, answer.refusal);
  const text = JSON.stringify(answer.value) ?? 'null';
  if (checkAnswers) {
    const checked = route.output.safeParse(JSON.parse(text));
    invariant(checked.success, `${name} answers in its schema: ${checked.error?.message ?? ''}`);
  }
  const type = { 'content-type': 'application/json; charset=utf-8' };
  if (route.permission !== 'public' || route.method !== 'get')
    return c.body(text, 200, { ...type, 'cache-control': 'no-store' });
  // What a stranger is told is told to all who read the same language; who is signed in may learn more.
  return c.body(text, 200, {
    ...type,
    'cache-control': c.get('actor') ? 'private, no-store' : 'public, max-age=10',
    vary: 'accept-language, authorization, cookie',
  });
}

function webStream(stream: AsyncIterable<string | Uint8Array>): ReadableStream {
  // Node's own web stream; the types of the browser's and of Node's differ in name only.
  return Readable.toWeb(Readable.from(bytesOf(stream))) as NodeStream as ReadableStream;
}

async function* bytesOf(stream: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of stream) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
}

/** The edge: faults and bugs end here, with a reference that finds them in the log. */
export function explainFault(
  c: RouteContext,
  name: string,
  thrown: unknown,
  language: Language,
  words: Dictionary,
): Response {
  const reference = randomUUID();
  log.error('request failed', { route: name, reference, error: thrown });
  const retryable = thrown instanceof Fault && thrown.retryable;
  return retryable
    ? platformProblem(c, words, language, 'unavailable', 503, {}, { reference })
    : platformProblem(c, words, language, 'fault', 500, {}, { reference });
}
