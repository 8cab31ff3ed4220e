import { type RawBuilder, sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { OpenRead } from './facts.observed.ts';

/**
 * Lays the accounts and entitlements of a staged read beside those that are known, in temporary
 * tables `shown_account` and `shown_entitlement` of the transaction. Whatever the size of the
 * system, that is a fixed number of statements and nothing of it passes through this process.
 */
export async function matchShown(tx: Tx, read: OpenRead): Promise<void> {
  // Sorts and hashes of this size belong in memory; the settings end with the transaction.
  await sql`set local work_mem = '64MB'`.execute(tx);
  await showAccounts(tx, read);
  await showEntitlements(tx, read);
  await nameShown(tx, read, 'account');
  await nameShown(tx, read, 'entitlement');
}

/** The last word of a read about each key of a kind. */
export function latest(read: OpenRead, about: string): RawBuilder<unknown> {
  return sql`(
    select distinct on (key) key, facts from staged_fact
    where read_id = ${read.id} and about = ${about} order by key, n desc)`;
}

/**
 * `said` is false where the account itself was not shown, but its second factor or sign-in was. A
 * read of changes that does not speak of a fact leaves it; a whole one that does not makes it unknown.
 */
async function showAccounts(tx: Tx, read: OpenRead): Promise<void> {
  const before = (column: RawBuilder<unknown>) => (read.changes ? column : sql`null`);
  await sql`
    create temporary table shown_account on commit drop as
    select coalesce(said.key, factor.key, used.key) as key, known.id as known_id,
      coalesce(known.id, ${freshId(read, 'account', sql`said.facts ->> 'name', said.key`)}) as id,
      said.key is not null as said,
      said.key is not null and said.facts is null as gone,
      case when said.key is null then known.name else left(said.facts ->> 'name', 500) end as name,
      lower(said.facts ->> 'email') as email,
      coalesce(nullif(said.facts ->> 'kind', 'staff'), known.kind, 'staff') as kind,
      coalesce((said.facts ->> 'active')::boolean, known.active, true) as active,
      case when factor.key is not null then (factor.facts ->> 'enrolled')::boolean
        else coalesce((said.facts ->> 'secondFactor')::boolean, ${before(sql`known.second_factor`)}) end as second_factor,
      case when used.key is not null then (used.facts ->> 'at')::timestamptz
        else coalesce((said.facts ->> 'lastUsedAt')::timestamptz, ${before(sql`known.last_used_at`)}) end as last_used_at,
      null::uuid as person_id
    from ${latest(read, 'account')} said
    full join ${latest(read, 'secondFactor')} factor on factor.key = said.key
    full join ${latest(read, 'signIn')} used on used.key = coalesce(said.key, factor.key)
    left join account known on known.system_id = ${read.systemId}
      and known.source_key = coalesce(said.key, factor.key, used.key)
    where said.key is not null or ${read.changes} and known.absent_since is null and known.id is not null`.execute(
    tx,
  );
}

async function showEntitlements(tx: Tx, read: OpenRead): Promise<void> {
  await sql`
    create temporary table shown_entitlement on commit drop as
    select said.key, known.id as known_id,
      coalesce(known.id, ${freshId(read, 'entitlement', sql`said.facts ->> 'name', said.key`)}) as id, true as said, said.facts is null as gone,
      left(said.facts ->> 'name', 500) as name,
      coalesce((said.facts ->> 'privileged')::boolean, false) or coalesce(known.privileged, false) as privileged,
      coalesce((select array_agg(risk order by risk) from jsonb_array_elements_text(said.facts -> 'risks') risk),
        '{}') as risks
    from ${latest(read, 'entitlement')} said
    left join entitlement known on known.system_id = ${read.systemId} and known.source_key = said.key`.execute(
    tx,
  );
}

/**
 * Gives each thing that was shown its id. What is new by its key takes over the row of its name
 * where that came from a list without keys, or where what had the name is gone; a name that two
 * things bear at once is told apart by the key.
 */
async function nameShown(tx: Tx, read: OpenRead, kind: 'account' | 'entitlement'): Promise<void> {
  const shown = sql.ref(`shown_${kind}`);
  const table = sql.ref(kind);
  await sql`
    update ${shown} s set name = s.name || ' (' || s.key || ')'
    from (
      select one.key, row_number() over (
        partition by one.name order by (one.known_id is not null and known.name = one.name) desc, one.key) as nth
      from ${shown} one left join ${table} known on known.id = one.known_id
      where not one.gone and one.name in (
        select name from ${shown} where not gone group by name having count(*) > 1)
    ) twin
    where twin.key = s.key and twin.nth > 1`.execute(tx);
  const absent = read.changes ? sql`false` : sql`true`;
  await sql`
    update ${shown} s set id = known.id, known_id = known.id
    from ${table} known
    where s.known_id is null and not s.gone and known.system_id = ${read.systemId} and known.name = s.name
      and not exists (select from ${shown} other where other.known_id = known.id and not other.gone)
      and (${absent} or known.source_key is null or known.absent_since is not null
        or exists (select from ${shown} other where other.known_id = known.id))`.execute(tx);
  // What was shown as gone under its old key, and has come back under another, is not gone.
  await sql`
    delete from ${shown} old where old.gone and exists (
      select from ${shown} other where other.known_id = old.known_id and not other.gone)`.execute(
    tx,
  );
}

/**
 * What is new to the register gets the id of the read with a counter at its end, in the order of
 * names (RFC 9562, section 6.2): neighbours in one index are neighbours in the others, which makes
 * large inserts cheap.
 */
function freshId(
  read: OpenRead,
  kind: 'account' | 'entitlement',
  order: RawBuilder<unknown>,
): RawBuilder<string> {
  return sql`overlay(${read.id} placing ${kind === 'account' ? '0' : '8'}
    || lpad(to_hex(row_number() over (order by ${order})), 11, '0') from 25)::uuid`;
}

/** Whose each account is: a link that stands is left, else the address that the source gives decides. */
export async function settlePersons(tx: Tx): Promise<void> {
  await sql`
    update shown_account s set person_id = coalesce(known.person_id, person.id)
    from shown_account one
    left join account known on known.id = one.known_id
    left join person on person.email is not null
      and lower(person.email) = coalesce(one.email, case when one.name like '%@%' then lower(one.name) end)
    where s.key = one.key and (known.person_id is not null or person.id is not null)`.execute(tx);
}
