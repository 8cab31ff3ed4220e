import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Act } from './facts.connector.ts';

/** What is done outside for one order. */
export interface PlannedAct extends Act {
  readonly connectionId: string;
  readonly originId: string;
  readonly no: number;
  /** An order that was withdrawn and given again is another one. */
  readonly orderedAt: Instant;
}

/** After so long without an outcome the process that asked has died, or as good as. */
const interruptedMinutes = 10;

/**
 * Whether an act is to be asked for again: what the source refused to take up (429), when it was put
 * off until; and what a process died in the midst of, where it is of a whole account. Locking out who
 * is locked out changes nothing, and not doing it leaves a leaver in; access that was taken away may
 * have been given again since by somebody there, so that is for people to look at.
 */
export const isDueAgain = (now: Instant) => {
  const interrupted = now.subtract({ minutes: interruptedMinutes });
  return sql<boolean>`(done.state = 'put off' and done.not_before <= ${now}
    or done.state = 'asked' and done.act in ('disableAccount', 'endSessions') and done.asked_at <= ${interrupted})`;
};

/**
 * Puts on record that something is about to be asked for, in a transaction of its own: whatever
 * happens to this process next, nobody asks for it again unless it `isDueAgain`.
 *
 * @returns the act's id, or null where it was asked for before
 */
export async function claimAct(
  db: Db,
  id: string,
  act: PlannedAct,
  now: Instant,
): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    insert into connection_act as done
      (id, connection_id, origin_id, no, ordered_at, act, account, target, state, asked_at)
    values (${id}, ${act.connectionId}, ${act.originId}, ${act.no}, ${act.orderedAt}, ${act.act}, ${act.account},
      ${act.target}, 'asked', ${now})
    on conflict (origin_id, no, ordered_at, act) do update
      set state = 'asked', asked_at = excluded.asked_at, not_before = null, detail = null
      where ${isDueAgain(now)}
    returning id`.execute(db);
  return rows[0]?.id ?? null;
}

/** What became of an act. */
export interface ActEnd {
  readonly state: 'done' | 'failed' | 'put off';
  readonly now: Instant;
  readonly detail?: string;
  readonly notBefore?: Instant;
}

export async function endAct(db: Db, id: string, end: ActEnd): Promise<void> {
  await sql`
    update connection_act set state = ${end.state}, ended_at = ${end.now}, detail = ${end.detail ?? null},
      not_before = ${end.notBefore ?? null}
    where id = ${id} and state = 'asked'`.execute(db);
}

/** Connections that may act, with what is needed to do so. */
export interface ActingConnection {
  readonly id: string;
  readonly systemId: string;
  readonly kind: string;
  readonly settings: unknown;
  readonly secret: Buffer;
}

export async function actingConnections(db: Db): Promise<readonly ActingConnection[]> {
  const { rows } = await sql<ActingConnection>`
    select id, system_id as "systemId", kind, settings, acting_secret as secret
    from connection
    where acting_since is not null and acting_secret is not null and removed_at is null and not paused
    order by id`.execute(db);
  return rows;
}
