import { sql } from 'kysely';
import { personOf } from '../../kernel/actor.ts';
import type { Db, Tx } from '../../kernel/db.ts';
import { dateIn, type Instant } from '../../kernel/instant.ts';
import { sha256Hex } from '../../ledger/hash.ts';
import type { Context } from '../../policy/event.ts';
import type { KeptKind } from '../../policy/keeping.ts';
import { lockCustomers } from '../../registers/customers/store.ts';
import { scheduleNext } from '../../registers/tasks/store.ts';
import {
  type DisposalEvent,
  type Disposed,
  disposalBatch,
  nextNight,
  type Schedule,
  type ScheduleCommand,
  type ScheduleEvent,
} from './facts.schedule.ts';
import type { DisposalState, ScheduleState } from './flow.schedule.ts';
import { type PastRecord, pastRecords } from './store.past.ts';

export const nightKind = 'retention.night';
/** There is only ever one night on the clock. */
const nightSubject = 'retention/night';

const columns = sql`id, kind, product_id as "productId", collection, customer_id as "customerId", version,
  after, period, jsonb_build_object('en', purpose_en, 'ja', purpose_ja) as purpose,
  jsonb_build_object('en', ground_en, 'ja', ground_ja) as ground, set_at as "setAt"`;

type StandingSchedule = NonNullable<ScheduleState['standing']>;

export async function loadSchedule(
  tx: Tx,
  command: ScheduleCommand,
  kinds: readonly KeptKind[],
): Promise<ScheduleState> {
  await sql`lock table retention_schedule in share row exclusive mode`.execute(tx);
  if (command.do === 'endSchedule') {
    const { rows } = await sql<StandingSchedule>`
      select ${columns} from retention_schedule where id = ${command.id} and ended_at is null`.execute(
      tx,
    );
    return { kept: null, productKnown: false, customerKnown: false, standing: rows[0] ?? null };
  }
  const { kind, productId, collection, customerId } = command;
  const { rows } = await sql<StandingSchedule>`
    select ${columns} from retention_schedule
    where kind = ${kind} and product_id is not distinct from ${productId}::uuid
      and collection is not distinct from ${collection}::text
      and customer_id is not distinct from ${customerId}::uuid and ended_at is null`.execute(tx);
  const known = await sql<{ product: boolean; customer: boolean }>`
    select exists (select from product where id = ${productId}) as product,
      exists (select from customer where id = ${customerId}) as customer`.execute(tx);
  return {
    kept: kinds.find((each) => each.kind === kind) ?? null,
    productKnown: known.rows[0]?.product ?? false,
    customerKnown: known.rows[0]?.customer ?? false,
    standing: rows[0] ?? null,
  };
}

export async function projectSchedule(
  tx: Tx,
  event: ScheduleEvent,
  { now, actor }: Context,
): Promise<void> {
  if (event.type === 'RetentionScheduleEnded') {
    await sql`
      update retention_schedule set ended_at = ${now} where id = ${event.body.schedule}`.execute(
      tx,
    );
    return;
  }
  const { body } = event;
  const { purpose, ground } = event.private;
  await sql`
    update retention_schedule set ended_at = ${now} where id = ${body.replaces}`.execute(tx);
  await sql`
    insert into retention_schedule (id, kind, product_id, collection, customer_id, version, after, period,
      purpose_en, purpose_ja, ground_en, ground_ja, set_at, set_by)
    values (${body.schedule}, ${body.kind}, ${body.product}, ${body.collection}, ${body.customer},
      ${body.version}, ${body.after}, ${body.period}, ${purpose.en}, ${purpose.ja}, ${ground.en},
      ${ground.ja}, ${now}, ${personOf(actor)})`.execute(tx);
}

/** Every schedule in force: those that officers set, and of each kind what ships where none did. */
export async function schedulesInForce(
  db: Db,
  kinds: readonly KeptKind[],
): Promise<readonly Schedule[]> {
  const { rows } = await sql<StandingSchedule>`
    select ${columns} from retention_schedule where ended_at is null
    order by kind, customer_id nulls first, product_id nulls first, collection nulls first`.execute(
    db,
  );
  const general = new Set(
    rows
      .filter(({ productId, collection, customerId }) => !productId && !collection && !customerId)
      .map(({ kind }) => kind),
  );
  return kinds.flatMap((kind) => [
    ...(general.has(kind.kind) ? [] : [shippedOf(kind)]),
    ...rows.filter((each) => each.kind === kind.kind),
  ]);
}

function shippedOf({ kind, shipped }: KeptKind): Schedule {
  const anybody = { productId: null, collection: null, customerId: null };
  return { id: null, kind, ...anybody, version: 0, ...shipped, setAt: null };
}

/** A line of a plan: what goes in a night, of whom, by which schedule, and since when it could have. */
export interface Planned {
  readonly kind: string;
  readonly customerId: string | null;
  readonly collection: string | null;
  readonly scheduleId: string | null;
  readonly count: number;
  readonly oldest: Instant;
}

/** What the run of a day would dispose of, read without touching anything. */
export async function planFor(
  db: Db,
  kinds: readonly KeptKind[],
  today: Temporal.PlainDate,
  zone: string,
): Promise<readonly Planned[]> {
  const { rows } = await sql<Planned>`
    select kind, customer_id as "customerId", collection, schedule_id as "scheduleId",
      count(*)::int as count, min(at) as oldest
    from (${pastRecords(kinds, { today, zone })}) past
    group by 1, 2, 3, 4 order by 1, 2, 3`.execute(db);
  return rows;
}

/**
 * The next batch past its date: the first kind that has any, its oldest first. Schedules stand still
 * meanwhile, and so do the accounts of the batch: a hold that is placed or a closure that is asked
 * for while it is gathered comes first, or waits until it is gone.
 */
export async function loadDisposal(
  tx: Tx,
  kinds: readonly KeptKind[],
  { now, zone }: Context,
): Promise<DisposalState> {
  const today = dateIn(now, zone);
  await sql`lock table retention_schedule in share mode`.execute(tx);
  const [first] = await planFor(tx, kinds, today, zone);
  const kind = kinds.find((each) => each.kind === first?.kind);
  const rows = kind ? await lockedBatchOf(tx, kind, today, zone) : [];
  const bytes = Buffer.from(rows.map(({ id }) => `${id}\n`).join(''), 'utf8');
  return {
    kind: kind?.kind ?? '',
    recordIds: rows.map(({ id }) => id),
    disposed: grouped(rows),
    evidence: { bytes, sha256: sha256Hex(bytes) },
  };
}

/**
 * Asked twice: first for whose records these are, then, their accounts locked, for what of it is
 * still past its date. Where an act came between and nothing of the batch is left, the next is tried.
 */
async function lockedBatchOf(
  tx: Tx,
  kind: KeptKind,
  today: Temporal.PlainDate,
  zone: string,
): Promise<readonly PastRecord[]> {
  for (;;) {
    const found = await batchOf(tx, kind, today, zone);
    const customerIds = [...new Set(found.flatMap(({ customer_id }) => customer_id ?? []))];
    await lockCustomers(tx, customerIds);
    const standing = await batchOf(tx, kind, today, zone, customerIds);
    if (standing.length > 0 || found.length === 0) return standing;
  }
}

/** The oldest past their date, of nobody or of these customers; null: of anybody. */
async function batchOf(
  tx: Tx,
  kind: KeptKind,
  today: Temporal.PlainDate,
  zone: string,
  of: readonly string[] | null = null,
): Promise<readonly PastRecord[]> {
  const theirs = of
    ? sql`past.customer_id is null or past.customer_id = any(${of}::uuid[])`
    : sql`true`;
  const { rows } = await sql<PastRecord>`
    select * from (${pastRecords([kind], { today, zone })}) past
    where ${theirs} order by at, id limit ${disposalBatch}`.execute(tx);
  return rows;
}

function grouped(rows: readonly PastRecord[]): readonly Disposed[] {
  const groups = new Map<string, Disposed>();
  for (const { schedule_id, customer_id, collection } of rows) {
    const key = `${schedule_id} ${customer_id} ${collection}`;
    const count = (groups.get(key)?.count ?? 0) + 1;
    groups.set(key, { scheduleId: schedule_id, customerId: customer_id, collection, count });
  }
  return [...groups.values()];
}

export async function projectDisposal(
  tx: Tx,
  kinds: readonly KeptKind[],
  event: DisposalEvent,
  context: Context,
): Promise<void> {
  const kind = kinds.find((each) => each.kind === event.body.kind);
  await kind?.remove(tx, event.recordIds, context);
  const rows = event.disposed.map((each) => ({ id: context.newId(), ...each }));
  await sql`
    insert into retention_disposal (id, at, kind, schedule_id, customer_id, collection, count, ids)
    select id, ${context.now}, ${event.body.kind}, "scheduleId", "customerId", collection, count, ${event.body.idsBlob}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t
      (id uuid, "scheduleId" uuid, "customerId" uuid, collection text, count integer)`.execute(tx);
}

/** Puts the next night on the clock, where none is; the one that has just fallen due does not count. */
export async function scheduleNight(db: Db, { now, zone, newId }: Context): Promise<void> {
  const dueAt = nextNight(now, zone);
  const night = { id: newId(), clause: 'retention', kind: nightKind, subject: nightSubject, dueAt };
  await scheduleNext(db, night, now);
}
