import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { ObservationsRecorded, OpenRead } from './facts.observed.ts';
import { derivedId } from './store.grants.ts';
import { latest } from './store.matching.ts';
import { describeTables, manyRows, markGone, observe } from './store.reads.ts';

/** Accounts, entitlements, credentials and settings as a staged read shows them. */
export async function saveShown(tx: Tx, event: ObservationsRecorded): Promise<void> {
  const { read, complete, counts } = event;
  const at = read.openedAt;
  for (const kind of ['account', 'entitlement'] as const) await freeNames(tx, read, kind);
  if (counts.accounts > counts.newAccounts) await updateAccounts(tx);
  await sql`
    insert into account (id, system_id, name, source_key, person_id, kind, active, second_factor, last_used_at)
    select id, ${read.systemId}, name, key, person_id, kind, active, second_factor, last_used_at
    from shown_account where known_id is null and not gone and said order by id`.execute(tx);
  await sql`
    update entitlement set name = s.name, source_key = s.key, privileged = s.privileged, risks = s.risks, absent_since = null
    from shown_entitlement s
    where entitlement.id = s.known_id and not s.gone
      and (entitlement.name, entitlement.source_key, entitlement.privileged, entitlement.risks, entitlement.absent_since)
        is distinct from (s.name, s.key, s.privileged, s.risks, null::timestamptz)`.execute(tx);
  await sql`
    insert into entitlement (id, system_id, name, source_key, privileged, risks)
    select id, ${read.systemId}, name, key, privileged, risks
    from shown_entitlement where known_id is null and not gone order by id`.execute(tx);
  if (complete && counts.goneAccounts > 0) {
    await sql`
      update account set absent_since = ${at}, active = false
      where absent_since is null and ${unseen(read, 'account')}`.execute(tx);
  }
  if (complete) {
    await sql`
      update entitlement set absent_since = ${at}, risks = '{}'
      where absent_since is null and ${unseen(read, 'entitlement')}`.execute(tx);
  }
  await saveCredentials(tx, event);
  await saveSettings(tx, event);
  await saveAspects(tx, event);
}

/** What a read says of accounts that are known, where it differs. */
async function updateAccounts(tx: Tx): Promise<void> {
  await sql`
    update account set name = s.name, source_key = s.key, person_id = s.person_id, kind = s.kind, active = s.active,
      second_factor = s.second_factor, last_used_at = s.last_used_at, absent_since = null
    from shown_account s
    where account.id = s.known_id and not s.gone
      and (account.name, account.source_key, account.person_id, account.kind, account.active, account.second_factor,
          account.last_used_at, account.absent_since)
        is distinct from (s.name, s.key, s.person_id, s.kind, s.active, s.second_factor, s.last_used_at, null::timestamptz)`.execute(
    tx,
  );
}

/** A name that another thing bears by now is free: two may have swapped theirs. */
async function freeNames(tx: Tx, read: OpenRead, kind: 'account' | 'entitlement'): Promise<void> {
  await sql`
    update ${sql.ref(kind)} known set name = left(known.name, 400) || ' (' || coalesce(known.source_key, known.id::text) || ')'
    from ${sql.ref(`shown_${kind}`)} s
    where known.system_id = ${read.systemId} and known.name = s.name and not s.gone
      and s.id is distinct from known.id`.execute(tx);
}

/** What a complete read no longer shows, or a read of changes shows as gone. */
function unseen(read: OpenRead, kind: 'account' | 'entitlement') {
  const [table, shown] = [sql.ref(kind), sql.ref(`shown_${kind}`)];
  return read.changes
    ? sql`${table}.id in (select known_id from ${shown} where gone)`
    : sql`${table}.system_id = ${read.systemId} and not exists (
        select from ${shown} s where s.id = ${table}.id and not s.gone)`;
}

/**
 * Keys and passwords. Where the source would not show them, those that were known stay, and the gap
 * says that they prove nothing.
 */
async function saveCredentials(
  tx: Tx,
  { read, gaps, counts }: ObservationsRecorded,
): Promise<void> {
  const { systemId } = read;
  if (counts.credentials === 0 && !(await hasAny(tx, 'credential', systemId))) return;
  const whole = !read.changes && !gaps.some(({ aspect }) => aspect === 'credentials');
  await sql`
    delete from credential
    where system_id = ${systemId} and (
      exists (select from ${latest(read, 'credential')} said where said.key = credential.key and said.facts is null)
      or account_id in (select id from account where system_id = ${systemId} and absent_since is not null)
      or ${whole} and not exists (
        select from staged_fact said
        where said.read_id = ${read.id} and said.about = 'credential' and said.key = credential.key))`.execute(
    tx,
  );
  await sql`
    insert into credential (id, system_id, account_id, key, kind, name, active, created_at, last_used_at)
    select ${derivedId(sql`${read.id}::text || 'credential' || said.key`)}, ${systemId}, account.id, said.key,
      said.facts ->> 'kind', said.facts ->> 'name', (said.facts ->> 'active')::boolean,
      (said.facts ->> 'createdAt')::timestamptz, (said.facts ->> 'lastUsedAt')::timestamptz
    from ${latest(read, 'credential')} said
    join account on account.system_id = ${systemId} and account.source_key = said.facts ->> 'account'
    where said.facts is not null
    on conflict (system_id, key) do update set
      account_id = excluded.account_id, kind = excluded.kind, name = excluded.name, active = excluded.active,
      created_at = excluded.created_at, last_used_at = excluded.last_used_at`.execute(tx);
}

/** Whether anything of the kind is known of a system: going through a large read for nothing takes a while. */
async function hasAny(
  tx: Tx,
  table: 'credential' | 'system_setting',
  systemId: string,
): Promise<boolean> {
  const { rows } = await sql`
    select from ${sql.ref(table)} where system_id = ${systemId} limit 1`.execute(tx);
  return rows.length > 0;
}

async function saveSettings(tx: Tx, { read, counts }: ObservationsRecorded): Promise<void> {
  const { systemId, openedAt } = read;
  if (counts.settings === 0 && !(await hasAny(tx, 'system_setting', systemId))) return;
  await sql`
    delete from system_setting
    where system_id = ${systemId} and (
      ${!read.changes}
      or exists (select from ${latest(read, 'setting')} said where said.key = name and said.facts is null))`.execute(
    tx,
  );
  await sql`
    insert into system_setting (system_id, name, value, at)
    select ${systemId}, said.key, said.facts, ${openedAt}
    from ${latest(read, 'setting')} said where said.facts is not null
    on conflict (system_id, name) do update set value = excluded.value, at = excluded.at`.execute(
    tx,
  );
}

/** Facts that stand on an aspect that could not be read are not known: never what they were before. */
const ofAspect = { secondFactors: 'second_factor', signIns: 'last_used_at' } as const;

async function saveAspects(tx: Tx, event: ObservationsRecorded): Promise<void> {
  const { read, gaps } = event;
  const { systemId, openedAt } = read;
  const missing = new Set<string>(gaps.map(({ aspect }) => aspect));
  await sql`delete from read_gap where system_id = ${systemId}`.execute(tx);
  if (gaps.length > 0) {
    await sql`
      insert into read_gap (system_id, aspect, permission, message, at)
      select distinct on (aspect, permission) ${systemId}::uuid, aspect, permission, message, ${openedAt}::timestamptz
      from jsonb_to_recordset(${JSON.stringify(gaps)}::jsonb) as t (aspect text, permission text, message text)`.execute(
      tx,
    );
  }
  await sql`
    insert into aspect_read (system_id, aspect, at)
    select ${systemId}, aspect, ${openedAt} from unnest(${read.aspects.filter((aspect) => !missing.has(aspect))}::text[]) aspect
    on conflict (system_id, aspect) do update set at = excluded.at`.execute(tx);
  for (const [aspect, column] of Object.entries(ofAspect)) {
    if (!missing.has(aspect)) continue;
    const fact = sql.ref(column);
    await sql`
      update account set ${fact} = null where system_id = ${systemId} and ${fact} is not null`.execute(
      tx,
    );
  }
}

/** Access as it is now, and what waits for its account to be shown. */
export async function saveHeld(tx: Tx, event: ObservationsRecorded): Promise<void> {
  const { read, complete, counts, gone } = event;
  const { systemId, openedAt } = read;
  if (counts.added > 0) await observe(tx, systemId, openedAt);
  if (complete && gone > 0) await markGone(tx, systemId, openedAt);
  await sql`delete from held_pending where system_id = ${systemId}`.execute(tx);
  if (counts.dangling > 0) {
    await sql`
      insert into held_pending (system_id, account, entitlement)
      select ${systemId}, account, entitlement from dangling_held`.execute(tx);
  }
  if (counts.added + gone > manyRows) await describeTables(tx);
}
