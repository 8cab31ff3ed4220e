import { type RawBuilder, sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import { type Db, type Tx, write } from '../../kernel/db.ts';
import type { Context } from '../../policy/event.ts';
import { openTasks, schedule } from '../../registers/tasks/store.ts';
import {
  type AskDecision,
  type DecideDecisions,
  type DecisionAsked,
  type DecisionsDecided,
  type DecisionsEnded,
  type ExpireDecisions,
  expireKind,
  type WithdrawDecision,
} from './facts.decisions.ts';
import type {
  AskingState,
  DecidingState,
  ExpiringState,
  KnownDecision,
  WithdrawingState,
} from './flow.decisions.ts';
import { closeTasks, decideTask, employedOn, evidenceOf, lockBacklog } from './store.acts.ts';
import { drawDay } from './store.days.ts';
import { refreshFixes } from './store.fixes.ts';
import { policyInForce, stageRatings, writeRatings } from './store.rating.ts';

/** Not affected, and accepted risks: what is asked for, decided and ends. */

/** Days within which what was asked for is to be decided. */
const decideWithinDays = 3;

export async function loadAsking(
  tx: Tx,
  { ids }: AskDecision,
  { actor, now, zone }: Context,
): Promise<AskingState> {
  await lockBacklog(tx);
  const { rows } = await sql<AskingState['items'][number]>`
    select i.id, i.number, i.state, i.assignee_id as "assigneeId",
      exists (select from backlog_decision d where d.item_id = i.id and d.state in ('asked', 'approved')) as pending
    from backlog_item i where i.id = any(${ids}::uuid[]) order by i.id`.execute(tx);
  const { acceptanceDays } = await policyInForce(tx);
  const callerId = personOf(actor);
  const day = now.toZonedDateTimeISO(zone).toPlainDate();
  const officers = await sql<{ id: string }>`
    select id from person where 'security-officer' = any(roles) and ${employedOn(day)}
      and id is distinct from ${callerId}::uuid order by id`.execute(tx);
  return {
    items: rows,
    callerId,
    acceptanceDays,
    evidenceOf,
    officers: officers.rows.map(({ id }) => id),
  };
}

export async function projectAsked(
  tx: Tx,
  { command, actId, decisions, askedBy, until }: DecisionAsked,
  { now, newId }: Context,
): Promise<void> {
  await write(
    tx,
    sql`
    insert into backlog_decision (id, item_id, kind, justification, reason, until, asked_by, asked_in, asked_at)
    select d.id, d.item_id, ${command.kind}, ${command.justification}, ${command.reason}, ${until},
      ${askedBy}, ${actId}, ${now}
    from unnest(${decisions.map(({ id }) => id)}::uuid[],
      ${decisions.map(({ itemId }) => itemId)}::uuid[]) as d (id, item_id)`,
  );
  await openTasks(tx, [
    {
      id: newId(),
      kind: decideTask,
      promise: 'VUL-4',
      subject: `decisions/${actId}`,
      assigneeId: null,
      role: 'security-officer',
      openedAt: now,
      dueAt: now.add({ hours: 24 * decideWithinDays }),
      detail: { count: decisions.length },
      path: '/console/backlog-decisions?state=asked',
    },
  ]);
}

const columns = sql`d.id, d.item_id as "itemId", i.number, d.kind, d.state, d.asked_by as "askedBy", d.until`;

async function decisionsWhere(db: Db, condition: RawBuilder<unknown>) {
  const { rows } = await sql<KnownDecision>`
    select ${columns} from backlog_decision d join backlog_item i on i.id = d.item_id
    where ${condition} order by d.id`.execute(db);
  return rows;
}

export async function loadDeciding(
  tx: Tx,
  { ids }: DecideDecisions,
  { actor }: Context,
): Promise<DecidingState> {
  await lockBacklog(tx);
  return {
    decisions: await decisionsWhere(tx, sql`d.id = any(${ids}::uuid[])`),
    callerId: personOf(actor),
    evidenceOf,
  };
}

export async function projectDecided(
  tx: Tx,
  { decisions, approve, approverId, note }: DecisionsDecided,
  context: Context,
): Promise<void> {
  const { now } = context;
  const ids = decisions.map(({ id }) => id);
  const { rows } = await sql<{ act: string; until: Temporal.Instant }>`
    update backlog_decision set state = ${approve ? 'approved' : 'refused'}, decided_by = ${approverId},
      decided_at = ${now}, note = ${note}
    where id = any(${ids}::uuid[]) returning asked_in as act, until`.execute(tx);
  await closeTasks(
    tx,
    rows.map(({ act }) => act),
    approverId,
    now,
  );
  if (!approve) return;
  await write(
    tx,
    sql`
    update backlog_item i set state = d.kind, fix_version = null from backlog_decision d
    where d.item_id = i.id and d.id = any(${ids}::uuid[]) and i.state in ('open', 'working')`,
  );
  await scheduleExpiry(tx, rows, context);
  await refreshAround(tx, decisions);
  await drawDay(tx, context);
}

/** On the clock once for each instant at which something ends. */
async function scheduleExpiry(
  tx: Tx,
  ending: readonly { readonly until: Temporal.Instant }[],
  { newId }: Context,
): Promise<void> {
  const instants = new Map(ending.map(({ until }) => [until.toString(), until]));
  await schedule(
    tx,
    [...instants].map(([text, dueAt]) => ({
      id: newId(),
      clause: 'vulnerabilities',
      kind: expireKind,
      subject: `decisions/until/${text}`,
      dueAt,
    })),
  );
}

export async function loadWithdrawing(
  tx: Tx,
  { id }: WithdrawDecision,
  { actor }: Context,
): Promise<WithdrawingState> {
  await lockBacklog(tx);
  const [decision] = await decisionsWhere(tx, sql`d.id = ${id}`);
  return {
    decision: decision ?? null,
    callerId: personOf(actor),
    decides: actor.kind === 'system' || actor.roles.includes('security-officer'),
  };
}

export async function loadExpiring(
  tx: Tx,
  _command: ExpireDecisions,
  { now }: Context,
): Promise<ExpiringState> {
  await lockBacklog(tx);
  return {
    expired: await decisionsWhere(tx, sql`d.state = 'approved' and d.until <= ${now}`),
    evidenceOf,
  };
}

/** What no longer holds counts again, from now on. */
export async function projectEnded(tx: Tx, event: DecisionsEnded, context: Context): Promise<void> {
  const { now, actor } = context;
  const state = event.type === 'DecisionsExpired' ? 'expired' : 'withdrawn';
  const { rows } = await sql<{ act: string }>`
    update backlog_decision set state = ${state}
    where id = any(${event.decisions.map(({ id }) => id)}::uuid[]) returning asked_in as act`.execute(
    tx,
  );
  await closeTasks(
    tx,
    rows.map(({ act }) => act),
    personOf(actor),
    now,
  );
  if (event.reopened.length === 0) return;
  await write(
    tx,
    sql`
    update backlog_item set state = 'open', counts_from = ${now}, reopened = reopened + 1
    where id = any(${event.reopened}::uuid[]) and state in ('notAffected', 'accepted')`,
  );
  const policy = await policyInForce(tx);
  await stageRatings(tx, sql`select unnest(${event.reopened}::uuid[])`, policy, context);
  await writeRatings(tx, policy.version);
  await refreshAround(tx, event.decisions);
  await drawDay(tx, context);
}

/** What clears the open items of a package depends on which of them are open. */
async function refreshAround(
  tx: Tx,
  decisions: readonly { readonly itemId: string }[],
): Promise<void> {
  const items = decisions.map(({ itemId }) => itemId);
  await refreshFixes(
    tx,
    sql`select package_key, system_id from backlog_item where id = any(${items}::uuid[])`,
  );
}
