import { sql } from 'kysely';
import type { Actor, Role } from '../../../kernel/actor.ts';
import type { Tx } from '../../../kernel/db.ts';
import type { PersonId } from '../../../kernel/id.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { Language } from '../../../kernel/language.ts';
import { ok, type Result } from '../../../kernel/result.ts';
import { appendEvents } from '../../ledger/append.ts';
import type { World } from '../../world.ts';
import { recordRefusal } from '../guard.ts';
import { createLogin } from '../login.ts';
import { type Device, isLeaver, openSession } from '../session.ts';
import type { Claimed } from './claims.ts';
import { identityLinked, linkOf } from './flow.link.ts';
import type { SignInRefusal } from './refusal.ts';
import { findIdentity, insertLink, type NewLink, noteArrival, rememberStranger } from './store.ts';

/** Hours within which a refusal for want of a second factor is recorded once for an identity. */
const refusalHours = 24;

/** Somebody whom the provider vouches for, before Kept has said who that is here. */
export interface Arrival {
  readonly claimed: Claimed;
  /** The ID token, kept sealed for the day of signing out. */
  readonly idToken: string;
  readonly proven: boolean;
  /** Null where the register of people gives the roles. */
  readonly roles: readonly Role[] | null;
  /** SHA-256 of an invitation's secret, hex. */
  readonly invitation: string | null;
}

/**
 * Gives somebody the roles that the provider says, by the register's own flow. `waiting` are those
 * that one of its guards holds back; where `given` is false, the register stays as it was.
 */
export type GiveRoles = (
  personId: PersonId,
  roles: readonly Role[],
) => Promise<{ readonly given: boolean; readonly waiting: readonly Role[] }>;

/** What sign-in asks of the register of people, which it does not know itself. */
export interface PeopleRegister {
  readonly giveRoles: GiveRoles;
  /**
   * Whom provisioning expects under an external id (RFC 7643, section 3.1): Entra ID's object id,
   * elsewhere the subject; null for nobody, or several.
   */
  expected(tx: Tx, externalId: string): Promise<PersonId | null>;
}

interface Known {
  readonly personId: PersonId;
  readonly name: string;
  readonly email: string | null;
  readonly language: Language;
  readonly roles: readonly Role[];
  readonly userId: string | null;
  /** The link that is there; null where one is to be made. */
  readonly identityId: string | null;
  readonly how: NewLink['how'];
  readonly invitationId: string | null;
  readonly refusedAt: Instant | null;
}

type Came = Result<{ readonly setCookie: string }, SignInRefusal>;

const refused = (refusal: SignInRefusal) => ({ ok: false, refusal }) as const;

/**
 * Finds out who somebody is here, and opens their session: in one transaction with the link, where
 * it is their first time. Whoever is nobody here, has left, or did not prove a second factor gets
 * none (guard of ACC-3).
 */
export async function letIn(
  world: World,
  arrival: Arrival,
  device: Device,
  people: PeopleRegister,
): Promise<Came> {
  const { db } = world.database;
  const seen = await db.transaction().execute((tx) => whoIs(world, tx, arrival, people));
  if (!arrival.proven) {
    if (seen.ok) await recordUnproven(world, seen.value);
    return refused({ code: 'secondFactorUnproven' });
  }
  if (!seen.ok) return seen;
  let waiting: readonly Role[] = [];
  if (arrival.roles && differ(arrival.roles, seen.value.roles)) {
    const answer = await people.giveRoles(seen.value.personId, arrival.roles);
    if (!answer.given) return refused({ code: 'rolesRefused' });
    waiting = answer.waiting;
  }
  const came = await db.transaction().execute(async (tx): Promise<Came> => {
    // Once more, locked: they may have left, or been linked otherwise, while the roles were given.
    const known = await whoIs(world, tx, arrival, people);
    return known.ok
      ? ok(await enter(world, tx, known.value, { ...arrival, waiting }, device))
      : known;
  });
  world.poke();
  return came;
}

async function whoIs(
  world: World,
  tx: Tx,
  arrival: Arrival,
  people: PeopleRegister,
): Promise<Result<Known, SignInRefusal>> {
  const { claimed, invitation } = arrival;
  const linked = await findIdentity(tx, claimed);
  const invited = invitation ? await findInvitation(world, tx, invitation) : null;
  if (invitation && !invited) return refused({ code: 'invitationGone' });
  if (linked && invited && linked.personId !== invited.personId) {
    return refused({ code: 'identityTaken' });
  }
  const personId =
    linked?.personId ??
    invited?.personId ??
    (await people.expected(tx, claimed.objectId ?? claimed.subject));
  if (!personId) {
    // Only somebody who has proven all that is asked is worth the security officer's time.
    if (!arrival.proven) return refused({ code: 'identityUnknown' });
    const reference = await rememberStranger(tx, claimed, world.newId(), world.now());
    return refused({ code: 'identityUnknown', reference });
  }
  const person = await findPerson(world, tx, personId);
  if (!person) return refused({ code: 'personGone' });
  return ok({
    ...person,
    identityId: linked?.id ?? null,
    how: invited ? 'invitation' : 'provisioning',
    invitationId: invited?.id ?? null,
    refusedAt: linked?.refusedAt ?? null,
  });
}

async function findInvitation(
  world: World,
  tx: Tx,
  sha256: string,
): Promise<{ readonly id: string; readonly personId: PersonId } | null> {
  const { rows } = await sql<{ id: string; personId: PersonId }>`
    select id, person_id as "personId" from invitation
    where hash = ${Buffer.from(sha256, 'hex')} and accepted_at is null and revoked_at is null
      and expires_at > ${world.now()} for update`.execute(tx);
  return rows[0] ?? null;
}

type Person = Pick<Known, 'personId' | 'name' | 'email' | 'language' | 'roles' | 'userId'>;

async function findPerson(world: World, tx: Tx, id: PersonId): Promise<Person | null> {
  const { rows } = await sql<Person & { endsOn: Temporal.PlainDate | null }>`
    select p.id as "personId", p.name, p.email, p.language, p.roles, p.ends_on as "endsOn", u.id as "userId"
    from person as p left join auth_user as u on u.person_id = p.id
    where p.id = ${id} and p.erased_at is null and p.left_at is null and p.suspended_at is null
    for update of p`.execute(tx);
  const [row] = rows;
  if (!row || (await isLeaver(world, row.endsOn, world.now()))) return null;
  return row;
}

async function enter(
  world: World,
  tx: Tx,
  known: Known,
  { claimed, idToken, waiting }: Arrival & { readonly waiting: readonly Role[] },
  device: Device,
): Promise<{ readonly setCookie: string }> {
  const now = world.now();
  const actor = actorOf(known, true);
  if (known.invitationId) {
    await sql`update invitation set accepted_at = ${now} where id = ${known.invitationId}`.execute(
      tx,
    );
    const body = { id: known.invitationId, person: known.personId };
    const accepted = { type: 'InvitationAccepted', subject: `person/${known.personId}`, body };
    await appendEvents(world, tx, 'identity', [accepted], { actor, now });
  }
  const identityId = known.identityId ?? (await link(world, tx, known, claimed, actor));
  await noteArrival(tx, identityId, claimed, waiting, now);
  const userId = await loginOf(world, tx, known);
  const opened = await openSession(world, tx, userId, ['provider'], device);
  await sql`
    update auth_session set identity_id = ${identityId}, provider_session = ${claimed.session},
      id_token = ${world.keys.seal(idTokenPurpose, Buffer.from(idToken))}
    where id = ${opened.id}`.execute(tx);
  return { setCookie: opened.setCookie };
}

/** What an ID token is sealed for. */
export const idTokenPurpose = 'id token';

async function link(
  world: World,
  tx: Tx,
  { personId, how }: Known,
  claimed: Claimed,
  actor: Actor,
): Promise<string> {
  const made: NewLink = { id: world.newId(), personId, how, ...linkOf(claimed) };
  await insertLink(tx, made, world.now());
  await appendEvents(world, tx, 'identity', [identityLinked(made)], { actor, now: world.now() });
  return made.id;
}

/**
 * The login behind a person's sessions, made where they have none: no password opens it. An
 * invitation replaces the one they had, as it does where it is accepted with a password.
 */
async function loginOf(world: World, tx: Tx, known: Known): Promise<string> {
  if (known.userId && !known.invitationId) return known.userId;
  const { personId, name } = known;
  const email = known.email ?? `${personId}@login.invalid`;
  const login = { personId, name, email, passwordHash: null, enrolBy: null };
  return (await createLogin(world, tx, login)).userId;
}

function actorOf({ personId, roles, language }: Known, secondFactor: boolean): Actor {
  return { kind: 'person', id: personId, roles, language, secondFactor };
}

async function recordUnproven(world: World, known: Known): Promise<void> {
  const since = world.now().subtract({ hours: refusalHours });
  const { rows } = await sql<{ id: string }>`
    update sign_in_identity set refused_at = ${world.now()}
    where id = ${known.identityId} and (refused_at is null or refused_at < ${since}) returning id`.execute(
    world.database.db,
  );
  if (rows.length > 0 || !known.identityId) {
    await recordRefusal(world, actorOf(known, false), 'secondFactorUnproven');
  }
}

function differ(some: readonly Role[], others: readonly Role[]): boolean {
  return [...some].sort().join() !== [...others].sort().join();
}
