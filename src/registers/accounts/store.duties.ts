import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import { stands } from './fragments.ts';

/** Conflicting duties: which entitlements nobody is to hold together, and who is excepted. */

export const severities = ['forbid', 'warn'] as const;
export type Severity = (typeof severities)[number];

/** A rule that access somebody is to have would break, by what they hold already. */
export interface Conflict {
  readonly ruleId: string;
  readonly rule: string;
  readonly severity: Severity;
  /** What the person holds, or is to have in the same act: `entitlement · system`. */
  readonly other: string;
}

/** Condition: a person has an entitlement, granted or shown by a system. Both are SQL expressions. */
export function holdsEntitlement(
  person: RawBuilder<unknown>,
  entitlement: RawBuilder<unknown>,
  today: Temporal.PlainDate,
): RawBuilder<boolean> {
  return sql<boolean>`(exists (
      select from observation seen join account held_by on held_by.id = seen.account_id
      where seen.entitlement_id = ${entitlement} and seen.gone_at is null and held_by.person_id = ${person})
    or exists (
      select from access_grant given join account held_by on held_by.id = given.account_id
      where given.entitlement_id = ${entitlement} and held_by.person_id = ${person} and ${stands('given', today)}))`;
}

/** Condition: a person may break a rule today. */
export function isExcepted(
  rule: RawBuilder<unknown>,
  person: RawBuilder<unknown>,
  today: Temporal.PlainDate,
): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select from duty_exception excepted
    where excepted.rule_id = ${rule} and excepted.person_id = ${person} and excepted.ended_at is null
      and excepted.ends_on >= ${today}::date)`;
}

/**
 * The rules in force that a set of wishes would break, as a query: `person_id, entitlement_id,
 * rule_id, rule, severity, other_id`. A wish also meets the others of the same set.
 *
 * @param wanted a query in parentheses with columns `person_id, entitlement_id`
 */
export function conflictsOf(
  wanted: RawBuilder<unknown>,
  today: Temporal.PlainDate,
): RawBuilder<unknown> {
  return sql`(
    select wish.person_id, wish.entitlement_id, rule.id as rule_id, rule.name as rule, rule.severity, other.id as other_id
    from ${wanted} wish
    join duty_rule rule on rule.ended_at is null and wish.entitlement_id in (rule.first_id, rule.second_id)
    cross join lateral (
      select case when rule.first_id = wish.entitlement_id then rule.second_id else rule.first_id end as id
    ) other
    where wish.person_id is not null
      and not ${isExcepted(sql`rule.id`, sql`wish.person_id`, today)}
      and (${holdsEntitlement(sql`wish.person_id`, sql`other.id`, today)}
        or exists (select from ${wanted} beside
          where beside.person_id = wish.person_id and beside.entitlement_id = other.id)))`;
}

/** The rules that one more entitlement of a person would break, the forbidding ones first. */
export async function findConflicts(
  db: Db,
  personId: PersonId,
  entitlementId: string,
  today: Temporal.PlainDate,
): Promise<readonly Conflict[]> {
  const wanted = sql`(select ${personId}::uuid as person_id, ${entitlementId}::uuid as entitlement_id)`;
  const { rows } = await sql<Conflict>`
    select broken.rule_id as "ruleId", broken.rule, broken.severity, held.name || ' · ' || system.name as other
    from ${conflictsOf(wanted, today)} broken
    join entitlement held on held.id = broken.other_id
    join system on system.id = held.system_id
    order by broken.severity, broken.rule, broken.rule_id`.execute(db);
  return rows;
}

export interface DutyRule {
  readonly id: string;
  readonly name: string;
  readonly firstId: string;
  readonly secondId: string;
  readonly severity: Severity;
  readonly reason: string;
}

/** Writes a rule; one that is there already ends, and its exceptions with it. */
export async function writeRule(
  tx: Tx,
  rule: DutyRule,
  by: PersonId | null,
  at: Instant,
): Promise<void> {
  await sql`
    insert into duty_rule (id, name, first_id, second_id, severity, reason, made_at, made_by)
    values (${rule.id}, ${rule.name}, ${rule.firstId}, ${rule.secondId}, ${rule.severity}, ${rule.reason}, ${at}, ${by})`.execute(
    tx,
  );
}

export async function endRule(tx: Tx, ruleId: string, at: Instant): Promise<void> {
  await sql`update duty_rule set ended_at = ${at} where id = ${ruleId}`.execute(tx);
  await sql`
    update duty_exception set ended_at = ${at} where rule_id = ${ruleId} and ended_at is null`.execute(
    tx,
  );
}

export interface DutyException {
  readonly id: string;
  readonly ruleId: string;
  readonly personId: PersonId;
  /** The last day on which it holds. */
  readonly endsOn: string;
  readonly reason: string;
}

/** Excepts a person from a rule, instead of what was said of them before. */
export async function writeException(
  tx: Tx,
  exception: DutyException,
  by: PersonId | null,
  at: Instant,
): Promise<void> {
  const { id, ruleId, personId, endsOn, reason } = exception;
  await sql`
    update duty_exception set ended_at = ${at}
    where rule_id = ${ruleId} and person_id = ${personId} and ended_at is null`.execute(tx);
  await sql`
    insert into duty_exception (id, rule_id, person_id, ends_on, reason, given_at, given_by)
    values (${id}, ${ruleId}, ${personId}, ${endsOn}, ${reason}, ${at}, ${by})`.execute(tx);
}

export async function endException(tx: Tx, exceptionId: string, at: Instant): Promise<void> {
  await sql`update duty_exception set ended_at = ${at} where id = ${exceptionId}`.execute(tx);
}
