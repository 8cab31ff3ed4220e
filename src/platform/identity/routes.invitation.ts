import { sql } from 'kysely';
import { z } from 'zod';
import { instantText } from '../../kernel/instant.ts';
import { invariant } from '../../kernel/invariant.ts';
import { ok } from '../../kernel/result.ts';
import { type Routes, route } from '../../policy/route.ts';
import { invitationFlow } from './flow.invitation.ts';
import { invitationLink } from './invitation.ts';
import { newSecret } from './token.ts';

const item = z.object({
  id: z.string(),
  person: z.object({ id: z.string(), name: z.string() }),
  createdAt: z.string(),
  expiresAt: z.string(),
});

/** Who is let in. The officer hands the link over; Kept mails no secrets. */
export const invitationRoutes = {
  listInvitations: route({
    method: 'get',
    path: '/invitations',
    summary: 'Invitations that can still be accepted',
    permission: 'invitePeople',
    input: z.object({}),
    output: z.object({ items: z.array(item), total: z.int(), next: z.null() }),
    async handle({ db, now }) {
      const { rows } = await sql<{
        id: string;
        person_id: string;
        name: string;
        created_at: Temporal.Instant;
        expires_at: Temporal.Instant;
      }>`
        select i.id, i.person_id, p.name, i.created_at, i.expires_at
        from invitation as i join person as p on p.id = i.person_id
        where i.accepted_at is null and i.revoked_at is null and i.expires_at > ${now}
        order by i.created_at desc, i.id limit 1000`.execute(db);
      const items = rows.map((row) => ({
        id: row.id,
        person: { id: row.person_id, name: row.name },
        createdAt: instantText(row.created_at),
        expiresAt: instantText(row.expires_at),
      }));
      return ok({ items, total: items.length, next: null });
    },
  }),
  invitePerson: route({
    method: 'post',
    path: '/invitations',
    summary: 'Make a one-time link by which a person gets, or gets back, their login; shown once',
    permission: 'invitePeople',
    input: z.object({ personId: z.uuid() }),
    output: z.object({ id: z.string(), link: z.string(), expiresAt: z.string() }),
    async handle({ execute, url }, { personId }) {
      const { secret, sha256 } = newSecret('');
      const answer = await execute(invitationFlow, { do: 'issue', personId, sha256 });
      if (!answer.ok) return answer;
      const [event] = answer.value;
      invariant(event?.type === 'InvitationIssued', 'the flow answers with what it made');
      return ok({
        id: event.body.id,
        link: invitationLink(url, secret),
        expiresAt: event.body.expiresAt,
      });
    },
  }),
  revokeInvitation: route({
    method: 'delete',
    path: '/invitations/{id}',
    summary: 'Take an invitation back',
    permission: 'invitePeople',
    input: z.object({ id: z.uuid() }),
    output: z.object({ id: z.string() }),
    async handle({ execute }, { id }) {
      const answer = await execute(invitationFlow, { do: 'revoke', id });
      return answer.ok ? ok({ id }) : answer;
    },
  }),
} satisfies Routes;
