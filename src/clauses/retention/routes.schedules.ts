import { sql } from 'kysely';
import { z } from 'zod';
import type { Db } from '../../kernel/db.ts';
import { dateIn, type Instant, instantText } from '../../kernel/instant.ts';
import { ok } from '../../kernel/result.ts';
import { moments } from '../../policy/keeping.ts';
import { route } from '../../policy/route.ts';
import {
  answerList,
  type List,
  listInput,
  listOutput,
  type SortColumn,
} from '../../registers/list.ts';
import { nextNight, scheduleFields } from './facts.schedule.ts';
import { type Kinds, scheduleFlow } from './flows.schedule.ts';
import { planFor, schedulesInForce } from './store.schedule.ts';

const words = z.object({ en: z.string(), ja: z.string() });
const scope = {
  kind: z.string(),
  label: words,
  productId: z.string().nullable(),
  product: z.string().nullable(),
  collection: z.string().nullable(),
  customerId: z.string().nullable(),
  customer: z.string().nullable(),
};
const scheduleOutput = z.object({
  /** Null: ships with the kind. */
  id: z.string().nullable(),
  ...scope,
  version: z.int(),
  after: z.enum(moments),
  /** Moments that records of the kind know. */
  moments: z.array(z.enum(moments)),
  period: z.string().nullable(),
  purpose: words,
  ground: words,
  setAt: z.string().nullable(),
  /** Remains after an account is gone (RET-6). */
  remains: z.boolean(),
});

const planLine = z.object({ ...scope, count: z.int(), oldest: z.string() });

const disposalOutput = z.object({
  id: z.string(),
  at: z.string(),
  kind: z.string(),
  label: words,
  customerId: z.string().nullable(),
  customer: z.string().nullable(),
  collection: z.string().nullable(),
  scheduleId: z.string().nullable(),
  count: z.int(),
  ids: z.string(),
});
type Disposal = z.input<typeof disposalOutput>;
interface DisposalRow extends Omit<Disposal, 'at' | 'label'> {
  readonly at: Instant;
}

const sorts = {
  at: { sql: sql`d.at`, type: 'timestamptz' },
  count: { sql: sql`d.count`, type: 'integer' },
  kind: { sql: sql`d.kind`, type: 'text' },
} satisfies Record<string, SortColumn>;

/** Names of products and customers by id, those that are asked for. */
async function namesOf(db: Db, products: readonly string[], customers: readonly string[]) {
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from product where id = any(${products}::uuid[])
    union all select id, coalesce(name, key) from customer where id = any(${customers}::uuid[])`.execute(
    db,
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** How long what is kept, what goes tonight, and what went. */
export function scheduleRoutes(kinds: Kinds) {
  const labelOf = (kind: string) => {
    const label = kinds().find((each) => each.kind === kind)?.label;
    return label ? { ...label } : { en: kind, ja: kind };
  };
  return { ...settingRoutes(kinds, labelOf), ...nightRoutes(kinds, labelOf) };
}

function settingRoutes(kinds: Kinds, labelOf: LabelOf) {
  return {
    listSchedules: route({
      method: 'get',
      path: '/retention-schedules',
      summary: 'How long each kind of record is kept, from when, why, and on what ground.',
      permission: 'readSchedules',
      input: z.object({}),
      output: z.object({ items: z.array(scheduleOutput) }),
      handle: async ({ db }) => ok({ items: await schedulesOf(db, kinds, labelOf) }),
    }),

    setSchedule: route({
      method: 'post',
      path: '/retention-schedules',
      summary:
        'Sets how long a kind of record is kept: of all, a product, a collection, a contract.',
      permission: 'changeSchedules',
      input: z.object({ version: z.int().min(0), ...scheduleFields }),
      output: z.object({ id: z.string() }),
      handle: async ({ execute }, command) => {
        const done = await execute(scheduleFlow(kinds), { do: 'setSchedule', ...command });
        return done.ok ? ok({ id: done.value[0]?.body.schedule ?? '' }) : done;
      },
    }),

    endSchedule: route({
      method: 'post',
      path: '/retention-schedules/{id}/end',
      summary: 'Ends a schedule: what is farther away holds again, at last what ships.',
      permission: 'changeSchedules',
      input: z.object({ id: z.uuid() }),
      output: z.object({ id: z.string() }),
      handle: async ({ execute }, { id }) => {
        const done = await execute(scheduleFlow(kinds), { do: 'endSchedule', id });
        return done.ok ? ok({ id }) : done;
      },
    }),
  };
}

/** What goes tonight, and what went. */
function nightRoutes(kinds: Kinds, labelOf: LabelOf) {
  return {
    readDisposalPlan: route({
      method: 'get',
      path: '/retention-plan',
      summary:
        'What the next night, or that of a later day, will dispose of: what, whose, how many.',
      permission: 'readSchedules',
      input: z.object({ on: z.iso.date().optional() }),
      output: z.object({ runsAt: z.string(), on: z.string(), items: z.array(planLine) }),
      handle: async ({ db, now, zone }, { on }) => {
        const runsAt = nextNight(now, zone);
        const day = on ? Temporal.PlainDate.from(on) : dateIn(runsAt, zone);
        const items = await planOf(db, kinds, day, zone, labelOf);
        return ok({ runsAt: instantText(runsAt), on: day.toString(), items });
      },
    }),

    listRecordDisposals: route({
      method: 'get',
      path: '/retention-disposals',
      summary: 'What was disposed of: when, whose, how many, by which schedule, digest of the ids.',
      permission: 'readSchedules',
      input: listInput(
        { sorts },
        { kind: z.string().max(60).optional(), customer: z.uuid().optional() },
      ),
      output: listOutput(disposalOutput),
      handle: ({ db }, input) =>
        answerList(db, disposalList(labelOf), input, [
          ...(input.kind ? [{ sql: sql`d.kind = ${input.kind}` }] : []),
          ...(input.customer ? [{ sql: sql`d.customer_id = ${input.customer}` }] : []),
        ]),
    }),

    readDisposalMonths: route({
      method: 'get',
      path: '/retention-disposal-months',
      summary: 'How many records were disposed of in each of the last twelve months.',
      permission: 'readSchedules',
      input: z.object({}),
      output: z.object({ items: z.array(z.object({ month: z.string(), count: z.int() })) }),
      handle: async ({ db, now, zone }) => {
        const first = dateIn(now, zone).with({ day: 1 }).subtract({ months: 11 });
        const { rows } = await sql<{ month: string; count: number }>`
          select to_char(at at time zone ${zone}, 'YYYY-MM') as month, sum(count)::int as count
          from retention_disposal
          where at >= (${first}::date::timestamp at time zone ${zone}) group by 1`.execute(db);
        const counts = new Map(rows.map(({ month, count }) => [month, count]));
        const items = Array.from({ length: 12 }, (_, n) => {
          const month = first.add({ months: n }).toString().slice(0, 7);
          return { month, count: counts.get(month) ?? 0 };
        });
        return ok({ items });
      },
    }),
  };
}

type LabelOf = (kind: string) => { readonly en: string; readonly ja: string };

async function schedulesOf(db: Db, kinds: Kinds, labelOf: LabelOf) {
  const found = await schedulesInForce(db, kinds());
  const names = await namesOf(
    db,
    found.flatMap(({ productId }) => productId ?? []),
    found.flatMap(({ customerId }) => customerId ?? []),
  );
  return found.map((each) => {
    const kind = kinds().find((it) => it.kind === each.kind);
    return {
      ...each,
      label: labelOf(each.kind),
      moments: [...(kind?.after ?? [])],
      product: each.productId && (names.get(each.productId) ?? null),
      customer: each.customerId && (names.get(each.customerId) ?? null),
      purpose: { ...each.purpose },
      ground: { ...each.ground },
      setAt: each.setAt && instantText(each.setAt),
      remains: kind?.remains ?? false,
    };
  });
}

async function planOf(
  db: Db,
  kinds: Kinds,
  day: Temporal.PlainDate,
  zone: string,
  labelOf: LabelOf,
) {
  const lines = await planFor(db, kinds(), day, zone);
  const names = await namesOf(
    db,
    [],
    lines.flatMap(({ customerId }) => customerId ?? []),
  );
  return lines.map(({ kind, customerId, collection, count, oldest }) => ({
    kind,
    label: labelOf(kind),
    productId: null,
    product: null,
    collection,
    customerId,
    customer: customerId && (names.get(customerId) ?? null),
    count,
    oldest: instantText(oldest),
  }));
}

function disposalList(labelOf: LabelOf): List<DisposalRow, Disposal> {
  const item = (row: DisposalRow): Disposal => ({
    ...row,
    at: instantText(row.at),
    label: labelOf(row.kind),
  });
  const columns = ['at', 'kind', 'customer', 'collection', 'count', 'scheduleId', 'ids'] as const;
  return {
    source: {
      from: [sql`retention_disposal d`],
      joins: { customer: sql`left join customer on customer.id = d.customer_id` },
      key: { id: sql`d.id` },
      sorts,
      defaultSort: '-at',
      search: (like) => ({
        sql: sql`lower(customer.name) like ${like} or lower(customer.key) like ${like} or lower(d.kind) like ${like}`,
        needs: ['customer'],
      }),
      select: sql`d.id, d.at, d.kind, d.customer_id as "customerId", coalesce(customer.name, customer.key) as customer,
        d.collection, d.schedule_id as "scheduleId", d.count, d.ids`,
      details: sql`join retention_disposal d on d.id = page.id
        left join customer on customer.id = d.customer_id`,
    },
    item,
    csv: columns.map((header) => ({ header, cell: (row) => row[header] })),
    filename: 'disposals',
  };
}
