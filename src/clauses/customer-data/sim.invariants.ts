import { sql } from 'kysely';
import type { ClauseSimulation } from '../../policy/simulation.ts';
import { deviationOf } from './store.closing.ts';

/** What must hold of cases whatever people and the clock do. */
export const invariants: ClauseSimulation['invariants'] = {
  nobodyReadWithoutACase: () => sql`
    select 'read ' || read.id || ' was under no open case of its reader: ' || ${deviationOf} as problem
    from case_read read join customer_case it on it.id = read.case_id
    where ${deviationOf} in ('notRequester', 'outsideTime')`,

  nobodyUnwrappedWithoutACase: () => sql`
    select 'unwrap ' || used.id || ' by a person is under no case of theirs' as problem
    from vault_unwrap used
    where (used.person_id is not null or used.by_kind = 'case') and not exists (
      select from customer_case it
      where it.id::text = used.by_id and it.customer_id = used.customer_id
        and it.requester_id = used.person_id and it.opened_at <= used.from_at and used.from_at < it.ends_at)`,

  noCaseIsApprovedByItsRequester: () => sql`
    select 'case ' || id || ' was opened without another’s approval' as problem
    from customer_case
    where opened_at is not null and (decided_by is null or decided_by = requester_id)
    union all
    select 'case ' || id || ' was opened before its customer approved'
    from customer_case where opened_at is not null and customer_needed and customer_decided_at is null`,

  everyReadIsWithinScopeOrAccountedFor: () => sql`
    select 'read ' || read.id || ' is ' || ${deviationOf} || ' and nobody said why' as problem
    from case_read read join customer_case it on it.id = read.case_id
    where ${deviationOf} is not null and it.state = 'reconciled' and it.note = ''`,

  casesEndInTime: (now) => sql`
    select 'case ' || id || ' is open and was to end at ' || ends_at as problem
    from customer_case where state = 'open' and ends_at < ${now.subtract({ hours: 24 })}`,

  closedCasesAreTold: () => sql`
    select 'case ' || it.id || ' was reconciled and its customer was not told' as problem
    from customer_case it
    where it.state = 'reconciled' and (it.told_at is null or it.told_at < it.reconciled_at) and exists (
      select from customer_contact contact
      where contact.customer_id = it.customer_id and contact.removed_at is null and contact.part <> 'billing')
      -- Contacts may have come after; then it is told again by hand.
      and it.told_contacts > 0`,

  whoeverIsToReconcileHasATask: () => sql`
    select 'case ' || it.id || ' has ended and is on nobody’s list' as problem
    from customer_case it
    where it.state = 'ended' and not exists (
      select from task where task.subject = 'case/' || it.id and task.kind = 'customer-data.reconcile')`,
};
