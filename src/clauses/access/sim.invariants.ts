import { sql } from 'kysely';
import { dateIn } from '../../kernel/instant.ts';
import type { ClauseSimulation } from '../../policy/simulation.ts';
import { isLeft } from '../../registers/accounts/standing.ts';

/** What must hold in access reviews whatever people, connectors and the clock do. */
export const invariants: ClauseSimulation['invariants'] = {
  nobodyDecidedOnTheirOwnAccess: () => sql`
    select 'item ' || item.no || ' was decided by its own person' as problem
    from review_item item join review_act act on act.id = item.act_id
    where act.reviewer_id = item.person_id`,

  nobodyIsToReviewTheirOwnAccess: () => sql`
    select 'item ' || no || ' is for its own person' as problem
    from review_item where reviewer_id = person_id`,

  snapshotsAreWhole: () => sql`
    select 'campaign ' || name || ' has ' || count(item.no) || ' of ' || items || ' items, '
      || count(*) filter (where item.no is not null and item.decision is null) || ' undecided, not ' || undecided as problem
    from review_campaign campaign left join review_item item on item.campaign_id = campaign.id
    group by campaign.id
    having count(item.no) <> items
      or count(*) filter (where item.no is not null and item.decision is null) <> undecided`,

  whoeverIsToDecideHasATask: () => sql`
    select 'reviewer ' || coalesce(waiting.reviewer_id::text, 'role') || ' has items and no task, or a task and no items' as problem
    from (
      select distinct item.reviewer_id, 'campaign/' || campaign.id as subject
      from review_campaign campaign join review_item item on item.campaign_id = campaign.id
      where campaign.state = 'open' and item.decision is null
    ) waiting
    full join (
      select assignee_id, subject from task
      where kind = 'access.review' and done_at is null and missed_at is null and cancelled_at is null
    ) task on task.subject = waiting.subject
      and coalesce(task.assignee_id::text, '') = coalesce(waiting.reviewer_id::text, '')
    where task.subject is null or waiting.subject is null`,

  closedOnTime: (now) => sql`
    select 'campaign ' || name || ' should have closed at ' || due_at as problem
    from review_campaign where state = 'open' and due_at < ${now.subtract({ hours: 24 })}`,

  completeMeansDecided: () => sql`
    select 'campaign ' || name || ' is ' || state || ' with ' || undecided || ' undecided' as problem
    from review_campaign where (state = 'complete' and undecided > 0) or (state = 'incomplete' and undecided = 0)`,

  provenOrdersWereAbsentInALaterRead: () => sql`
    select 'order ' || o.no || ' was proven by a read that cannot prove it' as problem
    from revoke_order o left join read on read.id = o.proven_read_id
    left join observation seen on seen.account_id = o.account_id and seen.entitlement_id = o.entitlement_id
      and seen.first_seen_at <= read.at and (seen.gone_at is null or seen.gone_at > read.at)
    where o.proven_at is not null
      and (read.id is null or not read.complete or read.at <= o.ordered_at or read.system_id <> o.system_id
        or seen.account_id is not null)`,

  everyDecisionToRevokeIsAnOrder: () => sql`
    select 'item ' || item.no || ' is decided ' || item.decision || ' and its order is '
      || case when o.no is null then 'missing' when o.withdrawn_at is null then 'standing' else 'withdrawn' end as problem
    from review_item item left join revoke_order o on o.origin_id = item.campaign_id and o.no = item.no
    where (item.decision in ('revoke', 'change')) <> (o.no is not null and o.withdrawn_at is null)`,

  noAccessIsOrderedToGoTwice: () => sql`
    select 'access of account ' || o.account_id || ' is ordered to go ' || count(*) || ' times at once' as problem
    from revoke_order o join revoke_origin origin on origin.id = o.origin_id
    where o.proven_at is null and o.withdrawn_at is null and origin.kind <> 'review'
    group by o.account_id, o.entitlement_id having count(*) > 1`,

  whatIsLeftOfLeaversIsOrderedToGo: () => sql`
    select 'account ' || account.id || ' of somebody who left is not ordered to go' as problem
    from person join account on account.person_id = person.id
    join system on system.id = account.system_id and system.retired_at is null
    where person.left_at is not null and ${isLeft} and not exists (
      select from revoke_order o where o.account_id = account.id and o.entitlement_id is null
        and o.proven_at is null and o.withdrawn_at is null)`,

  nobodyApprovedTheirOwn: () => sql`
    select 'request ' || id || ' was approved by who asked or holds' as problem
    from access_request where state = 'approved' and decided_by in (person_id, requester_id)`,

  noGrantWithoutUndertaking: () => sql`
    select 'grant ' || given.id || ' was given to somebody without an undertaking' as problem
    from access_grant given
    join (
      select grant_id, person_id from access_request where state = 'approved'
      union all select grant_id, person_id from emergency_access
    ) act on act.grant_id = given.id
    where exists (
      select from undertaking_version asked
      where asked.binding and asked.kind = 'undertaking' and asked.published_at < given.granted_at
        and coalesce(asked.withdrawn_at, 'infinity') > given.granted_at and not exists (
          select from undertaking signed
          where signed.person_id = act.person_id and signed.document = asked.document
            and signed.number >= asked.number and signed.filed_at <= given.granted_at))`,

  whatIsApprovedIsGranted: () => sql`
    select 'request ' || asked.id || ' is approved without a grant' as problem
    from access_request asked left join access_grant given on given.id = asked.grant_id
    where asked.state = 'approved' and given.id is null`,

  noGrantOutlivesItsDay: (now, zone) => sql`
    select 'grant ' || given.id || ' ended on ' || ends_on || ' and stands' as problem
    from access_grant given
    where revoked_at is null and ends_on < ${dateIn(now.subtract({ hours: 36 }), zone)}::date`,

  whatEndedIsOrderedToGo: () => sql`
    select 'access of account ' || seen.account_id || ' is seen after its grant ended, without an order' as problem
    from access_grant given
    join observation seen on seen.account_id = given.account_id and seen.entitlement_id = given.entitlement_id
      and seen.gone_at is null and seen.first_seen_at < given.revoked_at
    where given.ends_on is not null and given.revoked_at is not null
      and not exists (
        select from access_grant newer where newer.account_id = given.account_id
          and newer.entitlement_id = given.entitlement_id and newer.granted_at >= given.revoked_at)
      and not exists (
        select from revoke_order o where o.account_id = given.account_id
          and o.entitlement_id = given.entitlement_id
          -- Of one that was still under way when it was granted again, nothing more need be said.
          and (o.ordered_at >= given.granted_at or (o.proven_at is null and o.withdrawn_at is null)))`,

  emergenciesEndOnTime: (now) => sql`
    select 'emergency ' || id || ' should have ended at ' || ends_at as problem
    from emergency_access where ended_at is null and ends_at < ${now.subtract({ hours: 24 })}`,

  whoeverIsAskedHasATask: () => sql`
    select 'request ' || asked.id || ' is open and nobody has its task' as problem
    from access_request asked where state = 'open' and not exists (
      select from task where kind = 'access.decideRequest' and subject = 'request/' || asked.id
        and assignee_id is not distinct from asked.approver_id
        and done_at is null and missed_at is null and cancelled_at is null)`,

  aMissedReviewBreaksThePromise: () => sql`
    select 'ACC-5 is ' || status.status || ' after a review that was missed' as problem
    from promise_status status
    where status.promise = 'ACC-5' and status.status <> 'broken'
      and (select max(missed_at) from task where kind = 'access.quarterlyReview')
        > coalesce((select max(done_at) from task where kind = 'access.quarterlyReview'), '-infinity')`,

  anOverdueOrderBreaksThePromise: (now) => sql`
    select 'ACC-6 is ' || status.status || ' with orders past their deadline' as problem
    from promise_status status
    where status.promise = 'ACC-6' and status.status <> 'broken'
      and exists (select from revoke_order where proven_at is null and withdrawn_at is null and due_at <= ${now})
      and not exists (select from finding where check_id = 'access.revokedAccessIsGone' and excepted_until > ${now})`,
};
