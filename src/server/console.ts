import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import type { Hono } from 'hono';
import type { Env } from '../platform/http/mount.ts';

/** What the build leaves: `index.html` and hashed files under `assets/`. */
const mediaTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  woff2: 'font/woff2',
  svg: 'image/svg+xml',
  json: 'application/json',
  png: 'image/png',
};

/** Paths of the browser's router: all of them are answered with the same page. */
const consolePaths = ['/console', '/console/*', '/sign-in', '/setup', '/invite'];

/**
 * Serves the built console. Files with a hash in their name are immutable; the page itself is never
 * kept, because it carries the nonce of its response.
 */
export function consoleFiles(folder: string): (app: Hono<Env>) => void {
  return (app) => {
    let page: Promise<string> | undefined;
    for (const path of consolePaths) {
      app.get(path, async (c) => {
        page ??= readFile(join(folder, 'index.html'), 'utf8');
        const html = await page.catch(() => null);
        if (html === null) {
          page = undefined;
          return c.text('The console is not built. Run: npm run build\n', 503);
        }
        const filled = html.replaceAll('__CSP_NONCE__', c.get('nonce')());
        return c.body(filled, 200, {
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-store',
        });
      });
    }
    app.get('/assets/*', (c) => sendFile(folder, c.req.path));
    app.get('/mark.svg', (c) => sendFile(folder, c.req.path));
  };
}

async function sendFile(folder: string, path: string): Promise<Response> {
  const relative = normalize(path).replace(/^\/+/, '');
  const file = join(folder, relative);
  const extension = relative.split('.').at(-1) ?? '';
  const mediaType = mediaTypes[extension];
  if (relative.startsWith('..') || !mediaType || !existsSync(file))
    return new Response('not found\n', { status: 404 });
  return new Response(await readFile(file), {
    headers: { 'content-type': mediaType, 'cache-control': 'public, max-age=31536000, immutable' },
  });
}
