import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { StoryLine } from '../../registers/people/facts.story.ts';

interface StoryRow extends Omit<StoryLine, 'at'> {
  readonly at: Instant;
}

/**
 * A person's story: the entries of which they are the subject, and from the registers what concerned
 * them among others and so has no entry of its own. Newest first, each part cut before it is joined.
 */
export async function storyOf(db: Db, id: PersonId, limit: number): Promise<readonly StoryLine[]> {
  const { rows } = await sql<StoryRow>`
    select * from (
      (${entries(id)} limit ${limit}) union all
      (${trainings(id)} limit ${limit}) union all
      (${grants(id)} limit ${limit}) union all
      (${ends(id)} limit ${limit})) story
    order by at desc, index desc nulls last, id limit ${limit}`.execute(db);
  return rows.map((row) => ({ ...row, at: instantText(row.at) }));
}

/** Their own entries; of a training or a signature also what it was about. */
function entries(id: PersonId) {
  return sql`
    select e.id::text as id, e.at, e.clause, e.type,
      coalesce(actor.name, split_part(e.actor, '/', 1)) as actor, e.index::int as index,
      coalesce(
        (select v.titles from course_attempt a join course_version v on v.id = a.version_id
         where a.person_id = ${id} and e.type in ('AttemptStarted', 'AttemptMarked')
           and e.at in (a.started_at, a.marked_at) limit 1),
        (select v.titles from training t join course_version v on v.id = t.version_id
         where t.person_id = ${id} and e.type = 'TrainingCompleted' and t.closed_at = e.at limit 1),
        (select v.titles from undertaking u join undertaking_version v on v.id = u.version_id
         where u.person_id = ${id} and u.filed_at = e.at
           and e.type in ('UndertakingSigned', 'UndertakingFiled', 'GuidanceAcknowledged') limit 1),
        (select c.titles from checklist c
         where c.person_id = ${id} and e.type = 'ChecklistOpened' and c.opened_at = e.at limit 1)
      ) as about
    from ledger_entry e left join person actor on e.actor = 'person/' || actor.id::text
    where e.subject = ${`person/${id}`} and e.index is not null
    order by e.index desc`;
}

function trainings(id: PersonId) {
  return sql`
    select t.id::text, t.assigned_at, 'people', 'TrainingAssigned', null, null::int, v.titles
    from training t join lateral (select titles from course_version v where v.course = t.course
      order by major desc, minor desc limit 1) v on true
    where t.person_id = ${id} order by t.assigned_at desc`;
}

/** What an access is called: the same in every language. */
const access = sql`jsonb_build_object('en', s.name || ' · ' || e.name, 'ja', s.name || ' · ' || e.name)`;

function grants(id: PersonId) {
  return sql`
    select g.id::text, g.granted_at, 'people', 'AccessGiven', approver.name, null::int, ${access}
    from access_grant g join account a on a.id = g.account_id
    join entitlement e on e.id = g.entitlement_id join system s on s.id = g.system_id
    left join person approver on approver.id = g.approver_id
    where a.person_id = ${id} order by g.granted_at desc`;
}

function ends(id: PersonId) {
  return sql`
    select g.id::text || ' end', g.revoked_at, 'people', 'AccessTaken', null, null::int, ${access}
    from access_grant g join account a on a.id = g.account_id
    join entitlement e on e.id = g.entitlement_id join system s on s.id = g.system_id
    where a.person_id = ${id} and g.revoked_at is not null order by g.revoked_at desc`;
}
