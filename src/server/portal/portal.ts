import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { fill } from '../../kernel/language.ts';
import { log } from '../../platform/log.ts';
import type { Dictionary } from '../../platform/words.ts';
import type { World } from '../../platform/world.ts';
import type { Rendered } from '../public/renders.ts';
import { DoorClosed } from '../vault/closed.ts';
import { accessDoors } from './accesses.ts';
import { accountDoors } from './account.ts';
import { showPage } from './answer.ts';
import { caseDoors } from './cases.ts';
import { changingDoors } from './changing.ts';
import { closingDoors } from './closing.ts';
import { deletingDoors } from './deleting.ts';
import { demoDoors } from './demo.ts';
import { exportDoors } from './exporting.ts';
import { formLimitBytes } from './forms.ts';
import { heldDoors } from './held.ts';
import { passkeyDoors } from './passkeys.ts';
import { requestDoors } from './requests.ts';
import { openRoom, placeOf, type Room } from './room.ts';
import { signInDoors } from './signin.ts';
import { sentenceOf, wrongPage } from './visit.ts';
import { wordsIn } from './words.ts';

/**
 * The customer's own hands (RET-4), mounted at `/portal`: pages made here, in both languages, that
 * work without script. Sign-in by a mailed link or a passkey; what is held is seen, changed, deleted
 * and exported; every access is listed; the account is closed and reopened.
 */
export async function portalPages(
  world: World,
  dictionary: Dictionary,
  trustedProxies: readonly string[] = [],
): Promise<Hono> {
  const room = await openRoom(world, dictionary, trustedProxies);
  const app = new Hono();
  // Files are read as they come and have the vault's own limit; forms are short.
  app.use(async (c, next) => (isUpload(c) ? next() : formLimit(c, next)));
  files(app, room);
  signInDoors(app, room);
  passkeyDoors(app, room);
  demoDoors(app, room);
  heldDoors(app, room);
  changingDoors(app, room);
  deletingDoors(app, room);
  exportDoors(app, room);
  accessDoors(app, room);
  caseDoors(app, room);
  requestDoors(app, room);
  accountDoors(app, room);
  closingDoors(app, room);
  app.onError((error, c) => explained(error, c, room));
  return app;
}

const isUpload = (c: Context): boolean =>
  /\/(?:upload|replace)$/.test(c.req.path) &&
  /^multipart\//i.test(c.req.header('content-type') ?? '');

const formLimit = bodyLimit({ maxSize: formLimitBytes });

/** What went wrong, with a reference that finds it in the log. Paths may hold secrets: they are not logged. */
async function explained(error: Error, c: Context, room: Room): Promise<Response> {
  const place = await placeOf(c, room);
  const words = wordsIn(place.language);
  const here = { here: '/portal' };
  if (error instanceof DoorClosed) {
    return showPage(
      c,
      room,
      place,
      null,
      { ...wrongPage(words, sentenceOf(room, place, error.refusal)), ...here },
      422,
    );
  }
  const reference = randomUUID();
  log.error('portal', { reference, error });
  return showPage(
    c,
    room,
    place,
    null,
    { ...wrongPage(words, fill(words.fault, { reference })), ...here },
    500,
  );
}

const forEver = 'public, max-age=31536000, immutable';

function files(app: Hono, room: Room): void {
  const { sheet, script } = room;
  app.get(sheet.path.slice('/portal'.length), (c) =>
    file(c, sheet.file, 'text/css; charset=utf-8'),
  );
  app.get(script.path.slice('/portal'.length), (c) =>
    file(c, script.file, 'text/javascript; charset=utf-8'),
  );
  app.get('/files/:faces{faces\\.[\\w-]+\\.css}', (c) => {
    const faces = room.faces.get(c.req.path);
    return faces ? file(c, faces, 'text/css; charset=utf-8') : c.text('not found\n', 404);
  });
}

function file(c: Context, { bytes, zipped, etag }: Rendered, mediaType: string): Response {
  const headers = {
    'content-type': mediaType,
    'cache-control': forEver,
    etag,
    vary: 'accept-encoding',
  };
  if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
  return /\bgzip\b/.test(c.req.header('accept-encoding') ?? '')
    ? c.body(zipped, 200, { ...headers, 'content-encoding': 'gzip' })
    : c.body(bytes, 200, headers);
}
