import type { Context, Hono } from 'hono';
import { identityText } from '../../platform/age/identity.ts';
import { callerAddress } from '../../platform/http/caller.ts';
import { exportForms } from '../../registers/portal/facts.ts';
import {
  archiveByLink,
  type ExportRow,
  exportBy,
  exportsOf,
  partsOf,
} from '../../registers/portal/store.exports.ts';
import { portalFlow } from '../../registers/portal/store.ts';
import { archiveBytes, archiveSize } from '../exports/sealed.ts';
import type { Because } from '../vault/door.ts';
import { openCustomer } from '../vault/opening.ts';
import { forNobodyElse, goTo, showPage } from './answer.ts';
import { attachment, sendDownload } from './download.ts';
import type { Notice } from './frame.ts';
import { idOf } from './held.ts';
import { exportPage, progressOf } from './page.export.ts';
import { placeOf, type Room } from './room.ts';
import { hashOf, isSecret, newSecret } from './secrets.ts';
import { forForms, forVisitors, type Posted, type Visit, wrongPage } from './visit.ts';
import { wordsIn } from './words.ts';

/** Everything as one archive: asked for, watched, loaded, by hand or by a link that a program follows. */
export function exportDoors(app: Hono, room: Room): void {
  app.get(
    '/export',
    forVisitors(room, (visit) => exports(visit)),
  );
  app.post('/export', forForms(room, ask));
  app.post('/export/identity', forForms(room, identity));
  app.get('/export/:id/progress', forVisitors(room, progress));
  app.post('/export/:id/cancel', forForms(room, cancel));
  app.post('/export/:id/link', forForms(room, link));
  app.get('/export/:id/archive', forVisitors(room, archive));
  app.get('/archive/:secret', (c) => archiveOfLink(c, room));
}

interface Said {
  readonly notice?: Notice;
  readonly link?: { readonly exportId: string; readonly url: string };
}

async function exports(visit: Visit, said: Said = {}): Promise<Response> {
  const { room, account } = visit;
  const rows = await exportsOf(room.world.database.db, account.customerId);
  const wrong = said.notice?.kind === 'wrong';
  return visit.show(
    exportPage(visit, rows, said.notice ?? null, said.link ?? null),
    wrong ? 422 : 200,
  );
}

const refused = (visit: Visit, refusal: Parameters<Visit['say']>[0]): Promise<Response> =>
  exports(visit, { notice: { kind: 'wrong', text: visit.say(refusal) } });

async function ask(visit: Posted): Promise<Response> {
  const { account, fields } = visit;
  const form = exportForms.find((it) => it === fields['form']) ?? 'plain';
  const done = await visit.execute(portalFlow, {
    do: 'askExport',
    customerId: account.customerId,
    form,
  });
  return done.ok ? goTo(visit.c, '/portal/export') : refused(visit, done.refusal);
}

async function cancel(visit: Posted): Promise<Response> {
  const { c, account, words } = visit;
  const exportId = idOf(c.req.param('id'));
  if (!exportId) return visit.show(wrongPage(words, words.notFound), 404);
  const done = await visit.execute(portalFlow, {
    do: 'cancelExport',
    customerId: account.customerId,
    exportId,
  });
  return done.ok ? goTo(c, '/portal/export') : refused(visit, done.refusal);
}

/** The link is shown once, on the page that answers; what is kept of it is its hash. */
async function link(visit: Posted): Promise<Response> {
  const { c, room, account, words } = visit;
  const exportId = idOf(c.req.param('id'));
  if (!exportId) return visit.show(wrongPage(words, words.notFound), 404);
  const secret = newSecret(room.world);
  const sha256 = hashOf(secret).toString('hex');
  const { customerId } = account;
  const done = await visit.execute(portalFlow, { do: 'linkExport', customerId, exportId, sha256 });
  if (!done.ok) return refused(visit, done.refusal);
  return exports(visit, { link: { exportId, url: `${room.world.url}/portal/archive/${secret}` } });
}

/** How far an export is, for the page's script. */
async function progress(visit: Visit): Promise<Response> {
  const row = await rowOf(visit);
  if (!row) return visit.c.json({ state: 'unknown' }, 404, forNobodyElse);
  return visit.c.json(progressOf(visit, row), 200, forNobodyElse);
}

async function rowOf({ c, room, account }: Visit): Promise<ExportRow | null> {
  const id = idOf(c.req.param('id'));
  return id ? exportBy(room.world.database.db, account.customerId, id) : null;
}

async function archive(visit: Visit): Promise<Response> {
  const { c, room, account, words } = visit;
  const row = await rowOf(visit);
  if (row?.state !== 'done')
    return visit.show(wrongPage(words, visit.say({ code: 'exportNotReady', params: {} })), 404);
  const because = { by: 'customer', contactId: account.contactId, purpose: 'archive' } as const;
  return (
    (await sendArchive(c, room, row, because)) ??
    visit.show(wrongPage(words, visit.say({ code: 'accountErased', params: {} })), 404)
  );
}

/** By a link alone: whoever has it has the archive, for as long as it is good. */
async function archiveOfLink(c: Context, room: Room): Promise<Response> {
  const { world, limits, trustedProxies } = room;
  const secret = c.req.param('secret') ?? '';
  const now = world.now();
  const mayTry = limits.trying.take(callerAddress(c, trustedProxies), now) === 0;
  const found =
    mayTry && isSecret(secret) ? await archiveByLink(world.database.db, hashOf(secret), now) : null;
  const row = found && (await exportBy(world.database.db, found.customerId, found.exportId));
  const because = {
    by: 'customer',
    contactId: found?.contactId ?? '',
    purpose: 'archive',
  } as const;
  const sent = row ? await sendArchive(c, room, row, because) : null;
  if (sent) return sent;
  const place = await placeOf(c, room);
  const words = wordsIn(place.language);
  return showPage(
    c,
    room,
    place,
    null,
    { ...wrongPage(words, words.export.linkOver), here: '/portal/sign-in' },
    404,
  );
}

/** The archive or a range of it, decrypted as it goes; null where its key is gone. */
async function sendArchive(
  c: Context,
  room: Room,
  row: ExportRow,
  because: Because,
): Promise<Response | null> {
  const { world } = room;
  const open = await openCustomer(world, row.customerId, because);
  if (!open.ok) return null;
  const { door } = open.value;
  const parts = await partsOf(world.database.db, row.id);
  const day = (row.finishedAt ?? row.askedAt).toString().slice(0, 10);
  return sendDownload(c, {
    name: `export-${day}.zip`,
    mediaType: 'application/zip',
    size: archiveSize(parts),
    tag: `"${Buffer.from(row.sha256 ?? []).toString('hex')}"`,
    read: async (range) => {
      await door.permits.use();
      return archiveBytes(door, parts, range);
    },
  });
}

/** The key of the account itself, for the program age; only for an owner, and only for a form. */
async function identity(visit: Posted): Promise<Response> {
  const { c, account } = visit;
  const opened = await visit.open('identity');
  if (!opened.ok) return refused(visit, opened.refusal);
  const done = await visit.execute(portalFlow, {
    do: 'takeIdentity',
    customerId: account.customerId,
  });
  if (!done.ok) return refused(visit, done.refusal);
  const { door } = opened.value;
  await door.permits.use();
  const lines = (await door.keyring.all()).map((key) => identityText(key.identity));
  const text = `# ${account.customerName} (${account.customerKey})\n${lines.join('\n')}\n`;
  return c.body(text, 200, {
    ...forNobodyElse,
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': attachment('identity.txt'),
    'content-security-policy': "default-src 'none'; sandbox",
  });
}
