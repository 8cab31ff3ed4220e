import type { Hono } from 'hono';
import { sql } from 'kysely';
import { closureClock } from '../../clauses/retention/facts.closure.ts';
import { closureFlow } from '../../clauses/retention/flows.closure.ts';
import { closureOf } from '../../clauses/retention/store.closure.ts';
import { sealedPath } from '../../platform/mail/path.ts';
import { linkMinutes } from '../../registers/portal/facts.ts';
import { openLink, saveLink, takeLink } from '../../registers/portal/store.sessions.ts';
import { goTo } from './answer.ts';
import type { Notice } from './frame.ts';
import { closingPage, confirmClosingPage } from './page.closing.ts';
import type { Room } from './room.ts';
import { hashOf, isSecret, newSecret } from './secrets.ts';
import { lastDayText } from './texts.ts';
import { forForms, forVisitors, type Posted, type Visit, wrongPage } from './visit.ts';

/**
 * The end of an account and the way back. Closing takes three words: the button, the link that is
 * mailed to the owner who pressed it, and the account's short name typed on the page behind the link.
 */
export function closingDoors(app: Hono, room: Room): void {
  app.get(
    '/close',
    forVisitors(room, (visit) => closing(visit, null)),
  );
  app.post('/close', forForms(room, ask));
  app.get(
    '/close/:secret',
    forVisitors(room, (visit) => confirm(visit, null)),
  );
  app.post('/close/:secret', forForms(room, close));
  app.post('/reopen', forForms(room, reopen));
}

async function closing(visit: Visit, notice: Notice | null): Promise<Response> {
  const { room, account } = visit;
  const closure = await closureOf(room.world.database.db, account.customerId);
  const shown = closure && { ...closure, certificate: await certificateOf(visit, closure.id) };
  return visit.show(closingPage(visit, shown, notice), notice?.kind === 'wrong' ? 422 : 200);
}

/** Where the certificate of a closure is, for anyone who has its code; null before there is one. */
async function certificateOf({ room }: Visit, closureId: string): Promise<string | null> {
  const { rows } = await sql<{ code: string | null }>`
    select code from closure where id = ${closureId}`.execute(room.world.database.db);
  return rows[0]?.code ? `/erasures/${rows[0].code}` : null;
}

async function ask(visit: Posted): Promise<Response> {
  const { room, account, session, words, place } = visit;
  const { world } = room;
  const wrong = (code: string) =>
    closing(visit, { kind: 'wrong', text: visit.say({ code, params: {} }) });
  if (account.part !== 'owner') return wrong('onlyOwner');
  if (account.state !== 'open') return wrong('alreadyClosing');
  const now = world.now();
  if (room.limits.mailing.take(session.address, now) > 0)
    return closing(visit, { kind: 'wrong', text: words.signIn.tooMany });
  const secret = newSecret(world);
  const clock = closureClock(now, place.zone);
  const mailed = { zone: place.zone, language: account.language };
  const params = {
    minutes: linkMinutes,
    reopenUntil: lastDayText(clock.reopenUntil, mailed),
    eraseBy: lastDayText(clock.eraseBy, mailed),
  };
  const { contactId } = account;
  const link = {
    id: world.newId(),
    hash: hashOf(secret),
    purpose: 'close',
    address: session.address,
    contactId,
  } as const;
  await world.database.db.transaction().execute(async (tx) => {
    await saveLink(tx, link, now);
    const path = sealedPath(world.keys, `/portal/close/${secret}`);
    await world.effects.enqueue(tx, [
      { kind: 'customerMail', to: contactId, template: 'portal.close', params, path },
    ]);
  });
  return closing(visit, { kind: 'done', text: words.closing.mailed });
}

/** The link of this contact, if it is still good: another's does not open here. */
async function linkOf({ c, room, account }: Visit) {
  const secret = c.req.param('secret') ?? '';
  if (!isSecret(secret)) return null;
  const link = await openLink(room.world.database.db, hashOf(secret), room.world.now());
  return link?.purpose === 'close' && link.contactId === account.contactId ? link : null;
}

async function confirm(visit: Visit, wrong: string | null): Promise<Response> {
  const { words, place, room } = visit;
  const link = await linkOf(visit);
  if (!link) return visit.show(wrongPage(words, words.closing.linkOver), 404);
  const clock = closureClock(room.world.now(), place.zone);
  return visit.show(confirmClosingPage(visit, clock, wrong), wrong ? 422 : 200);
}

async function close(visit: Posted): Promise<Response> {
  const { room, account, fields, words, c } = visit;
  const { world } = room;
  const link = await linkOf(visit);
  if (!link) return visit.show(wrongPage(words, words.closing.linkOver), 404);
  const confirmation = (fields['confirm'] ?? '').trim();
  if (confirmation !== account.customerKey) return confirm(visit, words.closing.differs);
  const now = world.now();
  if (!(await world.database.db.transaction().execute((tx) => takeLink(tx, link.id, now))))
    return visit.show(wrongPage(words, words.closing.linkOver), 404);
  const { customerId } = account;
  const done = await visit.execute(closureFlow, {
    do: 'requestClosure',
    customerId,
    confirmation,
    requestId: null,
  });
  if (!done.ok) return closing(visit, { kind: 'wrong', text: visit.say(done.refusal) });
  return goTo(c, '/portal/close');
}

async function reopen(visit: Posted): Promise<Response> {
  const { c, account } = visit;
  const { customerId } = account;
  const done = await visit.execute(closureFlow, { do: 'reopen', customerId });
  if (!done.ok) return closing(visit, { kind: 'wrong', text: visit.say(done.refusal) });
  return goTo(c, '/portal');
}
