import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Dictionary } from '../words.ts';
import { type Env, languageOf } from './mount.ts';
import { platformProblem } from './problems.ts';

/** Bytes that a form's worth of JSON takes at most; a passkey's attestation is the largest. */
export const formBytes = 64 * 1024;

/** Takes bodies up to so many bytes, announced or counted as they come; beyond them 413. */
export function limited(words: Dictionary, limit = formBytes): MiddlewareHandler<Env> {
  return bodyLimit({
    maxSize: limit,
    onError: (c) =>
      platformProblem(c, words, languageOf(c.req.raw, null), 'tooLarge', 413, { limit }),
  });
}
