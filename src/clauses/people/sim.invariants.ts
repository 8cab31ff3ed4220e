import { sql } from 'kysely';
import type { ClauseSimulation } from '../../policy/simulation.ts';

/** What must hold among people whatever they do. */
export const invariants: ClauseSimulation['invariants'] = {
  aCompletionIsNeverOverwritten: () => sql`
    select 'training ' || t.id || ' has no day, score or certificate' as problem from training t
    where t.closed_as = 'completed'
      and (t.completed_on is null or t.score is null or t.certificate is null or t.version_id is null)`,

  onlyWhoPassedHasACertificate: () => sql`
    select 'training ' || t.id || ' was completed without a passed test' as problem from training t
    where t.closed_as = 'completed'
      and not exists (select from course_attempt a where a.training_id = t.id and a.passed)`,

  attemptsArePausedAfterThree: () => sql`
    select 'attempt ' || a.id || ' came without the pause' as problem
    from course_attempt a join course_version v on v.id = a.version_id
    join course_attempt before on before.training_id = a.training_id and before.number = a.number - 1
    where (a.number - 1) % v.attempts = 0
      and a.started_at < before.marked_at + make_interval(hours => v.pause_hours)`,

  everyOpenTrainingHasItsTask: () => sql`
    select 'training ' || t.id || ' has ' || count(task.id) || ' tasks' as problem
    from training t left join task on task.kind = 'people.training' and task.subject = 'course/' || t.course
      and task.assignee_id = t.person_id and task.done_at is null and task.cancelled_at is null
    where t.closed_at is null group by t.id having count(task.id) <> 1`,

  whoeverWasToldOfLatenessHasItsTask: () => sql`
    select 'training ' || t.id || ' has ' || count(task.id) || ' tasks of lateness' as problem
    from training t left join task on task.kind = 'people.lateTraining' and task.subject = 'training/' || t.id
      and task.done_at is null and task.cancelled_at is null
    group by t.id, t.closed_at, t.told_id
    having count(task.id) <> case when t.closed_at is null and t.told_id is not null then 1 else 0 end`,

  nobodyOwesASignatureTwice: () => sql`
    select subject || ' is asked of ' || assignee_id || ' more than once' as problem from task
    where kind in ('people.signUndertaking', 'people.acknowledgeGuidance') and done_at is null
      and cancelled_at is null and missed_at is null
    group by subject, assignee_id having count(*) > 1`,

  noRoleBeforeTheUndertaking: () => sql`
    select 'person ' || p.id || ' holds a role and has signed nothing' as problem
    from person p
    where p.erased_at is null and p.roles && '{security-officer,commercial-officer,people,engineer,support,auditor}'
      and p.starts_on > (select (min(published_at) at time zone 'UTC')::date + 1 from undertaking_version
        where kind = 'undertaking')
      and not exists (select from undertaking u where u.person_id = p.id)`,

  closedChecklistsAreDone: () => sql`
    select 'checklist ' || c.id || ' is done with items left' as problem from checklist c
    where c.closed_as = 'done'
      and exists (select from checklist_item i where i.checklist_id = c.id and i.done_at is null)`,

  theErasedLeaveNoName: () => sql`
    select 'a task names the erased ' || p.id as problem from person p
    join task on task.detail ->> 'personId' = p.id::text and task.detail ? 'person'
    where p.erased_at is not null`,

  nobodyWitnessesTheirOwn: () => sql`
    select 'disposal ' || id || ' was witnessed by its holder' as problem from disposal
    where witness_id = holder_id`,
};
