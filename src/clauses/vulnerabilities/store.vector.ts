import { type RawBuilder, sql } from 'kysely';
import type { Severity } from '../../advisories/severity.ts';
import { personOf } from '../../kernel/actor.ts';
import { type Tx, write } from '../../kernel/db.ts';
import { dateIn } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import { cancelTasks, completeTasks, openTasks } from '../../registers/tasks/store.ts';
import { isVector, rate } from './facts.rating.ts';
import type {
  BacklogClassified,
  BacklogVectorAsked,
  BacklogVectorRefused,
  ClassifyItem,
  DecideVector,
} from './facts.vector.ts';
import type { ClassifyState, DecidingVectorState } from './flow.vector.ts';
import { decideTask, employedOn, lockBacklog } from './store.acts.ts';
import { drawDay } from './store.days.ts';
import { policyInForce, stageRatings, writeRatings } from './store.rating.ts';

/** Vectors of items' own: those that count, and those that wait for a second person. */

/** Days within which what was asked for is to be decided. */
const decideWithinDays = 3;

interface RatableRow extends NonNullable<ClassifyState['item']> {
  readonly vector: string | null;
  readonly severity: Severity;
  readonly confidentiality: number;
  readonly integrity: number;
  readonly availability: number;
  readonly isPending: boolean;
  readonly pending: string | null;
}

export async function loadClassifying(
  tx: Tx,
  command: ClassifyItem,
  { actor, now, zone }: Context,
): Promise<ClassifyState> {
  await lockBacklog(tx);
  const { rows } = await sql<RatableRow>`
    select i.id, i.number, i.state, i.assignee_id as "assigneeId", i.own_vector as "ownVector", i.class,
      v.vector, v.severity, s.confidentiality, s.integrity, s.availability,
      p.item_id is not null as "isPending", p.vector as pending
    from backlog_item i join vulnerability v on v.id = i.vulnerability_id
    join system s on s.id = i.system_id left join backlog_vector p on p.item_id = i.id
    where i.id = ${command.id}`.execute(tx);
  const [item] = rows;
  const callerId = personOf(actor);
  const officers = await sql<{ id: string }>`
    select id from person where 'security-officer' = any(roles) and ${employedOn(dateIn(now, zone))}
      and id is distinct from ${callerId}::uuid order by id`.execute(tx);
  return {
    item: item ?? null,
    vectorFits: command.vector === null || isVector(command.vector),
    classThen: item ? await classBy(tx, item, command.vector) : 'unrated',
    pending: item?.isPending ? item.pending : undefined,
    callerId,
    officers: officers.rows.map(({ id }) => id),
  };
}

async function classBy(tx: Tx, row: RatableRow, own: string | null) {
  const { vector, severity, confidentiality, integrity, availability } = row;
  const requirements = { confidentiality, integrity, availability };
  return rate({ vector: own ?? vector, severity, requirements }, await policyInForce(tx)).class;
}

export async function projectClassified(
  tx: Tx,
  event: BacklogClassified | BacklogVectorAsked,
  context: Context,
): Promise<void> {
  if (event.type === 'BacklogVectorAsked') return await saveAsked(tx, event, context);
  await setVector(tx, event, context);
  await endAsked(tx, event.itemId, context);
}

async function setVector(
  tx: Tx,
  { itemId, vector, approverId }: BacklogClassified,
  context: Context,
): Promise<void> {
  await write(
    tx,
    sql`
    update backlog_item set own_vector = ${vector}, own_vector_by = ${approverId} where id = ${itemId}`,
  );
  const policy = await policyInForce(tx);
  await stageRatings(tx, sql`select ${itemId}::uuid`, policy, context);
  await writeRatings(tx, policy.version);
  await drawDay(tx, context);
}

/** Of several that are asked for the newest counts. */
async function saveAsked(
  tx: Tx,
  { command: { id, vector, reason }, class: then, askedBy }: BacklogVectorAsked,
  { now, newId }: Context,
): Promise<void> {
  await write(
    tx,
    sql`
    insert into backlog_vector (item_id, vector, class, reason, asked_by, asked_at)
    values (${id}, ${vector}, ${then}, ${reason}, ${askedBy}, ${now})
    on conflict (item_id) do update set vector = excluded.vector, class = excluded.class,
      reason = excluded.reason, asked_by = excluded.asked_by, asked_at = excluded.asked_at`,
  );
  await cancelTasks(tx, taskOf([id]), now);
  await openTasks(tx, [
    {
      id: newId(),
      ...taskOf([id]),
      promise: 'VUL-4',
      subject: subjectOf(id),
      assigneeId: null,
      role: 'security-officer',
      openedAt: now,
      dueAt: now.add({ hours: 24 * decideWithinDays }),
      detail: { count: 1 },
      path: `/console/backlog/${id}`,
    },
  ]);
}

const subjectOf = (itemId: string) => `vector/${itemId}`;
const taskOf = (itemIds: readonly string[]) => ({
  kind: decideTask,
  subject: itemIds.map(subjectOf),
});

async function endAsked(tx: Tx, itemId: string, { now, actor }: Context): Promise<void> {
  const { rows } = await sql`
    delete from backlog_vector where item_id = ${itemId} returning item_id`.execute(tx);
  if (rows.length > 0) await completeTasks(tx, taskOf([itemId]), personOf(actor), now);
}

/** What was asked for about items that are closed need not be decided. */
export async function dropAsked(
  tx: Tx,
  items: RawBuilder<unknown>,
  now: Temporal.Instant,
): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    delete from backlog_vector where item_id in (${items}) returning item_id as id`.execute(tx);
  if (rows.length > 0) await cancelTasks(tx, taskOf(rows.map(({ id }) => id)), now);
}

export async function loadDecidingVector(
  tx: Tx,
  { id }: DecideVector,
): Promise<DecidingVectorState> {
  await lockBacklog(tx);
  const { rows } = await sql<NonNullable<DecidingVectorState['item']>>`
    select id, number, state from backlog_item where id = ${id}`.execute(tx);
  const asked = await sql<NonNullable<DecidingVectorState['asked']>>`
    select vector, asked_by as "askedBy" from backlog_vector where item_id = ${id}`.execute(tx);
  return { item: rows[0] ?? null, asked: asked.rows[0] ?? null };
}

export async function projectDecidedVector(
  tx: Tx,
  event: BacklogClassified | BacklogVectorRefused,
  context: Context,
): Promise<void> {
  if (event.type === 'BacklogClassified') await setVector(tx, event, context);
  await endAsked(tx, event.itemId, context);
}
