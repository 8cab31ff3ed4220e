import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Tx } from '../../kernel/db.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import {
  endException,
  endRule,
  writeException,
  writeRule,
} from '../../registers/accounts/store.duties.ts';
import type { DutyCommand, DutyEvent, OfferCommand, OfferEvent } from './facts.duties.ts';
import type { DutyState, OfferState } from './flow.duties.ts';
import { holdsOfficerRole, isEmployed } from './store.campaign.ts';

/** What owners say of their systems, and officers of duties that conflict. */

export async function loadDuties(
  tx: Tx,
  command: DutyCommand,
  { actor, now, zone }: Context,
): Promise<DutyState> {
  const today = dateIn(now, zone);
  const ruleId = command.do === 'except' ? command.ruleId : command.id;
  const rule = await sql<{ id: string }>`
    select id from duty_rule where id = ${ruleId} and ended_at is null for update`.execute(tx);
  const exception = await sql<{ id: string; ruleId: string }>`
    select id, rule_id as "ruleId" from duty_exception
    where id = ${ruleId} and ended_at is null for update`.execute(tx);
  const pair = command.do === 'writeRule' ? [command.firstId, command.secondId] : [];
  const { rows } = await sql<{ entitlements: number; taken: boolean }>`
    select (select count(*)::int from entitlement where id = any(${pair}::uuid[])) as entitlements,
      exists (select from duty_rule where ended_at is null and id is distinct from ${ruleId}::uuid
        and first_id = any(${pair}::uuid[]) and second_id = any(${pair}::uuid[])) as taken`.execute(
    tx,
  );
  return {
    rule: rule.rows[0] ?? null,
    exception: exception.rows[0] ?? null,
    entitlements: rows[0]?.entitlements ?? 0,
    taken: rows[0]?.taken ?? false,
    callerId: personOf(actor),
    personAble: command.do === 'except' && (await isEmployed(tx, command.personId, today)),
  };
}

export async function projectDuties(tx: Tx, event: DutyEvent, context: Context): Promise<void> {
  const by = personOf(context.actor);
  const ruleId = event.subject.slice('duty-rule/'.length);
  switch (event.type) {
    case 'DutyRuleWritten': {
      const { replaces, first, second, severity } = event.body;
      if (replaces) await endRule(tx, replaces, context.now);
      const { name, reason } = event.private;
      const rule = { id: ruleId, name, firstId: first, secondId: second, severity, reason };
      await writeRule(tx, rule, by, context.now);
      break;
    }
    case 'DutyRuleEnded':
      await endRule(tx, ruleId, context.now);
      break;
    case 'DutyExcepted': {
      const { exception, person, endsOn } = event.body;
      const { reason } = event.private;
      const written = { id: exception, ruleId, personId: person, endsOn, reason };
      await writeException(tx, written, by, context.now);
      break;
    }
    case 'DutyExceptionEnded':
      await endException(tx, event.body.exception, context.now);
      break;
  }
}

export async function loadOffer(
  tx: Tx,
  command: OfferCommand,
  { actor, now, zone }: Context,
): Promise<OfferState> {
  const which =
    command.do === 'setRule'
      ? sql`system.id = ${command.systemId}`
      : sql`system.id = (select system_id from entitlement where id = ${command.entitlementId})`;
  const { rows } = await sql<{ id: string; ownerId: string | null }>`
    select id, owner_id as "ownerId" from system where retired_at is null and ${which}
    for no key update`.execute(tx);
  const [system] = rows;
  const callerId = personOf(actor);
  const delegateId = command.do === 'setRule' ? command.delegateId : null;
  return {
    systemId: system?.id ?? null,
    answerable: holdsOfficerRole(actor) || (callerId !== null && system?.ownerId === callerId),
    delegateAble: delegateId === null || (await isEmployed(tx, delegateId, dateIn(now, zone))),
  };
}

export async function projectOffer(tx: Tx, event: OfferEvent): Promise<void> {
  const id = event.subject.split('/')[1] ?? '';
  if (event.type === 'AccessRuleSet') {
    const { delegate, longestDays, privilegedBy } = event.body;
    await sql`
      insert into access_rule (system_id, delegate_id, longest_days, privileged_by, instructions)
      values (${id}, ${delegate}, ${longestDays}, ${privilegedBy}, ${event.private.instructions})
      on conflict (system_id) do update set delegate_id = excluded.delegate_id, longest_days = excluded.longest_days,
        privileged_by = excluded.privileged_by, instructions = excluded.instructions`.execute(tx);
    return;
  }
  const { requestable, emergency } = event.body;
  await sql`
    insert into entitlement_offer (entitlement_id, description, requestable, emergency)
    values (${id}, ${event.private.description}, ${requestable}, ${emergency})
    on conflict (entitlement_id) do update set description = excluded.description,
      requestable = excluded.requestable, emergency = excluded.emergency`.execute(tx);
}
