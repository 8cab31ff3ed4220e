import { sql } from 'kysely';
import type { Actor } from '../../kernel/actor.ts';
import type { Guard } from '../../policy/check.ts';
import { appendEvents } from '../ledger/append.ts';
import type { World } from '../world.ts';
import type { Session } from './session.ts';

/** Upholds ACC-3 in Kept itself. Proven by `second-factor.test.ts`. */
export const noSessionWithoutSecondFactor: Guard = {
  id: 'noSessionWithoutSecondFactor',
  promise: 'ACC-3',
  states: {
    en: 'Kept accepts no session that was not signed in with a second factor.',
    ja: 'Keptは、二要素で認証されていないセッションを受け付けない。',
  },
};

/** What the guard refused, by its code in `GuardRefused`. */
export type GuardCode = 'secondFactorMissing' | 'secondFactorUnproven' | 'lastSecondFactor';

/** Writes a refusal of the guard into the ledger. */
export async function recordRefusal(world: World, actor: Actor, code: GuardCode): Promise<void> {
  const { promise, id } = noSessionWithoutSecondFactor;
  const refused = {
    type: 'GuardRefused',
    subject: `promise/${promise}`,
    body: { promise, code, flow: 'identity.session', guard: id },
  };
  await world.database.db
    .transaction()
    .execute((tx) => appendEvents(world, tx, 'identity', [refused], { actor, now: world.now() }));
  world.poke();
}

/**
 * Records that a session without a second factor was refused: once for each session, however often
 * its page asks, so that nobody can fill the ledger by reloading.
 */
export async function recordFirstRefusal(world: World, session: Session): Promise<void> {
  if (session.refused) return;
  const { rows } = await sql<{ id: string }>`
    update auth_session set refused_at = ${world.now()} where id = ${session.id} and refused_at is null
    returning id`.execute(world.database.db);
  if (rows.length > 0) await recordRefusal(world, actorOf(session), 'secondFactorMissing');
}

/** The person behind a session; whether a second factor was present is part of who they are. */
export function actorOf(session: Session): Actor {
  return {
    kind: 'person',
    id: session.personId,
    roles: session.roles,
    secondFactor: session.complete,
    language: session.language,
  };
}
