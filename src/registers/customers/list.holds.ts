import { sql } from 'kysely';
import { z } from 'zod';
import { dateIn, type Instant, instantText } from '../../kernel/instant.ts';
import { type Condition, flag, type List, type SortColumn } from '../list.ts';
import { customerKey } from './facts.ts';

export const holdItem = z.object({
  id: z.string(),
  customer: z.object({ id: z.string(), key: z.string(), name: z.string().nullable() }),
  reason: z.string(),
  placedAt: z.string(),
  placedBy: z.object({ id: z.string(), name: z.string() }).nullable(),
  reviewOn: z.iso.date(),
  /** Its review is overdue. */
  late: z.boolean(),
  reviewedAt: z.string().nullable(),
  liftedAt: z.string().nullable(),
  liftedBy: z.object({ id: z.string(), name: z.string() }).nullable(),
});
export type HoldItem = z.output<typeof holdItem>;

interface HoldRow {
  readonly id: string;
  readonly customerId: string;
  readonly customerKey: string;
  readonly customerName: string | null;
  readonly reason: string;
  readonly placedAt: Instant;
  readonly placedBy: string | null;
  readonly placer: string | null;
  readonly reviewOn: Temporal.PlainDate;
  readonly reviewedAt: Instant | null;
  readonly liftedAt: Instant | null;
  readonly liftedBy: string | null;
  readonly lifter: string | null;
}

const customer = sql`join customer on customer.id = legal_hold.customer_id`;

export const holdSorts = {
  placedAt: { sql: sql`legal_hold.placed_at`, type: 'timestamptz' },
  reviewOn: { sql: sql`legal_hold.review_on`, type: 'date' },
  customer: { sql: sql`customer.name`, type: 'text', nullable: true, needs: ['customer'] },
} satisfies Record<string, SortColumn>;

/** Every hold there was; those that are placed by `open`. */
export function holdList(now: Instant, zone: string): List<HoldRow, HoldItem> {
  return {
    source: {
      from: [sql`legal_hold`],
      joins: { customer },
      key: { id: sql`legal_hold.id` },
      sorts: holdSorts,
      defaultSort: 'reviewOn',
      search: (like) => ({
        sql: sql`lower(customer.name) like ${like} or customer.key like ${like} or lower(legal_hold.reason) like ${like}`,
        needs: ['customer'],
      }),
      select: sql`legal_hold.id, customer.id as "customerId", customer.key as "customerKey",
        customer.name as "customerName", legal_hold.reason, legal_hold.placed_at as "placedAt",
        legal_hold.placed_by as "placedBy", placer.name as placer, legal_hold.review_on as "reviewOn",
        legal_hold.reviewed_at as "reviewedAt", legal_hold.lifted_at as "liftedAt",
        legal_hold.lifted_by as "liftedBy", lifter.name as lifter`,
      details: sql`join legal_hold on legal_hold.id = page.id ${customer}
        left join person placer on placer.id = legal_hold.placed_by
        left join person lifter on lifter.id = legal_hold.lifted_by`,
    },
    item: (row) => itemOf(row, dateIn(now, zone)),
    csv: [
      { header: 'customer', cell: (it) => it.customer.key },
      { header: 'reason', cell: (it) => it.reason },
      { header: 'placedAt', cell: (it) => it.placedAt },
      { header: 'placedBy', cell: (it) => it.placedBy?.name ?? '' },
      { header: 'reviewOn', cell: (it) => it.reviewOn },
      { header: 'reviewedAt', cell: (it) => it.reviewedAt },
      { header: 'liftedAt', cell: (it) => it.liftedAt },
      { header: 'liftedBy', cell: (it) => it.liftedBy?.name ?? '' },
    ],
    filename: 'holds',
  };
}

function itemOf(row: HoldRow, today: Temporal.PlainDate): HoldItem {
  const someone = (id: string | null, name: string | null) =>
    id ? { id, name: name ?? '' } : null;
  return {
    id: row.id,
    customer: { id: row.customerId, key: row.customerKey, name: row.customerName },
    reason: row.reason,
    placedAt: instantText(row.placedAt),
    placedBy: someone(row.placedBy, row.placer),
    reviewOn: row.reviewOn.toString(),
    late: !row.liftedAt && Temporal.PlainDate.compare(row.reviewOn, today) < 0,
    reviewedAt: row.reviewedAt && instantText(row.reviewedAt),
    liftedAt: row.liftedAt && instantText(row.liftedAt),
    liftedBy: someone(row.liftedBy, row.lifter),
  };
}

export const holdFilters = { customer: customerKey.optional(), open: flag.optional() };

export function holdConditions(filters: z.output<z.ZodObject<typeof holdFilters>>): Condition[] {
  const conditions: Condition[] = [];
  if (filters.customer)
    conditions.push({ sql: sql`customer.key = ${filters.customer}`, needs: ['customer'] });
  if (filters.open !== undefined)
    conditions.push({ sql: sql`(legal_hold.lifted_at is null) = ${filters.open}` });
  return conditions;
}
