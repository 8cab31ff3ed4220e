import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Tx } from '../../kernel/db.ts';
import type { AccountId, PersonId } from '../../kernel/id.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import type { Arrivals, Grant } from './facts.ts';
import { conflictsOf } from './store.duties.ts';

/** What guards say to grants that a file brings. */

/** A grant as a file brings it, with the line it stands on. */
export interface Brought {
  readonly grant: Grant;
  readonly line: number;
}

/** A rule that rows of a file would break, the first by name; the lines are those of all rules. */
export interface BrokenByRows {
  readonly rule: string;
  readonly lines: readonly number[];
}

/** Whose the accounts of a file are; those that it shows for the first time included. */
export async function holdersOf(
  tx: Tx,
  brought: readonly Brought[],
  arrivals: Arrivals,
): Promise<ReadonlyMap<AccountId, PersonId>> {
  const accounts = new Set(brought.map(({ grant }) => grant.accountId));
  const { rows } = await sql<{ id: AccountId; personId: PersonId }>`
    select id, person_id as "personId" from account
    where id = any(${[...accounts]}::uuid[]) and person_id is not null`.execute(tx);
  const holders = new Map(rows.map(({ id, personId }) => [id, personId]));
  for (const { id, personId } of [...arrivals.accounts, ...arrivals.settled])
    if (personId && accounts.has(id)) holders.set(id, personId);
  return holders;
}

/**
 * Lines by which somebody would have access of their own approval: they stand there as approver, or
 * nobody does and they bring the file themselves.
 */
export function ownLines(
  brought: readonly Brought[],
  holders: ReadonlyMap<AccountId, PersonId>,
  context: Context,
): readonly number[] {
  const bringer = personOf(context.actor);
  return brought.flatMap(({ grant, line }) => {
    const answers = grant.approverId ?? (standsToday(grant, context) ? bringer : null);
    return answers !== null && answers === holders.get(grant.accountId) ? [line] : [];
  });
}

/**
 * Rules of conflicting duties that rows would break, by what their people hold already or by each
 * other. Most entitlements are in no rule, so that most files ask one small question only.
 */
export async function brokenByRows(
  tx: Tx,
  brought: readonly Brought[],
  holders: ReadonlyMap<AccountId, PersonId>,
  context: Context,
): Promise<BrokenByRows | null> {
  const ruled = await forbiddenTogether(tx);
  const weighed = brought.filter(
    ({ grant }) =>
      ruled.has(grant.entitlementId) && holders.has(grant.accountId) && standsToday(grant, context),
  );
  if (weighed.length === 0) return null;
  const people = weighed.map(({ grant }) => holders.get(grant.accountId) as PersonId);
  const { rows } = await sql<BrokenByRows>`
    with brought as materialized (
      select * from unnest(${people}::uuid[], ${weighed.map(({ grant }) => grant.entitlementId)}::uuid[],
        ${weighed.map(({ line }) => line)}::int[]) as row (person_id, entitlement_id, line)
    ),
    broken as (
      select distinct brought.line, broken.rule
      from ${conflictsOf(sql`brought`, dateIn(context.now, context.zone))} broken
      join brought on brought.person_id = broken.person_id and brought.entitlement_id = broken.entitlement_id
      where broken.severity = 'forbid'
    )
    select min(rule) as rule, array_agg(distinct line order by line) as lines from broken
    having count(*) > 0`.execute(tx);
  return rows[0] ?? null;
}

/** Entitlements that a rule in force forbids to be held with others. */
async function forbiddenTogether(tx: Tx): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select unnest(array[first_id, second_id]) as id from duty_rule
    where ended_at is null and severity = 'forbid'`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}

/** A grant that ended before today gives nobody anything. */
function standsToday({ endsOn }: Grant, { now, zone }: Context): boolean {
  return endsOn === null || endsOn >= dateIn(now, zone).toString();
}
