import { type Context, Hono } from 'hono';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Role } from '../../kernel/actor.ts';
import type { Db, Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Language } from '../../kernel/language.ts';
import { callerAddress } from '../http/caller.ts';
import { limited } from '../http/limit.ts';
import { type Env, languageOf } from '../http/mount.ts';
import { platformProblem } from '../http/problems.ts';
import { appendEvents } from '../ledger/append.ts';
import type { Dictionary } from '../words.ts';
import type { World } from '../world.ts';
import { invitationDays } from './flow.invitation.ts';
import { createLogin, hashPassword } from './login.ts';
import { isShutOut } from './only-way.ts';
import { maxCharacters, minCharacters, passwordFault } from './password.ts';
import { isLeaver, mayEnter, openSession } from './session.ts';
import { sha256Hex } from './token.ts';

interface Parts {
  readonly world: World;
  readonly words: Dictionary;
  readonly trustedProxies: readonly string[];
}

/** The path of the page that takes an invitation; its token stands after `#`, so in no server's log. */
export function invitationLink(url: string, secret: string): string {
  return `${url}/invite#${secret}`;
}

interface Invited {
  readonly id: string;
  readonly person_id: PersonId;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly Role[];
  readonly language: Language;
  readonly ends_on: Temporal.PlainDate | null;
}

/** An invitation that can still be accepted. */
async function findOpen(
  world: World,
  db: Db | Tx,
  secret: string,
  lock: boolean,
): Promise<Invited | null> {
  const now = world.now();
  const { rows } = await sql<Invited>`
    select i.id, i.person_id, p.name, p.email, p.roles, p.language, p.ends_on
    from invitation as i join person as p on p.id = i.person_id
    where i.hash = ${Buffer.from(sha256Hex(secret), 'hex')} and i.accepted_at is null and i.revoked_at is null
      and i.expires_at > ${now} and p.email is not null and ${mayEnter}
    ${lock ? sql`for update of i` : sql``}`.execute(db);
  const [found] = rows;
  return found && !(await isLeaver(world, found.ends_on, now)) ? found : null;
}

const opening = z.object({ token: z.string().max(200) });
const accepting = opening.extend({ password: z.string().max(1000).nullable().default(null) });

/**
 * `POST open` says whom a link is for; `POST accept` makes the login, with a password or, for
 * passkeys alone, without one, and a session that may enrol a second factor.
 */
export function invitationHandler(parts: Parts): Hono<Env> {
  const app = new Hono<Env>();
  app.post('/open', limited(parts.words), async (c) => {
    const input = opening.safeParse(await jsonOf(c));
    const found = input.success
      ? await findOpen(parts.world, parts.world.database.db, input.data.token, false)
      : null;
    if (!found) return gone(c, parts.words);
    c.header('cache-control', 'no-store');
    const organisation = (await parts.world.organisation())?.name ?? '';
    return c.json({ name: found.name, email: found.email, organisation, minCharacters });
  });
  app.post('/accept', limited(parts.words), (c) => accept(c, parts));
  return app;
}

async function accept(c: Context<Env>, parts: Parts): Promise<Response> {
  const { world, words, trustedProxies } = parts;
  const input = accepting.safeParse(await jsonOf(c));
  if (!input.success) return gone(c, words);
  const { token, password } = input.data;
  const invited = await findOpen(world, world.database.db, token, false);
  if (!invited) return gone(c, words);
  if (await isShutOut(world.database.db, invited.person_id))
    return platformProblem(c, words, languageOf(c.req.raw, null), 'providerOnly', 422);
  if (password !== null) {
    const organisation = (await world.organisation())?.name ?? '';
    const fault = passwordFault(password, {
      name: invited.name,
      email: invited.email,
      organisation,
    });
    const params = { min: minCharacters, max: maxCharacters };
    if (fault) return platformProblem(c, words, languageOf(c.req.raw, null), fault, 422, params);
  }
  // Hashing takes a tenth of a second: before the transaction, not in it.
  const passwordHash = password === null ? null : await hashPassword(password);
  const device = {
    address: callerAddress(c, trustedProxies),
    userAgent: c.req.header('user-agent') ?? '',
  };
  const accepted = await world.database.db
    .transaction()
    .execute((tx) => acceptIn(world, tx, token, passwordHash, device));
  if (!accepted) return gone(c, words);
  world.poke();
  c.header('set-cookie', accepted.setCookie);
  c.header('cache-control', 'no-store');
  return c.json({ state: 'enrol' });
}

/**
 * Not a flow: whoever accepts is nobody yet that Cedar could be asked about, and a password's hash
 * must stand in no event.
 */
async function acceptIn(
  world: World,
  tx: Tx,
  secret: string,
  passwordHash: string | null,
  device: { readonly address: string; readonly userAgent: string },
): Promise<{ readonly setCookie: string } | null> {
  const invited = await findOpen(world, tx, secret, true);
  if (!invited) return null;
  const now = world.now();
  await sql`update invitation set accepted_at = ${now} where id = ${invited.id}`.execute(tx);
  const { userId } = await createLogin(world, tx, {
    personId: invited.person_id,
    name: invited.name,
    email: invited.email,
    passwordHash,
    enrolBy: now.add({ hours: invitationDays * 24 }),
  });
  const event = {
    type: 'InvitationAccepted',
    subject: `person/${invited.person_id}`,
    body: { id: invited.id, person: invited.person_id },
  };
  const { person_id: id, roles, language } = invited;
  const actor = { kind: 'person', id, roles, language, secondFactor: false } as const;
  await appendEvents(world, tx, 'identity', [event], { actor, now });
  return openSession(world, tx, userId, passwordHash ? ['pwd'] : [], device);
}

async function jsonOf(c: Context<Env>): Promise<unknown> {
  return c.req.json().catch(() => null);
}

/** One answer for wrong, used, revoked and late: a guesser learns nothing. */
function gone(c: Context<Env>, words: Dictionary): Response {
  return platformProblem(c, words, languageOf(c.req.raw, null), 'invitationGone', 410);
}
