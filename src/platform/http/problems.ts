import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Language } from '../../kernel/language.ts';
import type { Refusal } from '../../kernel/result.ts';
import type { Dictionary } from '../words.ts';

/** Problem details (RFC 9457), in the caller's language. */
export interface Problem {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** What the caller can do about it. */
  readonly action?: string;
  /** Finds the line in the log. */
  readonly reference?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** Refusals are 422, the request was understood and the domain says no, except where HTTP has a better word. */
const statusOf: Readonly<Record<string, ContentfulStatusCode>> = {
  notSignedIn: 401,
  notAllowed: 403,
  notFound: 404,
  systemUnknown: 404,
  versionConflict: 409,
  invalidCursor: 400,
  invalidInput: 400,
};

export function problem(c: Context, it: Problem): Response {
  const { status, code, title, ...rest } = it;
  const body = { type: `/problems/${code}`, title, status, code, ...rest };
  return c.body(JSON.stringify(body), status, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  });
}

/** A problem of the platform, whose words are in `platform/words`. */
export function platformProblem(
  c: Context,
  words: Dictionary,
  language: Language,
  code: string,
  status: ContentfulStatusCode,
  params: Readonly<Record<string, string | number>> = {},
  more: Pick<Problem, 'reference' | 'errors'> = {},
): Response {
  const say = (part: string) => words.say(language, `problem.${code}.${part}`, params);
  return problem(c, {
    status,
    code,
    title: say('title'),
    detail: say('detail'),
    action: say('action'),
    ...more,
  });
}

/** A refusal of a flow, in the words of the room it belongs to. */
export function refusalProblem(
  c: Context,
  words: Dictionary,
  language: Language,
  refusal: Refusal,
): Response {
  const sentence = words.say(language, `refusal.${refusal.code}`, refusal.params);
  const actionKey = `refusal.${refusal.code}.action`;
  const action = words.say(language, actionKey, refusal.params);
  return problem(c, {
    status: statusOf[refusal.code] ?? 422,
    code: refusal.code,
    title: sentence,
    detail: sentence,
    ...(action === actionKey ? {} : { action }),
  });
}
