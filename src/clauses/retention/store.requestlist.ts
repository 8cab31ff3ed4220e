import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { Condition, List, SortColumn } from '../../registers/list.ts';
import type { Channel, methods, Outcome, RequestKind } from './facts.requests.ts';

interface Named {
  readonly id: string;
  readonly name: string;
}

export interface RequestRow {
  readonly id: string;
  readonly number: number;
  readonly kind: RequestKind;
  readonly channel: Channel;
  readonly customerKey: string | null;
  readonly customerName: string | null;
  readonly contactId: string | null;
  readonly contactName: string | null;
  readonly fromName: string;
  readonly fromAddress: string;
  readonly what: string;
  readonly receivedOn: Temporal.PlainDate;
  readonly openedAt: Instant;
  readonly dueAt: Instant;
  readonly owner: Named | null;
  readonly method: (typeof methods)[number] | null;
  readonly verifiedAt: Instant | null;
  readonly verifiedBy: Named | null;
  readonly extendedAt: Instant | null;
  readonly extension: string | null;
  readonly answeredAt: Instant | null;
  readonly answeredBy: Named | null;
  readonly outcome: Outcome | null;
  readonly answer: string | null;
  readonly held: boolean;
}

/** Where a request stands, as people sort and filter by it. */
export const standings = ['unmatched', 'unverified', 'open', 'late', 'answered'] as const;
export type Standing = (typeof standings)[number];

export interface RequestItem {
  readonly id: string;
  readonly number: number;
  readonly kind: RequestKind;
  readonly channel: Channel;
  readonly customer: { readonly key: string; readonly name: string | null } | null;
  readonly contact: Named | null;
  readonly fromName: string;
  readonly fromAddress: string;
  readonly what: string;
  readonly receivedOn: string;
  readonly openedAt: string;
  readonly dueAt: string;
  readonly standing: Standing;
  readonly owner: Named | null;
  readonly method: (typeof methods)[number] | null;
  readonly verifiedAt: string | null;
  readonly verifiedBy: Named | null;
  readonly extendedAt: string | null;
  readonly extension: string | null;
  readonly answeredAt: string | null;
  readonly answeredBy: Named | null;
  readonly outcome: Outcome | null;
  readonly answer: string | null;
  /** A hold stands on the customer: what is asked to be deleted may have to stay. */
  readonly held: boolean;
}

export const requestSorts = {
  dueAt: { sql: sql`request.due_at`, type: 'timestamptz' },
  openedAt: { sql: sql`request.opened_at`, type: 'timestamptz' },
  number: { sql: sql`request.number`, type: 'integer' },
  customer: { sql: sql`customer.name`, type: 'text', nullable: true, needs: ['customer'] },
  answeredAt: { sql: sql`request.answered_at`, type: 'timestamptz', nullable: true },
} satisfies Record<string, SortColumn>;

const customer = sql`left join customer on customer.id = request.customer_id`;
const somebody = (who: string) =>
  sql`case when ${sql.ref(`${who}.id`)} is not null
    then jsonb_build_object('id', ${sql.ref(`${who}.id`)}, 'name', ${sql.ref(`${who}.name`)}) end`;

/** The register of requests, by the day of their answer. */
export function requestList(now: Instant): List<RequestRow, RequestItem> {
  return {
    source: {
      from: [sql`customer_request request`],
      joins: { customer },
      key: { id: sql`request.id` },
      sorts: requestSorts,
      defaultSort: 'dueAt',
      search: (like) => ({
        sql: sql`request.number::text like ${like} or lower(customer.name) like ${like}
          or customer.key like ${like} or lower(request.from_name) like ${like}
          or lower(request.from_address) like ${like} or lower(request.what) like ${like}`,
        needs: ['customer'],
      }),
      select: sql`request.id, request.number, request.kind, request.channel,
        customer.key as "customerKey", customer.name as "customerName",
        contact.id as "contactId", contact.name as "contactName",
        request.from_name as "fromName", request.from_address as "fromAddress", request.what,
        request.received_on as "receivedOn", request.opened_at as "openedAt",
        request.due_at as "dueAt", ${somebody('owner')} as owner, request.method,
        request.verified_at as "verifiedAt", ${somebody('verifier')} as "verifiedBy",
        request.extended_at as "extendedAt", request.extension,
        request.answered_at as "answeredAt", ${somebody('answerer')} as "answeredBy",
        request.outcome, request.answer,
        exists (select from legal_hold hold
          where hold.customer_id = request.customer_id and hold.lifted_at is null) as held`,
      details: sql`join customer_request request on request.id = page.id ${customer}
        left join customer_contact contact on contact.id = request.contact_id
        left join person owner on owner.id = request.owner_id
        left join person verifier on verifier.id = request.verified_by
        left join person answerer on answerer.id = request.answered_by`,
    },
    item: (row) => itemOf(row, now),
    csv: [
      { header: 'number', cell: (it) => it.number },
      { header: 'kind', cell: (it) => it.kind },
      { header: 'channel', cell: (it) => it.channel },
      { header: 'customer', cell: (it) => it.customer?.key ?? '' },
      { header: 'receivedOn', cell: (it) => it.receivedOn },
      { header: 'dueAt', cell: (it) => it.dueAt },
      { header: 'standing', cell: (it) => it.standing },
      { header: 'owner', cell: (it) => it.owner?.name ?? '' },
      { header: 'method', cell: (it) => it.method },
      { header: 'verifiedAt', cell: (it) => it.verifiedAt },
      { header: 'extendedAt', cell: (it) => it.extendedAt },
      { header: 'answeredAt', cell: (it) => it.answeredAt },
      { header: 'outcome', cell: (it) => it.outcome },
    ],
    filename: 'customer-requests',
  };
}

const text = (at: Instant | null) => at && instantText(at);

function itemOf(row: RequestRow, now: Instant): RequestItem {
  const { customerKey, customerName, contactId, contactName, ...rest } = row;
  return {
    ...rest,
    customer: customerKey ? { key: customerKey, name: customerName } : null,
    contact: contactId ? { id: contactId, name: contactName ?? '' } : null,
    receivedOn: row.receivedOn.toString(),
    openedAt: instantText(row.openedAt),
    dueAt: instantText(row.dueAt),
    standing: standingOf(row, now),
    verifiedAt: text(row.verifiedAt),
    extendedAt: text(row.extendedAt),
    answeredAt: text(row.answeredAt),
  };
}

function standingOf(row: RequestRow, now: Instant): Standing {
  if (row.answeredAt) return 'answered';
  if (Temporal.Instant.compare(row.dueAt, now) <= 0) return 'late';
  if (!row.customerKey) return 'unmatched';
  return row.verifiedAt ? 'open' : 'unverified';
}

export interface RequestFilters {
  readonly standing?: Standing | undefined;
  readonly kind?: RequestKind | undefined;
  readonly channel?: Channel | undefined;
  readonly customer?: string | undefined;
  readonly owner?: string | undefined;
}

export function requestConditions(filters: RequestFilters, now: Instant): Condition[] {
  const conditions: Condition[] = [];
  const { standing, kind, channel, customer: key, owner } = filters;
  const early = sql`request.answered_at is null and request.due_at > ${now}`;
  const wanted = {
    answered: sql`request.answered_at is not null`,
    late: sql`request.answered_at is null and request.due_at <= ${now}`,
    unmatched: sql`${early} and request.customer_id is null`,
    unverified: sql`${early} and request.customer_id is not null and request.verified_at is null`,
    open: sql`${early} and request.verified_at is not null`,
  };
  if (standing) conditions.push({ sql: wanted[standing] });
  if (kind) conditions.push({ sql: sql`request.kind = ${kind}` });
  if (channel) conditions.push({ sql: sql`request.channel = ${channel}` });
  if (owner) conditions.push({ sql: sql`request.owner_id = ${owner}` });
  if (key) conditions.push({ sql: sql`customer.key = ${key}`, needs: ['customer'] });
  return conditions;
}

/** How long answers take: over the last twelve months, and each of those months. Days are whole. */
export interface RequestFigures {
  readonly open: number;
  readonly late: number;
  readonly answered: number;
  readonly inTime: number;
  /** Null where nothing was answered. */
  readonly medianDays: number | null;
  readonly longestDays: number | null;
  readonly months: readonly {
    readonly month: string;
    readonly answered: number;
    readonly medianDays: number | null;
  }[];
}

export async function requestFigures(db: Db, now: Instant, zone: string): Promise<RequestFigures> {
  const day = sql`(answered_at at time zone ${zone})::date - received_on`;
  const since = now.toZonedDateTimeISO(zone).startOfDay().with({ day: 1 }).subtract({ months: 11 });
  const recent = sql`answered_at >= ${since.toInstant()} and outcome <> 'withdrawn'`;
  const { rows } = await sql<Omit<RequestFigures, 'months'>>`
    select count(*) filter (where answered_at is null)::int as open,
      count(*) filter (where answered_at is null and due_at <= ${now})::int as late,
      count(*) filter (where ${recent})::int as answered,
      count(*) filter (where ${recent} and answered_at < due_at)::int as "inTime",
      (percentile_cont(0.5) within group (order by ${day}) filter (where ${recent}))::float8 as "medianDays",
      (max(${day}) filter (where ${recent}))::int as "longestDays"
    from customer_request`.execute(db);
  const months = await sql<RequestFigures['months'][number]>`
    select to_char(answered_at at time zone ${zone}, 'YYYY-MM') as month, count(*)::int as answered,
      (percentile_cont(0.5) within group (order by ${day}))::float8 as "medianDays"
    from customer_request where ${recent} group by 1 order by 1`.execute(db);
  const nothing = { open: 0, late: 0, answered: 0, inTime: 0, medianDays: null, longestDays: null };
  return { ...(rows[0] ?? nothing), months: months.rows };
}
