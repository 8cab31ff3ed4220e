import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { Db } from '../../kernel/db.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import { ok, refuse } from '../../kernel/result.ts';
import { type Request, route } from '../../policy/route.ts';
import { customerKey } from '../../registers/customers/facts.ts';
import { heldCustomers } from '../../registers/customers/store.holds.ts';
import { findCustomerByKey } from '../../registers/customers/store.ts';
import {
  answerList,
  flag,
  type List,
  listInput,
  listOutput,
  type SortColumn,
} from '../../registers/list.ts';
import { dayOfClosure } from './facts.closure.ts';
import { closureStates } from './facts.terms.ts';
import { closureFlow } from './flows.closure.ts';
import type { Kinds } from './flows.schedule.ts';
import { backupsOf } from './store.closure.ts';
import { keptOf } from './store.past.ts';

/** What a closure waits for. */
export const steps = ['dayThirty', 'held', 'erasing', 'backups', 'none'] as const;

const moment = z.string().nullable();
const closureOutput = z.object({
  id: z.string(),
  customerId: z.string(),
  customer: z.string(),
  key: z.string(),
  product: z.string(),
  state: z.enum(closureStates),
  requestedOn: z.string(),
  requestedAt: z.string(),
  /** Day of the closure that it is today; of one that has ended, the day on which it did. */
  day: z.int(),
  reopenUntil: z.string(),
  eraseBy: z.string(),
  held: z.boolean(),
  step: z.enum(steps),
  /** When the next step falls due. */
  stepAt: moment,
  objects: z.int(),
  records: z.int(),
  bytes: z.number(),
  reopenedAt: moment,
  /** Of a closure that was rolled back: what was held is what there is again. */
  same: z.boolean().nullable(),
  keyDestroyedAt: moment,
  erasedAt: moment,
  certifiedAt: moment,
  code: z.string().nullable(),
});
type Closure = z.input<typeof closureOutput>;

interface ClosureRow {
  readonly id: string;
  readonly customerId: string;
  readonly customer: string;
  readonly key: string;
  readonly product: string;
  readonly state: Closure['state'];
  readonly requestedOn: Temporal.PlainDate;
  readonly requestedAt: Instant;
  readonly reopenUntil: Instant;
  readonly eraseBy: Instant;
  readonly dueAt: Instant;
  readonly held: boolean;
  readonly backupsUntil: Instant | null;
  readonly objects: number;
  readonly records: number;
  readonly bytes: number;
  readonly reopenedAt: Instant | null;
  readonly same: boolean | null;
  readonly keyDestroyedAt: Instant | null;
  readonly erasedAt: Instant | null;
  readonly certifiedAt: Instant | null;
  readonly code: string | null;
}

const held: RawBuilder<boolean> = sql<boolean>`(
  closure.customer_id in ${heldCustomers} and closure.state in ('closing', 'erasing')
  and closure.key_destroyed_at is null)`;

const columns = sql`closure.id, closure.customer_id as "customerId", coalesce(customer.name, customer.key) as customer,
  customer.key, product.name as product, closure.state, closure.requested_on as "requestedOn",
  closure.requested_at as "requestedAt", closure.reopen_until as "reopenUntil", closure.erase_by as "eraseBy",
  closure.due_at as "dueAt", ${held} as held, (
    select max(expires_at) from closure_backup where closure_id = closure.id and gone_at is null
  ) as "backupsUntil", closure.objects, closure.records, closure.bytes::float8 as bytes,
  closure.reopened_at as "reopenedAt", closure.reopened_seal = closure.seal as same,
  closure.key_destroyed_at as "keyDestroyedAt", closure.erased_at as "erasedAt",
  closure.certified_at as "certifiedAt", closure.code`;

const sorts = {
  requestedAt: { sql: sql`closure.requested_at`, type: 'timestamptz' },
  dueAt: { sql: sql`closure.due_at`, type: 'timestamptz' },
  eraseBy: { sql: sql`closure.erase_by`, type: 'timestamptz' },
  customer: { sql: sql`coalesce(customer.name, customer.key)`, type: 'text', needs: ['customer'] },
} satisfies Record<string, SortColumn>;

const csvColumns = [
  'customer',
  'key',
  'product',
  'state',
  'day',
  'requestedAt',
  'reopenUntil',
  'eraseBy',
  'held',
  'objects',
  'records',
  'bytes',
  'reopenedAt',
  'same',
  'keyDestroyedAt',
  'erasedAt',
  'certifiedAt',
  'code',
] as const;

const text = (at: Instant | null): string | null => at && instantText(at);

function itemAt({ now, zone }: Pick<Request, 'now' | 'zone'>) {
  return ({ dueAt, backupsUntil, ...row }: ClosureRow): Closure => {
    const [step, stepAt] = stepOf(row, dueAt, backupsUntil);
    const until = row.certifiedAt ?? row.reopenedAt ?? now;
    return {
      ...row,
      requestedOn: row.requestedOn.toString(),
      requestedAt: instantText(row.requestedAt),
      reopenUntil: instantText(row.reopenUntil),
      eraseBy: instantText(row.eraseBy),
      day: dayOfClosure(row.requestedOn, until, zone),
      step,
      stepAt: text(stepAt),
      reopenedAt: text(row.reopenedAt),
      keyDestroyedAt: text(row.keyDestroyedAt),
      erasedAt: text(row.erasedAt),
      certifiedAt: text(row.certifiedAt),
    };
  };
}

function stepOf(
  { state, held }: Pick<ClosureRow, 'state' | 'held'>,
  dueAt: Instant,
  backupsUntil: Instant | null,
): [Closure['step'], Instant | null] {
  if (held) return ['held', null];
  if (state === 'closing') return ['dayThirty', dueAt];
  if (state === 'erasing') return ['erasing', null];
  return state === 'erased' ? ['backups', backupsUntil] : ['none', null];
}

function closureList(request: Pick<Request, 'now' | 'zone'>): List<ClosureRow, Closure> {
  const customer = sql`join customer on customer.id = closure.customer_id`;
  return {
    source: {
      from: [sql`closure`],
      joins: { customer },
      key: { id: sql`closure.id` },
      sorts,
      defaultSort: '-requestedAt',
      search: (like) => ({
        sql: sql`lower(customer.name) like ${like} or lower(customer.key) like ${like}`,
        needs: ['customer'],
      }),
      select: columns,
      details: sql`join closure on closure.id = page.id ${customer}
        join product on product.id = customer.product_id`,
    },
    item: itemAt(request),
    csv: csvColumns.map((header) => ({ header, cell: (closure) => closure[header] })),
    filename: 'closures',
  };
}

const closureDetail = closureOutput.extend({
  seal: z.string(),
  counts: z.record(z.string(), z.int()),
  backups: z.array(z.object({ madeAt: z.string(), expiresAt: z.string(), goneAt: moment })),
  /** What may remain after the account is gone, by kind, and the last day of the last of it (RET-6). */
  remains: z.array(
    z.object({
      kind: z.string(),
      label: z.object({ en: z.string(), ja: z.string() }),
      count: z.int(),
      lastDay: z.string().nullable(),
    }),
  ),
});

/** What staff do on behalf of a customer. */
const acting = {
  requestClosure: route({
    method: 'post',
    path: '/customers/{key}/closure',
    summary: 'Closes an account on behalf of the customer, who asked by a verified request.',
    permission: 'requestClosure',
    input: z.object({
      key: customerKey,
      confirmation: z.string().trim().min(1).max(200),
      requestId: z.uuid().nullable(),
    }),
    output: z.object({ id: z.string(), reopenUntil: z.string(), eraseBy: z.string() }),
    handle: async ({ db, execute }, { key, ...command }) => {
      const customer = await findCustomerByKey(db, key);
      if (!customer) return refuse('notFound');
      const done = await execute(closureFlow, {
        do: 'requestClosure',
        customerId: customer.id,
        ...command,
      });
      if (!done.ok) return done;
      const [event] = done.value;
      if (event?.type !== 'CustomerClosureRequested') return refuse('notFound');
      const { closure, reopenUntil, eraseBy } = event.body;
      return ok({ id: closure, reopenUntil, eraseBy });
    },
  }),

  reopenAccount: route({
    method: 'post',
    path: '/customers/{key}/reopen',
    summary: 'Rolls a closure back before the end of day 30; what is held is compared to the bit.',
    permission: 'reopenAccount',
    input: z.object({ key: customerKey }),
    output: z.object({ id: z.string(), same: z.boolean() }),
    handle: async ({ db, execute }, { key }) => {
      const customer = await findCustomerByKey(db, key);
      if (!customer) return refuse('notFound');
      const done = await execute(closureFlow, { do: 'reopen', customerId: customer.id });
      if (!done.ok) return done;
      const [event] = done.value;
      if (event?.type !== 'CustomerReopened') return refuse('notFound');
      return ok({ id: event.body.closure, same: event.body.same });
    },
  }),
};

/** The end of accounts, as staff see it. */
export function closureRoutes(kinds: Kinds) {
  return {
    listClosures: route({
      method: 'get',
      path: '/closures',
      summary: 'Closures of accounts: which day it is of each, and what comes next.',
      permission: 'readClosures',
      input: listInput(
        { sorts },
        {
          id: z.uuid().optional(),
          customer: z.uuid().optional(),
          state: z.enum(closureStates).optional(),
          held: flag.optional(),
        },
      ),
      output: listOutput(closureOutput),
      handle: (request, input) =>
        answerList(request.db, closureList(request), input, [
          ...(input.id ? [{ sql: sql`closure.id = ${input.id}` }] : []),
          ...(input.customer ? [{ sql: sql`closure.customer_id = ${input.customer}` }] : []),
          ...(input.state ? [{ sql: sql`closure.state = ${input.state}` }] : []),
          ...(input.held === undefined ? [] : [{ sql: sql`${held} = ${input.held}` }]),
        ]),
    }),

    getClosure: route({
      method: 'get',
      path: '/closures/{id}',
      summary: 'One closure: seal, what was removed, backups that are followed, what remains.',
      permission: 'readClosures',
      input: z.object({ id: z.uuid() }),
      output: closureDetail,
      handle: async (request, { id }) =>
        (await findClosure(request, kinds, id)) ?? refuse('notFound'),
    }),

    ...acting,
  };
}

async function findClosure(request: Request, kinds: Kinds, id: string) {
  const { db, zone } = request;
  const { source, item } = closureList(request);
  const { rows } = await sql<ClosureRow & { seal: string; counts: Record<string, number> }>`
    select ${source.select}, encode(closure.seal, 'hex') as seal, closure.counts
    from (select ${id}::uuid as id) page ${source.details}`.execute(db);
  const [row] = rows;
  if (!row) return null;
  const { seal, counts, ...closure } = row;
  const backups = await backupsOf(db, id);
  return ok({
    ...item(closure),
    seal,
    counts,
    backups: backups.map(({ madeAt, expiresAt, goneAt }) => ({
      madeAt: instantText(madeAt),
      expiresAt: instantText(expiresAt),
      goneAt: text(goneAt),
    })),
    remains: await remainsOf(db, kinds, row.customerId, zone),
  });
}

async function remainsOf(db: Db, kinds: Kinds, customerId: string, zone: string) {
  const remaining = kinds().filter(({ remains }) => remains);
  const { rows } = await keptOf(remaining, customerId, zone).execute(db);
  return remaining.map(({ kind, label }) => {
    const found = rows.find((each) => each.kind === kind);
    const lastDay = found?.lastDay?.toString() ?? null;
    return { kind, label: { ...label }, count: found?.count ?? 0, lastDay };
  });
}
