import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Actor } from '../../kernel/actor.ts';
import type { Refusal, Result } from '../../kernel/result.ts';
import { executeAs } from '../../platform/execute.ts';
import type { Execute } from '../../policy/flow.ts';
import {
  accountsOf,
  type FoundSession,
  findSession,
  type OwnAccount,
  seeSession,
} from '../../registers/portal/store.sessions.ts';
import type { Because, OpenCustomer } from '../vault/door.ts';
import { openCustomer } from '../vault/opening.ts';
import { goTo, showPage } from './answer.ts';
import { endedCookie, sessionSecret } from './cookie.ts';
import { type Fields, fieldsOf } from './forms.ts';
import type { Notice, Page, Signed } from './frame.ts';
import { type Place, placeOf, type Room } from './room.ts';
import { formToken, hashOf, isFormToken } from './secrets.ts';
import { type PortalWords, wordsIn } from './words.ts';

/** Somebody who is signed in, at one of their accounts, with what they may ask of the house. */
export interface Visit {
  readonly c: Context;
  readonly room: Room;
  readonly place: Place;
  readonly words: PortalWords;
  readonly session: FoundSession;
  readonly account: OwnAccount;
  readonly actor: Extract<Actor, { kind: 'contact' }>;
  readonly signed: Signed;
  /** Acts as this contact. */
  readonly execute: Execute;
  /** Opens the account's vault for this contact. */
  open(purpose: string): Promise<Result<OpenCustomer, Refusal>>;
  show(page: Page, status?: ContentfulStatusCode): Response;
  /** What a flow or the door says no with, as a sentence in the visitor's language. */
  say(refusal: Refusal): string;
}

/** A visit that sent a form: its token was right. */
export interface Posted extends Visit {
  readonly fields: Fields;
  readonly all: (name: string) => readonly string[];
}

/** The session of a request, whether it has chosen an account or not; null where there is none. */
export async function sessionOf(
  c: Context,
  { world }: Room,
): Promise<{ readonly session: FoundSession; readonly secret: string } | null> {
  const secret = sessionSecret(c, world.url);
  if (!secret) return null;
  const now = world.now();
  const session = await findSession(world.database.db, hashOf(secret), now);
  if (!session) return null;
  // Once a minute is enough to know that somebody is there.
  if (now.since(session.seenAt).total('seconds') >= 60)
    await seeSession(world.database.db, session.id, now);
  return { session, secret };
}

type Handle<V> = (visit: V) => Promise<Response>;

/** For whoever is signed in and has chosen an account; others are sent to where they become that. */
export function forVisitors(room: Room, handle: Handle<Visit>) {
  return async (c: Context): Promise<Response> => {
    const visit = await visitOf(c, room);
    return visit instanceof Response ? visit : handle(visit);
  };
}

/** As `forVisitors`, for forms: a form without its session's token is refused, and nothing is done. */
export function forForms(room: Room, handle: Handle<Posted>) {
  return async (c: Context): Promise<Response> => {
    const visit = await visitOf(c, room);
    if (visit instanceof Response) return visit;
    const { fields, all } = await fieldsOf(c);
    const secret = sessionSecret(c, room.world.url) ?? '';
    if (!isFormToken(fields['token'], secret)) return strangeForm(visit);
    return handle({ ...visit, fields, all });
  };
}

export function strangeForm(visit: Visit): Response {
  const { formStrange } = visit.words;
  return visit.show(wrongPage(visit.words, formStrange), 403);
}

/** A page that only says what is wrong. */
export function wrongPage(words: PortalWords, text: string): Page {
  const notice: Notice = { kind: 'wrong', text };
  return { title: words.notDone, notice, main: { html: '' } };
}

async function visitOf(c: Context, room: Room): Promise<Visit | Response> {
  const found = await sessionOf(c, room);
  if (!found) {
    if (sessionSecret(c, room.world.url))
      c.header('set-cookie', endedCookie(room.world.url), { append: true });
    return goTo(c, '/portal/sign-in');
  }
  const { session, secret } = found;
  const { account } = session;
  if (!account) return goTo(c, '/portal/accounts');
  const place = await placeOf(c, room, account.language);
  const several = (await accountsOf(room.world.database.db, session.address)).length > 1;
  const signed: Signed = { account, token: formToken(secret), several };
  const actor = actorOf(account, place);
  return {
    c,
    room,
    place,
    words: wordsIn(place.language),
    session,
    account,
    actor,
    signed,
    execute: executeAs(room.world, actor),
    open: (purpose) => {
      const because: Because = { by: 'customer', contactId: account.contactId, purpose };
      return openCustomer(room.world, account.customerId, because);
    },
    show: (page, status) => showPage(c, room, place, signed, page, status),
    say: (refusal) => sentenceOf(room, place, refusal),
  };
}

export function actorOf(
  account: Pick<OwnAccount, 'contactId' | 'customerId' | 'part'>,
  { language }: Pick<Place, 'language'>,
): Visit['actor'] {
  const { contactId, customerId, part } = account;
  return { kind: 'contact', id: contactId, customerId, part, roles: ['customer'], language };
}

export function sentenceOf(
  { dictionary }: Pick<Room, 'dictionary'>,
  { language }: Pick<Place, 'language'>,
  { code, params }: Refusal,
): string {
  return dictionary.say(language, `refusal.${code}`, params);
}
