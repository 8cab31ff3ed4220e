import type { Hono, NotFoundHandler } from 'hono';
import { TrieRouter } from 'hono/router/trie-router';
import type { Dictionary } from '../words.ts';
import { type Env, languageOf } from './mount.ts';
import { platformProblem } from './problems.ts';

/**
 * Answers what no route took: 405 with `Allow` (RFC 9110, section 15.5.6) where the path is known
 * under another method, 404 otherwise. The routes are looked at on the first miss, when all are there.
 */
export function unknownRoute(app: Hono<Env>, words: Dictionary): NotFoundHandler<Env> {
  let router: TrieRouter<string> | null = null;
  return (c) => {
    router ??= methodsOf(app);
    const [found] = router.match('ANY', c.req.path);
    const methods = [...new Set(found.map(([method]) => method))].sort();
    const language = languageOf(c.req.raw, null);
    if (methods.length === 0 || methods.includes(c.req.method)) {
      return platformProblem(c, words, language, 'notFound', 404);
    }
    c.header('allow', methods.join(', '));
    return platformProblem(c, words, language, 'methodNotAllowed', 405);
  };
}

function methodsOf(app: Hono<Env>): TrieRouter<string> {
  const router = new TrieRouter<string>();
  for (const { method, path } of app.routes) {
    if (method !== 'ALL') router.add('ANY', path, method);
  }
  return router;
}
