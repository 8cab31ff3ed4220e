import { sql } from 'kysely';
import type { ClauseSimulation } from '../../policy/simulation.ts';

/** What must hold in the backlog whatever advisories, engineers and the clock do. */
export const invariants: ClauseSimulation['invariants'] = {
  whatIsSeenIsNotClosed: () => sql`
    select 'V-' || i.number || ' is ' || i.state || ' and still seen' as problem
    from backlog_item i where i.state in ('fixed', 'lapsed')
      and exists (select from sighting s where s.item_id = i.id and s.gone_at is null)`,

  whatIsNotSeenIsClosed: () => sql`
    select 'V-' || i.number || ' is ' || i.state || ' and nobody sees it' as problem
    from backlog_item i where i.state not in ('fixed', 'lapsed')
      and not exists (select from sighting s where s.item_id = i.id and s.gone_at is null)`,

  // Of what is settled: an audit or an import just made is matched at the next turn.
  matchesAreSightings: () => sql`
    with settled as (
      select source.id, source.system_id from source
      join source_settled on source_settled.source_id = source.id
        and source_settled.audit_id is not distinct from source.last_audit_id and not source_settled.retired
      where source.retired_at is null and not exists (
        select from advisory_import where kind = 'osv'
          and not exists (select from import_settled where import_id = advisory_import.id))
    ), matched as (
      select distinct a.vulnerability_id, pv.package_key, s.system_id, s.id as source_id, pv.version
      from affects f join advisory a on a.id = f.advisory_id and a.withdrawn_at is null
      join component c on c.package_version_id = f.package_version_id
      join package_version pv on pv.id = c.package_version_id
      join settled s on s.id = c.source_id
    ), seen as (
      select i.vulnerability_id, i.package_key, i.system_id, g.source_id, g.version
      from sighting g join backlog_item i on i.id = g.item_id join settled s on s.id = g.source_id
      where g.reporter = 'match' and g.gone_at is null
    )
    select coalesce(m.package_key, n.package_key) || '@' || coalesce(m.version, n.version)
      || case when m.version is null then ' is seen and does not match' else ' matches and is not seen' end as problem
    from matched m full join seen n using (vulnerability_id, package_key, system_id, source_id, version)
    where m.version is null or n.version is null`,

  whatDoesNotCountStandsOnADecision: (now) => sql`
    select 'V-' || i.number || ' is ' || i.state || ' without a decision that holds' as problem
    from backlog_item i where i.state in ('notAffected', 'accepted') and not exists (
      select from backlog_decision d where d.item_id = i.id and d.state = 'approved' and d.kind = i.state
        and d.decided_by is distinct from d.asked_by and d.until > ${now.subtract({ hours: 48 })})`,

  deadlinesAreThoseOfThePolicy: () => sql`
    select 'V-' || i.number || ' (' || i.class || ') counts from ' || i.counts_from || ' and is due at ' || i.due_at as problem
    from backlog_item i join patch_policy p on p.version = i.policy_version
    cross join lateral (
      select (each ->> 'days')::int as days from jsonb_array_elements(p.classes) each
      where each ->> 'class' = case i.class when 'unrated' then 'medium' when 'none' then 'low' else i.class end) c
    where i.state in ('open', 'working')
      and (i.due_at > i.counts_from + make_interval(hours => 24 * c.days)
        or not i.exploited and i.due_at <> i.counts_from + make_interval(hours => 24 * c.days)
        or i.due_at < i.counts_from + make_interval(hours => 24 * least(c.days, p.exploited_days)))`,
};
