import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { isLanguage } from '../../kernel/language.ts';
import { rendered } from '../public/renders.ts';
import { facesMark, framed, type Page, type Signed } from './frame.ts';
import type { Place, Room } from './room.ts';

/**
 * The policy of the portal's pages: one script of ours, nothing from elsewhere, nothing in the page
 * itself. What a customer wrote is text here, never markup.
 */
const portalContentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** A page is for its reader alone, and only for now. */
export function showPage(
  c: Context,
  room: Room,
  place: Place,
  signed: Signed | null,
  page: Page,
  status: ContentfulStatusCode = 200,
): Response {
  const look = { sheet: room.sheet.path, script: room.script.path };
  const text = framed(place, look, signed, page);
  const html = text.replace(facesMark, facesOf(room, place, text));
  const asked = c.req.query('lang');
  if (isLanguage(asked)) {
    c.header('set-cookie', `lang=${asked}; Path=/; Max-Age=31536000; SameSite=Lax`, {
      append: true,
    });
  }
  return c.body(html, status, {
    'content-type': 'text/html; charset=utf-8',
    'content-language': place.language,
    'content-security-policy': portalContentSecurityPolicy,
    'referrer-policy': 'no-referrer',
    ...forNobodyElse,
  });
}

/** No cache keeps it, neither the browser's nor one on the way (RFC 9111, section 5.2.2.5). */
export const forNobodyElse = { 'cache-control': 'no-store', vary: 'cookie, accept-language' };

/** The sheet of fonts for what a page shows; its address tells nothing of the page. */
function facesOf(room: Room, { language }: Place, text: string): string {
  const file = rendered(room.fonts.faces(text, language !== 'ja'));
  const path = `${facesMark}.${file.etag.slice(3, 15)}.css`;
  room.faces.delete(path);
  room.faces.set(path, file);
  const oldest = room.faces.size > keptFaces ? room.faces.keys().next().value : undefined;
  if (oldest) room.faces.delete(oldest);
  return path;
}

const keptFaces = 400;

/** To another page of the portal, by GET. Only paths of our own making come here. */
export function goTo(c: Context, path: string): Response {
  return c.body(null, 303, { location: path, ...forNobodyElse });
}
