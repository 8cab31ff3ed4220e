import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { Condition, List, SortColumn } from '../../registers/list.ts';
import { bases, shownStates, verdicts } from './facts.terms.ts';

/** Cases as lists, pages and files show them. */

const at = z.string().nullable();

export const caseOutput = z.object({
  id: z.string(),
  state: z.enum(shownStates),
  customerId: z.string(),
  customer: z.string(),
  customerKey: z.string(),
  requesterId: z.string(),
  requester: z.string(),
  role: z.string(),
  purpose: z.string(),
  basis: z.enum(bases),
  basisReference: z.string(),
  /** Digest of the record of consent, where one was handed in. */
  consent: z.string().nullable(),
  fromAt: at,
  toAt: at,
  hours: z.int(),
  copy: z.boolean(),
  emergency: z.boolean(),
  askedAt: z.string(),
  lapsesAt: z.string(),
  customerNeeded: z.boolean(),
  customerDecidedAt: at,
  decidedAt: at,
  decidedBy: z.string().nullable(),
  reason: z.string(),
  openedAt: at,
  endsAt: at,
  endedAt: at,
  /** Null where the clock ended it. */
  endedBy: z.string().nullable(),
  reads: z.int(),
  reconcileDueAt: at,
  reconciledAt: at,
  reconciledBy: z.string().nullable(),
  deviations: z.int(),
  note: z.string(),
  toldAt: at,
  toldContacts: z.int(),
  reviewDueAt: at,
  reviewedAt: at,
  reviewedBy: z.string().nullable(),
  verdict: z.enum(verdicts).nullable(),
  reviewNote: z.string(),
  /** The caller asked for it. */
  own: z.boolean(),
  /** The reader approved it, or confirmed the emergency. */
  ownApproval: z.boolean(),
});
export type CaseItem = z.input<typeof caseOutput>;

const times = [
  'fromAt',
  'toAt',
  'askedAt',
  'lapsesAt',
  'customerDecidedAt',
  'decidedAt',
  'openedAt',
  'endsAt',
  'endedAt',
  'reconcileDueAt',
  'reconciledAt',
  'toldAt',
  'reviewDueAt',
  'reviewedAt',
] as const;
type Time = (typeof times)[number];
export type CaseRow = Omit<CaseItem, Time> & { readonly [time in Time]: Instant | null };

export const caseSorts = {
  askedAt: { sql: sql`it.asked_at`, type: 'timestamptz' },
  openedAt: { sql: sql`it.opened_at`, type: 'timestamptz', nullable: true },
  endsAt: { sql: sql`it.ends_at`, type: 'timestamptz', nullable: true },
  customer: { sql: sql`coalesce(customer.name, customer.key)`, type: 'text', needs: ['customer'] },
  requester: { sql: sql`person.name`, type: 'text', needs: ['person'] },
} satisfies Record<string, SortColumn>;

const shownState: RawBuilder<string> = sql<string>`case
  when it.state = 'asked' and it.customer_needed and it.customer_decided_at is null then 'awaitingCustomer'
  else it.state end`;

const csvColumns = [
  'id',
  'state',
  'customer',
  'customerKey',
  'requester',
  'purpose',
  'basis',
  'basisReference',
  'hours',
  'copy',
  'emergency',
  'askedAt',
  'decidedAt',
  'decidedBy',
  'openedAt',
  'endsAt',
  'endedAt',
  'reads',
  'reconciledAt',
  'reconciledBy',
  'deviations',
  'toldAt',
] as const;

/** @param reader the person who asks, null where there is none */
export function caseList(reader: string | null): List<CaseRow, CaseItem> {
  return {
    source: {
      from: [sql`customer_case it`],
      joins: {
        customer: sql`join customer on customer.id = it.customer_id`,
        person: sql`join person on person.id = it.requester_id`,
      },
      key: { id: sql`it.id` },
      sorts: caseSorts,
      defaultSort: '-askedAt',
      search: (like) => ({
        sql: sql`lower(customer.name) like ${like} or lower(customer.key) like ${like}
          or lower(person.name) like ${like} or lower(it.purpose) like ${like}`,
        needs: ['customer', 'person'],
      }),
      select: columns(reader),
      details: sql`
        join customer_case it on it.id = page.id
        join customer on customer.id = it.customer_id
        join person on person.id = it.requester_id
        left join person decider on decider.id = it.decided_by
        left join person ender on ender.id = it.ended_by
        left join person reconciler on reconciler.id = it.reconciled_by
        left join person reviewer on reviewer.id = it.reviewed_by`,
    },
    item: itemOf,
    csv: csvColumns.map((header) => ({ header, cell: (each) => each[header] })),
    filename: 'cases',
  };
}

const columns = (
  reader: string | null,
) => sql`it.id, ${shownState} as state, it.customer_id as "customerId",
  coalesce(customer.name, customer.key) as customer, customer.key as "customerKey",
  it.requester_id as "requesterId", person.name as requester, it.requester_role as role, it.purpose, it.basis,
  it.basis_reference as "basisReference", it.consent_sha256 as consent, it.from_at as "fromAt", it.to_at as "toAt",
  it.hours, it.copy, it.emergency, it.asked_at as "askedAt", it.lapses_at as "lapsesAt",
  it.customer_needed as "customerNeeded", it.customer_decided_at as "customerDecidedAt",
  it.decided_at as "decidedAt", decider.name as "decidedBy", it.reason, it.opened_at as "openedAt",
  it.ends_at as "endsAt", it.ended_at as "endedAt", ender.name as "endedBy",
  (select count(*)::int from case_read where case_id = it.id) as reads,
  it.reconcile_due_at as "reconcileDueAt", it.reconciled_at as "reconciledAt", reconciler.name as "reconciledBy",
  it.deviations, it.note, it.told_at as "toldAt", it.told_contacts as "toldContacts",
  it.review_due_at as "reviewDueAt", it.reviewed_at as "reviewedAt", reviewer.name as "reviewedBy", it.verdict,
  it.review_note as "reviewNote", it.requester_id is not distinct from ${reader}::uuid as own,
  it.decided_by is not distinct from ${reader}::uuid as "ownApproval"`;

export function itemOf(row: CaseRow): CaseItem {
  const texts = Object.fromEntries(
    times.map((time) => [time, row[time] === null ? null : instantText(row[time])]),
  ) as Record<Time, string | null>;
  return { ...row, ...texts, askedAt: texts.askedAt ?? '', lapsesAt: texts.lapsesAt ?? '' };
}

export const caseFilters = {
  state: z.enum(shownStates).optional(),
  basis: z.enum(bases).optional(),
  customer: z.uuid().optional(),
  requester: z.uuid().optional(),
  emergency: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
};
type Filters = z.output<z.ZodObject<typeof caseFilters>>;

/** @param all officers and auditors see every case; others those that they asked for */
export function caseConditions(
  { state, basis, customer, requester, emergency }: Filters,
  reader: string | null,
  all: boolean,
): Condition[] {
  const conditions: Condition[] = [];
  if (state) conditions.push({ sql: sql`${shownState} = ${state}` });
  if (basis) conditions.push({ sql: sql`it.basis = ${basis}` });
  if (customer) conditions.push({ sql: sql`it.customer_id = ${customer}` });
  if (requester) conditions.push({ sql: sql`it.requester_id = ${requester}` });
  if (emergency !== undefined) conditions.push({ sql: sql`it.emergency = ${emergency}` });
  if (!all) conditions.push({ sql: sql`it.requester_id = ${reader}::uuid` });
  return conditions;
}
