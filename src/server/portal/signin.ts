import { setTimeout as pause } from 'node:timers/promises';
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { executeAs } from '../../platform/execute.ts';
import { callerAddress } from '../../platform/http/caller.ts';
import { sealedPath } from '../../platform/mail/path.ts';
import { linkMinutes, type WayIn } from '../../registers/portal/facts.ts';
import {
  accountsOf,
  endSessions,
  type OpenLink,
  type OwnAccount,
  openLink,
  saveLink,
  saveSession,
  takeLink,
} from '../../registers/portal/store.sessions.ts';
import { portalFlow } from '../../registers/portal/store.ts';
import { goTo, showPage } from './answer.ts';
import { endedCookie, sessionCookie, sessionSecret } from './cookie.ts';
import { deviceOf } from './device.ts';
import { fieldsOf } from './forms.ts';
import type { Page, Signed } from './frame.ts';
import { accountsPage, enterPage, signInPage } from './page.signin.ts';
import { placeOf, type Room } from './room.ts';
import { formToken, hashOf, isFormToken, isSecret, newSecret } from './secrets.ts';
import { actorOf, sessionOf } from './visit.ts';
import { wordsIn } from './words.ts';

const address = z.email().max(254);
/** Longer than writing a link takes, so that its taking any time does not show. */
const answerMs = 150;

/**
 * How a contact comes in: an address is typed, and whoever reads its mail opens the link and presses
 * the button there. Looking at the link does not use it up, because mail scanners look.
 */
export function signInDoors(app: Hono, room: Room): void {
  app.get('/sign-in', async (c) => {
    const place = await placeOf(c, room);
    return showPage(c, room, place, null, signInPage(place, { kind: 'empty' }, room.world.demo));
  });
  app.post('/sign-in', (c) => askForLink(c, room));
  app.get('/enter/:secret', (c) => enter(c, room, false));
  app.post('/enter/:secret', (c) => enter(c, room, true));
  app.get('/accounts', (c) => chooseAccount(c, room));
  app.post('/accounts', (c) => chooseAccount(c, room));
  app.post('/sign-out', (c) => signOut(c, room));
}

async function askForLink(c: Context, room: Room): Promise<Response> {
  const place = await placeOf(c, room);
  const { fields } = await fieldsOf(c);
  const given = (fields['address'] ?? '').trim();
  const parsed = address.safeParse(given);
  const show = (state: Parameters<typeof signInPage>[1], status: 200 | 400 | 429 = 200) =>
    showPage(c, room, place, null, signInPage(place, state, room.world.demo), status);
  if (!parsed.success) return show({ kind: 'wrong', address: given.slice(0, 254) }, 400);
  const { limits, world } = room;
  const wait = limits.asking.take(callerAddress(c, room.trustedProxies), world.now());
  if (wait > 0) {
    c.header('retry-after', String(wait));
    return show({ kind: 'tooMany', address: given }, 429);
  }
  // The same answer after the same time, whether anybody has the address.
  await Promise.all([mailLink(room, parsed.data.toLowerCase()), pause(answerMs)]);
  return show({ kind: 'sent', address: given });
}

/** Mails a link to an address, if an account has it, and not too often. */
async function mailLink({ world, limits }: Room, to: string): Promise<void> {
  const now = world.now();
  const secret = newSecret(world);
  const [account] = await accountsOf(world.database.db, to);
  if (!account || limits.mailing.take(to, now) > 0) return;
  const { contactId } = account;
  const path = sealedPath(world.keys, `/portal/enter/${secret}`);
  const link = { id: world.newId(), hash: hashOf(secret), purpose: 'signIn', address: to } as const;
  await world.database.db.transaction().execute(async (tx) => {
    await saveLink(tx, { ...link, contactId }, now);
    const params = { minutes: linkMinutes };
    await world.effects.enqueue(tx, [
      { kind: 'customerMail', to: contactId, template: 'portal.signIn', params, path },
    ]);
  });
}

async function enter(c: Context, room: Room, confirmed: boolean): Promise<Response> {
  const place = await placeOf(c, room);
  const link = await linkOf(c, room);
  if (link?.purpose !== 'signIn') {
    return showPage(c, room, place, null, enterPage(place, null), 404);
  }
  if (!confirmed) return showPage(c, room, place, null, enterPage(place, link.address));
  const opened = await openSession(c, room, link.address, 'link', link.id);
  return opened ?? showPage(c, room, place, null, enterPage(place, null), 404);
}

/** The link that a request names; null where it is over, used, or nobody could try any more. */
async function linkOf(
  c: Context,
  { world, limits, trustedProxies }: Room,
): Promise<OpenLink | null> {
  const secret = c.req.param('secret') ?? '';
  const now = world.now();
  if (limits.trying.take(callerAddress(c, trustedProxies), now) > 0 || !isSecret(secret))
    return null;
  return openLink(world.database.db, hashOf(secret), now);
}

/**
 * A new session with a secret of its own: whatever the browser had before is worth nothing after.
 *
 * @param linkId link to use up with it; null is the answer where somebody else was faster
 */
export async function openSession(
  c: Context,
  room: Room,
  to: string,
  way: WayIn,
  linkId: string | null = null,
): Promise<Response | null> {
  const { world } = room;
  const now = world.now();
  const secret = newSecret(world);
  const session = { id: world.newId(), hash: hashOf(secret), address: to, way };
  const device = deviceOf(c.req.header('user-agent') ?? '');
  const before = await sessionOf(c, room);
  const done = await world.database.db.transaction().execute(async (tx) => {
    if (linkId && !(await takeLink(tx, linkId, now))) return false;
    await saveSession(tx, { ...session, device }, now);
    if (before) await endSessions(tx, before.session.address, { id: before.session.id }, now);
    return true;
  });
  if (!done) return null;
  c.header('set-cookie', sessionCookie(secret, world.url), { append: true });
  const accounts = await accountsOf(world.database.db, to);
  const [only] = accounts;
  if (only && accounts.length === 1) return enterAccount(c, room, session, only);
  return goTo(c, '/portal/accounts');
}

async function enterAccount(
  c: Context,
  room: Room,
  session: { readonly id: string; readonly way: WayIn },
  account: OwnAccount,
): Promise<Response> {
  const { contactId, customerId } = account;
  const execute = executeAs(room.world, actorOf(account, account));
  const done = await execute(portalFlow, {
    do: 'enterPortal',
    customerId,
    contactId,
    sessionId: session.id,
    way: session.way,
  });
  return goTo(c, done.ok ? '/portal' : '/portal/sign-in');
}

/** Somebody who is a contact of several accounts chooses among them, and may choose again. */
async function chooseAccount(c: Context, room: Room): Promise<Response> {
  const found = await sessionOf(c, room);
  if (!found) return goTo(c, '/portal/sign-in');
  const { session, secret } = found;
  const accounts = await accountsOf(room.world.database.db, session.address);
  const place = await placeOf(c, room, session.account?.language ?? accounts[0]?.language);
  const signed: Signed = { account: null, token: formToken(secret), several: accounts.length > 1 };
  const show = (page: Page, status: 200 | 403 = 200) =>
    showPage(c, room, place, signed, page, status);
  if (c.req.method === 'GET')
    return show(accountsPage(place, accounts, session.address, signed.token));
  const { fields } = await fieldsOf(c);
  const chosen = accounts.find(({ contactId }) => contactId === fields['contact']);
  if (!chosen || !isFormToken(fields['token'], secret)) {
    const notice = { kind: 'wrong', text: wordsIn(place.language).formStrange } as const;
    const page = accountsPage(place, accounts, session.address, signed.token);
    return show({ ...page, notice }, 403);
  }
  return enterAccount(c, room, session, chosen);
}

async function signOut(c: Context, room: Room): Promise<Response> {
  const found = await sessionOf(c, room);
  const { fields } = await fieldsOf(c);
  const secret = sessionSecret(c, room.world.url);
  if (found && secret && isFormToken(fields['token'], secret)) {
    const { session } = found;
    const { db } = room.world.database;
    await endSessions(db, session.address, { id: session.id }, room.world.now());
    c.header('set-cookie', endedCookie(room.world.url), { append: true });
  }
  return goTo(c, '/portal/sign-in');
}
