import { type RawBuilder, sql } from 'kysely';
import type { Instant } from '../../kernel/instant.ts';
import type { KeptKind } from '../../policy/keeping.ts';
import { heldCustomers } from '../../registers/customers/store.holds.ts';
import { contentsKind } from './facts.schedule.ts';

/** A record past its date: whose, and by which schedule (null: the one that ships). */
export interface PastRecord {
  readonly kind: string;
  readonly id: string;
  readonly customer_id: string | null;
  readonly collection: string | null;
  readonly schedule_id: string | null;
  readonly at: Instant;
}

export interface PastOn {
  /** Records whose last day lies before this day are past their date. */
  readonly today: Temporal.PlainDate;
  readonly zone: string;
  /**
   * Leaves out what became past its date by an act since then, and not by the calendar: a schedule
   * that was changed, a hold that was lifted, an account that was reopened. The next night sees to it.
   */
  readonly settledBefore?: Instant;
}

/**
 * Every record of these kinds that is past its date, whoever holds it. A record's last day is the
 * day of its moment plus the period: PostgreSQL adds years and months first and stays within the
 * month, as `Temporal` does, so that 28 to 31 January plus a month are all the end of February.
 * Records of customers on hold have no date while they are held.
 */
export function pastRecords(kinds: readonly KeptKind[], on: PastOn): RawBuilder<PastRecord> {
  const parts = kinds.flatMap((kind) => kind.after.map((moment) => pastOf(kind, moment, on)));
  return sql<PastRecord>`${sql.join(parts, sql` union all `)}`;
}

function pastOf(
  kind: KeptKind,
  moment: KeptKind['after'][number],
  { today, zone, settledBefore }: PastOn,
): RawBuilder<PastRecord> {
  const settled = settledBefore ? settledSince(kind, settledBefore) : sql`true`;
  return sql<PastRecord>`
    select ${kind.kind}::text as kind, kept.id, kept.customer_id, kept.collection,
      rule.id as schedule_id, kept.at
    from (${kind.rows(moment)}) kept
    left join customer on customer.id = kept.customer_id
    cross join lateral (${ruleFor(kind)}) rule
    where rule.after = ${moment} and rule.period is not null
      and ((kept.at at time zone ${zone}::text)::date + rule.period)::date < ${today}::date
      and (kept.customer_id is null or kept.customer_id not in ${heldCustomers})
      and ${settled}`;
}

/**
 * The schedule that speaks for a record: the contract's own before the product's before the kind's
 * before what ships, the one for its collection first. A contract that only says for how many months
 * changes the period and nothing else (RET-2).
 */
function ruleFor({ kind, shipped }: KeptKind) {
  const period =
    kind === contentsKind
      ? sql`case when schedule.customer_id is null and customer.term_months is not null
          then make_interval(months => customer.term_months) else schedule.period end`
      : sql`schedule.period`;
  return sql`
    select schedule.id, schedule.after, ${period} as period
    from (
      select id, product_id, collection, customer_id, after, period::interval as period
      from retention_schedule where kind = ${kind} and ended_at is null
      union all
      select null, null, null, null, ${shipped.after}::text, ${shipped.period}::interval
    ) schedule
    where (schedule.customer_id is null or schedule.customer_id = kept.customer_id)
      and (schedule.product_id is null or schedule.product_id = customer.product_id)
      and (schedule.collection is null or schedule.collection = kept.collection)
    order by schedule.customer_id is not null desc, schedule.product_id is not null desc,
      schedule.collection is not null desc, schedule.id is not null desc
    limit 1`;
}

function settledSince({ kind }: KeptKind, since: Instant) {
  return sql`(customer.state_at is null or customer.state_at <= ${since})
    and not exists (
      select from retention_schedule changed
      where changed.kind = ${kind}
        and (changed.customer_id is null or changed.customer_id = kept.customer_id)
        and (changed.product_id is null or changed.product_id = customer.product_id)
        and (changed.collection is null or changed.collection = kept.collection)
        and (changed.set_at > ${since} or changed.ended_at > ${since}))
    and not exists (
      select from legal_hold lifted
      where lifted.customer_id = kept.customer_id and lifted.lifted_at > ${since})`;
}

/**
 * Every record of closed accounts that no schedule will ever let go: of a kind that must not remain
 * (RET-6), or of one that may and has no period. `closed` is a query of `customer_id`.
 */
export function datelessRecords(
  kinds: readonly KeptKind[],
  closed: RawBuilder<unknown>,
): RawBuilder<Pick<PastRecord, 'kind' | 'customer_id' | 'at'>> {
  const parts = kinds.flatMap((kind) =>
    kind.after.map(
      (moment) => sql`
        select ${kind.kind}::text as kind, kept.customer_id, kept.at
        from (${kind.rows(moment)}) kept
        left join customer on customer.id = kept.customer_id
        cross join lateral (${ruleFor(kind)}) rule
        where kept.customer_id in (${closed}) and rule.after = ${moment}
          and (${kind.remains !== true} or rule.period is null)`,
    ),
  );
  return sql`${sql.join(parts, sql` union all `)}`;
}

/** Records of a kind that are kept of somebody, and by when the last of them goes; null: with the account. */
export interface KeptOf {
  readonly kind: string;
  readonly count: number;
  readonly lastDay: Temporal.PlainDate | null;
}

/** What is kept of one customer, by kind: what remains of an account, and until when (RET-6). */
export function keptOf(
  kinds: readonly KeptKind[],
  customerId: string,
  zone: string,
): RawBuilder<KeptOf> {
  const parts = kinds.flatMap((kind) =>
    kind.after.map(
      (moment) => sql`
        select ${kind.kind}::text as kind,
          ((kept.at at time zone ${zone}::text)::date + rule.period)::date as last_day
        from (${kind.rows(moment)}) kept
        left join customer on customer.id = kept.customer_id
        cross join lateral (${ruleFor(kind)}) rule
        where rule.after = ${moment} and kept.customer_id = ${customerId}`,
    ),
  );
  return sql<KeptOf>`
    select kind, count(*)::int as count, max(last_day) as "lastDay"
    from (${sql.join(parts, sql` union all `)}) each_kind group by kind order by kind`;
}
