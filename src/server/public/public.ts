import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Context, Hono } from 'hono';
import { publishedVersion } from '../../clauses/publication/store.version.ts';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import { isLanguage, type Language, languageFrom } from '../../kernel/language.ts';
import { askedHeader } from '../../platform/http/caller.ts';
import { headersOfEvery } from '../../platform/http/security.ts';
import type { Execute } from '../../policy/flow.ts';
import { dateText } from '../../policy/reason.ts';
import type { Evidence } from '../../registers/evidence/facts.ts';
import { certifiedFacts } from '../closing/certificate.ts';
import { erasureView, renderErasurePage } from '../closing/page.certificate.ts';
import { wordsOfErasure } from '../closing/words.ts';
import type { SaidFigure } from '../figures.ts';
import { certificatePages } from '../people/certificates.ts';
import { renderCertificatePage } from '../people/page.certificate.ts';
import { wordsOfCertificate } from '../people/words.ts';
import { takeReport } from './contact.ts';
import { type Fonts, openFonts } from './fonts.ts';
import { languageNames } from './frame.ts';
import { type ContactState, renderContactPage } from './page.contact.ts';
import { renderPolicyPage } from './page.policy.ts';
import { renderPromisePage } from './page.promise.ts';
import { renderHistoryPage, renderVersionPage } from './page.versions.ts';
import { type Rendered, Renders, rendered } from './renders.ts';
import { securityTxt } from './security-txt.ts';
import {
  fingerprint,
  frameView,
  historyView,
  isPublished,
  type Place,
  policyView,
  promiseView,
  versionView,
} from './view.ts';
import { wordsIn } from './words.ts';

/** What the public pages need of the world. */
export interface PublicParts {
  readonly db: Db;
  readonly now: () => Instant;
  readonly zone: () => Promise<string>;
  /** Origin of this installation, without a trailing slash. */
  readonly url: string;
  /** Executes for a stranger: the report form. */
  readonly execute: Execute;
  /** Numbers that are published with the promises. */
  readonly figures?: (place: Place) => Promise<readonly SaidFigure[]>;
  /** What a promise's status stands on, without who and what. */
  readonly evidence?: (place: Place, promise: string) => Promise<Evidence | null>;
  /** Says when something was written on this node; other nodes notice within a second. */
  readonly onChange?: (listener: () => void) => void;
}

/**
 * The strictest policy there is for a page: no script, nothing from elsewhere. Answers carry it
 * themselves; whatever adds headers to every answer must leave it as it is.
 */
export const publicContentSecurityPolicy =
  "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const htmlType = 'text/html; charset=utf-8';
const forEver = 'public, max-age=31536000, immutable';

/**
 * The public face: `/`, `/versions`, `/versions/{n}`, `/contact`, their style sheets and fonts, and
 * security.txt. Server-rendered and kept in memory; reading it costs little more than sending it.
 */
export async function publicPages(parts: PublicParts): Promise<Hono> {
  const sheet = await policySheet();
  const fonts = await openFonts();
  const room = { ...parts, fonts, sheet, faces: new Map<string, Rendered>() };
  const renders = new Renders(
    () => fingerprint(parts.db),
    () => parts.now().epochMilliseconds,
  );
  parts.onChange?.(() => renders.forget());
  const every = headersOfEvery(parts.url);

  const page = async (
    c: Context,
    key: string,
    render: (place: Place) => Promise<string>,
  ): Promise<Response> => {
    const language = languageOf(c);
    const now = parts.now();
    const minute = String(Math.floor(now.epochMilliseconds / 60_000));
    const place = async (): Promise<Place> => ({
      now,
      zone: await parts.zone(),
      language,
      url: parts.url,
    });
    const made = await renders.get(`${key} ${language}`, minute, async () => render(await place()));
    return answer(c, made, language, every);
  };

  const app = new Hono();
  app.get('/', (c) =>
    page(c, '/', async (place) =>
      renderPolicyPage(...(await styled(room, policyView(parts.db, place, parts.figures)))),
    ),
  );
  app.get('/versions', (c) =>
    page(c, '/versions', async (place) =>
      renderHistoryPage(...(await styled(room, historyView(parts.db, place)))),
    ),
  );
  app.get('/versions/:number{[0-9]{1,6}}', async (c) => {
    const number = Number(c.req.param('number'));
    const known = await publishedVersion(parts.db, number);
    if (!known) return c.text(`${wordsIn(languageOf(c)).notFound}\n`, 404);
    return page(c, `/versions/${number}`, async (place) =>
      renderVersionPage(...(await styled(room, versionView(parts.db, place, known.number)))),
    );
  });
  promisePages(app, room, page);
  contactPages(app, room, page);
  certificatePages(app, parts.db, async (c, view, status) => {
    const language = languageOf(c);
    const place = { now: parts.now(), zone: await parts.zone(), language, url: parts.url };
    const [frame, styles] = await styled(room, frameView(parts.db, place), [
      view,
      view.certificate && dateText(view.certificate.completedOn, language),
    ]);
    return c.body(
      renderCertificatePage(frame, view, styles),
      status,
      headersOf(language, 'no-store'),
    );
  });
  erasurePages(app, room);
  files(app, room);
  return app;
}

/** `/promises/{id}`: what a promise's status stands on, where statuses are published. */
function promisePages(app: Hono, room: Room, page: PageOf): void {
  app.get('/promises/:id{[A-Z]{2,5}-[0-9]{1,3}}', async (c) => {
    const id = c.req.param('id');
    const { evidence } = room;
    const isThere = evidence && (await isPublished(room.db, id));
    if (!isThere) return c.text(`${wordsIn(languageOf(c)).notFoundPromise}\n`, 404);
    return page(c, `/promises/${id}`, async (place) => {
      const view = await promiseView(room.db, place, id, evidence);
      invariant(view, `${id} is published`);
      return renderPromisePage(...(await styled(room, Promise.resolve(view))));
    });
  });
}

/** `/erasures/{code}`: whether a certificate of erasure is genuine, for anyone who holds one. */
function erasurePages(app: Hono, room: Room): void {
  app.get('/erasures/:code', async (c) => {
    const language = languageOf(c);
    const zone = await room.zone();
    const place = { now: room.now(), zone, language, url: room.url };
    const it = await erasureView(room.db, c.req.param('code'));
    const said =
      it.certificate && certifiedFacts(it.certificate, { language, zone, entry: it.entry });
    const [frame, styles] = await styled(room, frameView(room.db, place), [
      said,
      wordsOfErasure(language),
    ]);
    const status = it.certificate ? 200 : 404;
    const page = renderErasurePage(frame, zone, it, styles);
    return c.body(page, status, headersOf(language, 'no-store'));
  });
}

interface Room extends PublicParts {
  readonly fonts: Fonts;
  readonly sheet: { readonly path: string; readonly file: Rendered };
  /** Font sheets that pages refer to, by path. */
  readonly faces: Map<string, Rendered>;
}

/** A view with the style sheets of its page: ours, and the font's, cut to what the page shows. */
async function styled<View extends { readonly language: Language }>(
  room: Room,
  loading: Promise<View>,
  besides: unknown = null,
): Promise<[View, readonly string[]]> {
  const view = await loading;
  const japanese = view.language === 'ja';
  const css = japanese
    ? room.fonts.faces(
        JSON.stringify([view, besides, wordsIn('ja'), wordsOfCertificate('ja').page]),
      )
    : room.fonts.faces(languageNames.ja, true);
  const file = rendered(css);
  const path = `/fonts/${file.etag.slice(3, 15)}.css`;
  if (room.faces.size > 50) room.faces.clear();
  room.faces.set(path, file);
  return [view, [path, room.sheet.path]];
}

type PageOf = (
  c: Context,
  key: string,
  render: (place: Place) => Promise<string>,
) => Promise<Response>;

function contactPages(app: Hono, room: Room, page: PageOf): void {
  const show = async (place: Place, state: ContactState): Promise<string> => {
    const [view, styles] = await styled(room, frameView(room.db, place));
    return renderContactPage(view, state, styles);
  };
  app.get('/contact', (c) => page(c, '/contact', (place) => show(place, { kind: 'empty' })));
  takeReport(app, room.execute, languageOf, async (c, state, status) => {
    const language = languageOf(c);
    const place = { now: room.now(), zone: await room.zone(), language, url: room.url };
    return c.body(await show(place, state), status, headersOf(language, 'no-store'));
  });
}

function files(app: Hono, room: Room): void {
  app.get(room.sheet.path, (c) => sendFile(c, room.sheet.file, 'text/css; charset=utf-8'));
  // Without the digest in its name for whoever links to it; that one is asked for again.
  app.get('/policy.css', (c) =>
    sendFile(c, room.sheet.file, 'text/css; charset=utf-8', 'public, max-age=300'),
  );
  app.get('/fonts/:name', async (c) => {
    const faces = room.faces.get(c.req.path);
    if (faces) return sendFile(c, faces, 'text/css; charset=utf-8');
    const piece = await room.fonts.piece(c.req.param('name'));
    if (!piece) return c.text('not found\n', 404);
    return c.body(piece, 200, { 'content-type': 'font/woff2', 'cache-control': forEver });
  });
  const security = async (c: Context): Promise<Response> => {
    const place = {
      now: room.now(),
      zone: await room.zone(),
      language: 'en',
      url: room.url,
    } as const;
    const text = securityTxt(await frameView(room.db, place));
    if (text === null) return c.text('not published\n', 404);
    return c.body(text, 200, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'public, max-age=300',
    });
  };
  app.get('/.well-known/security.txt', security);
  app.get('/security.txt', security);
}

function sendFile(c: Context, file: Rendered, mediaType: string, cache = forEver): Response {
  const headers = {
    'content-type': mediaType,
    'cache-control': cache,
    etag: file.etag,
    vary: 'accept-encoding',
  };
  if (c.req.header('if-none-match') === file.etag) return c.body(null, 304, headers);
  return zips(c)
    ? c.body(file.zipped, 200, { ...headers, 'content-encoding': 'gzip' })
    : c.body(file.bytes, 200, headers);
}

function answer(
  c: Context,
  page: Rendered,
  language: Language,
  every: Readonly<Record<string, string>>,
): Response {
  const headers: Record<string, string> = {
    ...every,
    ...headersOf(language, 'public, max-age=0, must-revalidate'),
    etag: page.etag,
  };
  c.set('carriesHeaders', true);
  const asked = c.req.query('lang');
  // The choice outlasts the page; nothing else is ever stored in a stranger's browser.
  if (isLanguage(asked)) {
    headers['set-cookie'] = `lang=${asked}; Path=/; Max-Age=31536000; SameSite=Lax`;
    headers['cache-control'] = 'private, max-age=0, must-revalidate';
  }
  // Made without the context's help, which would copy every header twice more.
  if (askedHeader(c, 'if-none-match') === page.etag)
    return new Response(null, { status: 304, headers });
  if (!zips(c)) return new Response(page.bytes, { headers });
  headers['content-encoding'] = 'gzip';
  return new Response(page.zipped, { headers });
}

function headersOf(language: Language, cache: string): Record<string, string> {
  return {
    'content-type': htmlType,
    'content-language': language,
    'content-security-policy': publicContentSecurityPolicy,
    'cache-control': cache,
    vary: 'accept-language, accept-encoding, cookie',
  };
}

function zips(c: Context): boolean {
  return /\bgzip\b/.test(askedHeader(c, 'accept-encoding') ?? '');
}

/** `?lang=` wins, then what was chosen before, then what the browser says. */
function languageOf(c: Context): Language {
  const asked = c.req.query('lang');
  if (isLanguage(asked)) return asked;
  const chosen = /(?:^|;\s*)lang=(en|ja)(?:;|$)/.exec(askedHeader(c, 'cookie') ?? '')?.[1];
  if (isLanguage(chosen)) return chosen;
  return languageFrom(askedHeader(c, 'accept-language'), 'en');
}

/** Our sheet and the document's in one file, its digest in the name. */
async function policySheet(): Promise<{ readonly path: string; readonly file: Rendered }> {
  const ours = await readFile(join(import.meta.dirname, 'public.css'), 'utf8');
  const document = await readFile(
    join(import.meta.dirname, '..', '..', 'clauses', 'publication', 'document.css'),
    'utf8',
  );
  const file = rendered(`${ours}\n${document}`.replace(/\/\*[\s\S]*?\*\//g, ''));
  return { path: `/policy.${file.etag.slice(3, 15)}.css`, file };
}
