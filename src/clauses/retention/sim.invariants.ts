import { sql } from 'kysely';
import type { ClauseSimulation } from '../../policy/simulation.ts';
import { heldCustomers } from '../../registers/customers/store.holds.ts';

/** What must hold of closures whatever customers, officers, holds and the clock do. */
export const invariants: ClauseSimulation['invariants'] = {
  noKeyIsDestroyedBeforeItsDay: () => sql`
    select 'the key of closure ' || id || ' was destroyed at ' || key_destroyed_at as problem
    from closure where key_destroyed_at < reopen_until or key_destroyed_at < due_at`,

  nothingIsDestroyedUnderAHold: () => sql`
    select 'closure ' || closure.id || ' destroyed the key under hold ' || hold.id as problem
    from closure join legal_hold hold on hold.customer_id = closure.customer_id
    where hold.placed_at < closure.key_destroyed_at
      and coalesce(hold.lifted_at, 'infinity') > closure.key_destroyed_at`,

  closedAccountsAreGoneByDayNinety: (now) => sql`
    select 'closure ' || id || ' is ' || state || ' after ' || erase_by as problem
    from closure
    where state in ('closing', 'erasing', 'erased') and erase_by < ${now}
      and customer_id not in ${heldCustomers}`,

  whatIsReopenedIsWhole: () => sql`
    select 'closure ' || id || ' was reopened with another seal' as problem
    from closure where state = 'reopened' and reopened_seal is distinct from seal`,

  statesAgree: () => sql`
    select 'customer ' || customer.id || ' is ' || customer.state || ', its closure '
      || coalesce(newest.state, 'none') as problem
    from customer left join lateral (
      select state from closure where customer_id = customer.id order by requested_at desc, id desc limit 1
    ) newest on true
    where customer.state <> case newest.state when 'closing' then 'closing' when 'erasing' then 'erasing'
      when 'erased' then 'erasing' when 'certified' then 'gone' else 'open' end
      and not (customer.state = 'gone' and newest.state is null)`,

  goneAccountsHaveNothing: () => sql`
    select 'customer ' || customer_id || ' is ' || state || ' and something is left' as problem
    from closure where state in ('erased', 'certified') and (
      exists (select from vault_object where customer_id = closure.customer_id)
      or exists (select from vault_record where customer_id = closure.customer_id)
      or exists (select from vault_discard where customer_id = closure.customer_id)
      or exists (select from vault_key where customer_id = closure.customer_id and destroyed_at is null))`,
};
