import { sql } from 'kysely';
import { dateIn, endOfDay } from '../../kernel/instant.ts';
import type { Check, Violation } from '../../policy/check.ts';
import { peopleChanged } from '../../registers/people/facts.ts';

/**
 * ACC-7 in Kept itself: from the moment on which somebody has left, they hold nothing here. Whose
 * last day is over and from whom nothing was taken yet violates it with all that they hold.
 */
export const leaversHoldNothingHere: Check = {
  id: 'leaving.leaversHoldNothingHere',
  promise: 'ACC-7',
  states: {
    en: 'Nobody who has left holds a session, an API token, an open invitation, a role or a grant in Kept.',
    ja: '退職した人は、Keptのセッション・APIトークン・有効な招待・役割・アクセスの付与を一つも持っていない。',
  },
  finding: {
    en: '{label} has left and still holds: sessions {sessions}, tokens {tokens}, invitations {invitations}, roles {roles}, grants {grants}.',
    ja: '{label}は退職していますが、まだ残っています。セッション {sessions}、トークン {tokens}、招待 {invitations}、役割 {roles}、付与 {grants}。',
  },
  changedBy: [
    ...peopleChanged,
    'AccessEnded',
    'InvitationIssued',
    'InvitationAccepted',
    'ApiTokenCreated',
    'GrantApproved',
    'GrantsImported',
    'AccountLinked',
  ],
  population: (now, zone) => sql`
    select count(*)::int as examined from person
    where erased_at is null and (left_at is not null or ends_on < ${dateIn(now, zone)}::date)`,
  violations: (now, zone) => sql<Violation>`
    select 'person' as subject_kind, person.id as subject_id, person.name as label,
      jsonb_build_object('sessions', held.sessions, 'tokens', held.tokens,
        'invitations', held.invitations, 'roles', held.roles, 'grants', held.grants) as detail,
      null::uuid as owner_id
    from person cross join lateral (
      select
        (select count(*) from auth_session s join auth_user u on u.id = s.user_id
          where u.person_id = person.id and s.expires_at > ${now}) as sessions,
        (select count(*) from api_token
          where person_id = person.id and revoked_at is null and expires_at > ${now}) as tokens,
        (select count(*) from invitation
          where person_id = person.id and accepted_at is null and revoked_at is null
            and expires_at > ${now}) as invitations,
        cardinality(person.roles) as roles,
        (select count(*) from access_grant join account on account.id = access_grant.account_id
          where account.person_id = person.id and access_grant.revoked_at is null) as grants
    ) held
    where erased_at is null and (left_at is not null or ends_on < ${dateIn(now, zone)}::date)
      and held.sessions + held.tokens + held.invitations + held.roles + held.grants > 0`,
  async nextChange(db, now, zone) {
    const { rows } = await sql<{ day: Temporal.PlainDate | null }>`
      select min(ends_on) as day from person
      where ends_on >= ${dateIn(now, zone)} and left_at is null`.execute(db);
    const day = rows[0]?.day;
    return day ? endOfDay(day, zone) : null;
  },
  deadlineDays: 0,
  path: '/console/people/{id}',
};
