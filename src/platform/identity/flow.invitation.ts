import { sql } from 'kysely';
import { z } from 'zod';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import type { Event } from '../../policy/event.ts';
import type { Flow } from '../../policy/flow.ts';

/** Days an invitation can be accepted, and then a second factor be enrolled. */
export const invitationDays = 7;

const issue = z.object({
  do: z.literal('issue'),
  personId: z.uuid(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const revoke = z.object({ do: z.literal('revoke'), id: z.uuid() });
const command = z.discriminatedUnion('do', [issue, revoke]);
export type InvitationCommand = z.output<typeof command>;

export interface InvitationIssued extends Event {
  readonly type: 'InvitationIssued';
  readonly body: {
    readonly id: string;
    readonly person: string;
    readonly expiresAt: string;
    readonly sha256: string;
  };
}
export interface InvitationRevoked extends Event {
  readonly type: 'InvitationRevoked';
  readonly body: { readonly id: string; readonly person: string };
}
export type InvitationEvent = InvitationIssued | InvitationRevoked;
export type InvitationRefusal =
  | 'notFound'
  | 'personWithoutEmail'
  | 'personHasLeft'
  | 'personSuspended'
  | 'invitationOver';

export interface InvitationState {
  /** Who is to be invited; null where there is no such person. */
  readonly person: {
    readonly email: string | null;
    readonly ends_on: Temporal.PlainDate | null;
    readonly left: boolean;
    readonly suspended: boolean;
  } | null;
  /** The invitation to be revoked; null where there is no such one. */
  readonly invitation: { readonly person_id: string; readonly over: boolean } | null;
}

/**
 * The only way to a login besides set-up: the security officer hands a person a one-time link. It
 * serves as well for someone who has lost their second factor: accepting replaces the whole login.
 */
export const invitationFlow: Flow<
  InvitationState,
  InvitationCommand,
  InvitationEvent,
  InvitationRefusal
> = {
  name: 'identity.invitation',
  clause: 'identity',
  command,
  async load(tx, it, { now }) {
    if (it.do === 'issue') {
      const { rows } = await sql<NonNullable<InvitationState['person']>>`
        select email, ends_on, left_at is not null as left, suspended_at is not null as suspended
        from person where id = ${it.personId} for update`.execute(tx);
      return { person: rows[0] ?? null, invitation: null };
    }
    const { rows } = await sql<NonNullable<InvitationState['invitation']>>`
      select person_id, accepted_at is not null or revoked_at is not null or expires_at <= ${now} as over
      from invitation where id = ${it.id} for update`.execute(tx);
    return { person: null, invitation: rows[0] ?? null };
  },
  authorize: () => ({ action: 'invitePeople' }),
  decide({ person, invitation }, it, { now, zone, newId }) {
    if (it.do === 'revoke') {
      if (!invitation) return refuse('notFound');
      if (invitation.over) return refuse('invitationOver');
      const body = { id: it.id, person: invitation.person_id };
      return ok([{ type: 'InvitationRevoked', subject: `person/${body.person}`, body }]);
    }
    if (!person) return refuse('notFound');
    if (!person.email) return refuse('personWithoutEmail');
    if (person.left || hasLeft(person.ends_on, now, zone)) return refuse('personHasLeft');
    if (person.suspended) return refuse('personSuspended');
    const body = {
      id: newId(),
      person: it.personId,
      expiresAt: instantText(now.add({ hours: invitationDays * 24 })),
      sha256: it.sha256,
    };
    return ok([{ type: 'InvitationIssued', subject: `person/${it.personId}`, body }]);
  },
  async project(tx, event, { now }) {
    if (event.type === 'InvitationRevoked') {
      await sql`update invitation set revoked_at = ${now} where id = ${event.body.id}`.execute(tx);
      return;
    }
    const { id, person, expiresAt, sha256 } = event.body;
    // The newest link is the only one: an older one may have gone astray.
    await sql`
      update invitation set revoked_at = ${now}
      where person_id = ${person} and accepted_at is null and revoked_at is null`.execute(tx);
    await sql`
      insert into invitation (id, person_id, hash, created_at, expires_at)
      values (${id}, ${person}, ${Buffer.from(sha256, 'hex')}, ${now}, ${Temporal.Instant.from(expiresAt)})`.execute(
      tx,
    );
  },
};

function hasLeft(endsOn: Temporal.PlainDate | null, now: Instant, zone: string): boolean {
  return (
    endsOn !== null &&
    Temporal.PlainDate.compare(endsOn, now.toZonedDateTimeISO(zone).toPlainDate()) < 0
  );
}
