import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { Fault } from '../../kernel/fault.ts';
import { fill, type Language } from '../../kernel/language.ts';
import type { Refusal } from '../../kernel/result.ts';
import type { Env } from '../../platform/http/mount.ts';
import { platformProblem, problem } from '../../platform/http/problems.ts';
import { log } from '../../platform/log.ts';
import type { Dictionary } from '../../platform/words.ts';
import { DoorClosed } from './closed.ts';
import type { DoorRefusal } from './door.ts';

/** What is wrong with a request before anything of a customer is looked at. */
export type ProtocolCode =
  | 'tokenUnknown'
  | 'routeUnknown'
  | 'methodUnknown'
  | 'nameInPath'
  | 'nameNotText'
  | 'nameUnfit'
  | 'collectionUnfit'
  | 'purposeUnfit'
  | 'mediaUnfit'
  | 'notJson'
  | 'inputUnfit'
  | 'bodyTooLarge'
  | 'valueTooLarge'
  | 'keyTwice'
  | 'contentEncoded'
  | 'digestUnfit'
  | 'digestMissing'
  | 'rangeUnfit'
  | 'conditionUnfit'
  | 'cursorUnfit'
  | 'idempotencyKeyUnfit'
  | 'keysOnly'
  | 'wrappedKeyUnfit'
  | 'customerKeyTaken'
  | 'customerUnfit'
  | 'uploadUnknown'
  | 'partUnfit'
  | 'partDiffers'
  | 'partsMissing'
  | 'uploadComplete';

/** Says no to a request, from whatever depth. */
export class ProtocolFault extends Error {
  override readonly name = 'ProtocolFault';
  readonly code: ProtocolCode;
  readonly params: Refusal['params'];
  /** Headers of the answer. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProtocolCode,
    params: Refusal['params'] = {},
    cause?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(code, { cause });
    this.code = code;
    this.params = params;
    this.headers = headers;
  }
}

/** 400 for what is wrong with the request, 422 for what the vault says no to, but for these. */
const statusOf: Partial<Record<ProtocolCode | DoorRefusal, ContentfulStatusCode>> = {
  tokenUnknown: 401,
  routeUnknown: 404,
  methodUnknown: 405,
  mediaUnfit: 415,
  contentEncoded: 415,
  bodyTooLarge: 413,
  valueTooLarge: 413,
  objectTooLarge: 413,
  rangeUnfit: 416,
  customerUnknown: 404,
  objectUnknown: 404,
  recordUnknown: 404,
  uploadUnknown: 404,
  accountFrozen: 409,
  idempotencyKeyInUse: 409,
  customerKeyTaken: 409,
  partDiffers: 409,
  partsMissing: 409,
  uploadComplete: 409,
  accountErased: 410,
  preconditionFailed: 412,
  quotaExceeded: 422,
  digestDiffers: 422,
  idempotencyKeyReused: 422,
  customerUnfit: 422,
  keysOnly: 422,
  wrappedKeyUnfit: 422,
  storedObjectDamaged: 500,
};

/** Answers whatever was thrown on the way, as problem details (RFC 9457) in the caller's language. */
export function explain(
  c: Context<Env>,
  words: Dictionary,
  language: Language,
  thrown: unknown,
): Response {
  if (thrown instanceof ProtocolFault) {
    for (const [name, value] of Object.entries(thrown.headers)) c.header(name, value);
    return say(c, words, language, thrown);
  }
  if (thrown instanceof DoorClosed) {
    const { code, params } = thrown.refusal;
    // Ids only: nothing of the customer is in a log.
    if (code === 'storedObjectDamaged') log.error('a stored object is damaged', { ...params });
    return say(c, words, language, { code, params });
  }
  const reference = randomUUID();
  const path = c.req.path.split('/').slice(0, 4).join('/');
  log.error('request failed', { route: `${c.req.method} ${path}/…`, reference, error: thrown });
  return thrown instanceof Fault && thrown.retryable
    ? platformProblem(c, words, language, 'unavailable', 503, {}, { reference })
    : platformProblem(c, words, language, 'fault', 500, {}, { reference });
}

function say(
  c: Context<Env>,
  words: Dictionary,
  language: Language,
  {
    code,
    params,
  }: { readonly code: ProtocolCode | DoorRefusal; readonly params: Refusal['params'] },
): Response {
  const find = (key: string) => words.find(language, 'registers/vault', key);
  const sentence = fill(
    find(`refusal.${code}`) ?? words.say(language, `refusal.${code}`, params),
    params,
  );
  const action = find(`refusal.${code}.action`);
  return problem(c, {
    status: statusOf[code] ?? 400,
    code,
    title: sentence,
    detail: sentence,
    ...(action ? { action: fill(action, params) } : {}),
    ...(Object.keys(params).length > 0 ? { params } : {}),
  } as Parameters<typeof problem>[1]);
}
