import { sql } from 'kysely';
import { z } from 'zod';
import { personOf } from '../../kernel/actor.ts';
import { ok, refuse } from '../../kernel/result.ts';
import type { Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';

/** One of one's own sessions, or all but the one that asks. */
const command = z.union([
  z.object({ session: z.string().min(1) }),
  z.object({ allBut: z.string().min(1).nullable() }),
]);
export type SessionCommand = z.output<typeof command>;

export interface SessionsRevoked extends Event {
  readonly type: 'SessionsRevoked';
  readonly body: { readonly sessions: readonly string[] };
}

/** Ids of the sessions that the command would end. */
export interface SessionState {
  readonly sessions: readonly string[];
}

/** A person ends sessions of their own: a device lost, a browser left open. */
export const sessionFlow: Flow<SessionState, SessionCommand, SessionsRevoked, 'notFound'> = {
  name: 'identity.session',
  clause: 'identity',
  command,
  async load(tx, it, { actor, now }) {
    const which =
      'session' in it ? sql`s.id = ${it.session}` : sql`s.id is distinct from ${it.allBut}`;
    const { rows } = await sql<{ id: string }>`
      select s.id from auth_session as s join auth_user as u on u.id = s.user_id
      where u.person_id = ${personOf(actor)} and s.expires_at > ${now} and ${which}
      for update of s`.execute(tx);
    return { sessions: rows.map(({ id }) => id) };
  },
  authorize: () => ({ action: 'manageOwnSessions' }),
  decide({ sessions }, it, { actor }) {
    if (sessions.length === 0) return 'session' in it ? refuse('notFound') : ok([]);
    return ok([
      { type: 'SessionsRevoked', subject: `person/${personOf(actor)}`, body: { sessions } },
    ]);
  },
  async project(tx, { body }) {
    await sql`delete from auth_session where id = any(${body.sessions}::text[])`.execute(tx);
  },
};
