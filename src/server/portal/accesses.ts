import type { Hono } from 'hono';
import { sql } from 'kysely';
import { casesOfCustomer } from '../../clauses/customer-data/store.told.ts';
import type { Db } from '../../kernel/db.ts';
import { type Instant, instantText, startOfDay } from '../../kernel/instant.ts';
import { byteOrderMark, csvLine } from '../../registers/csv-writer.ts';
import { proofFile } from '../ledger/routes.ts';
import { type Access, accessors, type Wanted } from './access.ts';
import { forNobodyElse } from './answer.ts';
import { attachment, streamed } from './download.ts';
import { accessesPage } from './page.accesses.ts';
import type { Room } from './room.ts';
import { forVisitors, type Visit, wrongPage } from './visit.ts';

const pageRows = 100;
const fileRows = 100_000;

/** Every access to the account's data, by whom and why, with where the ledger has it (CUS-1…3, RET-4). */
export function accessDoors(app: Hono, room: Room): void {
  app.get('/accesses', forVisitors(room, accesses));
  app.get('/ledger/:index{[0-9]{1,15}}', forVisitors(room, proof));
}

async function accesses(visit: Visit): Promise<Response> {
  const { c, room, account, place } = visit;
  const { db } = room.world.database;
  const wanted = wantedOf(c.req.query());
  const format = c.req.query('format');
  const find = (limit: number) => accessesOf(db, account, wanted, place.zone, limit);
  if (format === 'csv' || format === 'json') return file(await find(fileRows), format);
  const rows = await find(pageRows + 1);
  const cases = await casesOfCustomer(db, account.customerId);
  const purposes = new Map(cases.map((it) => [it.id, it]));
  const next = rows.length > pageRows ? (rows[pageRows - 1]?.at ?? null) : null;
  return visit.show(accessesPage(visit, wanted, rows.slice(0, pageRows), next, purposes));
}

function wantedOf(query: Record<string, string>): Wanted {
  const day = (text = '') => {
    try {
      return Temporal.PlainDate.from(text, { overflow: 'reject' });
    } catch {
      return null;
    }
  };
  const instant = (text = '') => {
    try {
      return Temporal.Instant.from(text);
    } catch {
      return null;
    }
  };
  return {
    who: accessors.find((it) => it === query['who']) ?? null,
    from: day(query['from']),
    to: day(query['to']),
    before: instant(query['before']),
  };
}

interface Owner {
  readonly customerId: string;
  readonly productName: string;
}

async function accessesOf(
  db: Db,
  owner: Owner,
  wanted: Wanted,
  zone: string,
  limit: number,
): Promise<readonly Access[]> {
  const { who } = wanted;
  const staff =
    who === null || who === 'staff' ? await staffReads(db, owner, wanted, zone, limit) : [];
  const others = who === 'staff' ? [] : await unwraps(db, owner, wanted, zone, limit);
  return [...staff, ...others].sort((a, b) => Temporal.Instant.compare(b.at, a.at)).slice(0, limit);
}

/** Conditions on a moment that a row has. */
function within(column: ReturnType<typeof sql.ref>, wanted: Wanted, zone: string) {
  const { from, to, before } = wanted;
  return sql.join(
    [
      from ? sql`${column} >= ${startOfDay(from, zone)}` : sql`true`,
      to ? sql`${column} < ${startOfDay(to.add({ days: 1 }), zone)}` : sql`true`,
      before ? sql`${column} < ${before}` : sql`true`,
    ],
    sql` and `,
  );
}

async function staffReads(
  db: Db,
  { customerId }: Owner,
  wanted: Wanted,
  zone: string,
  limit: number,
): Promise<readonly Access[]> {
  const { rows } = await sql<Access>`
    select read.at, read.at as "from", 'staff' as who, it.requester_role as name, it.purpose, 1 as operations,
      read.what, read.collection, read.item_id as item, it.id as "caseId", entry.index::float8 as entry
    from case_read read join customer_case it on it.id = read.case_id
    left join lateral (
      select index from ledger_entry e
      where e.type = 'StaffDecrypted' and e.subject = 'case/' || it.id and e.at = read.at
      order by seq limit 1) entry on true
    where it.customer_id = ${customerId} and ${within(sql.ref('read.at'), wanted, zone)}
    order by read.at desc, read.id limit ${limit}`.execute(db);
  return rows;
}

const kinds: Readonly<Record<'product' | 'own' | 'kept', string>> = {
  product: 'service',
  own: 'customer',
  kept: 'system',
};

async function unwraps(
  db: Db,
  { customerId, productName }: Owner,
  wanted: Wanted,
  zone: string,
  limit: number,
): Promise<readonly Access[]> {
  const { who } = wanted;
  const kind = who && who !== 'staff' ? sql`u.by_kind = ${kinds[who]}` : sql`u.by_kind <> 'case'`;
  const asked = sql`
    u.customer_id = ${customerId} and ${kind} and ${within(sql.ref('u.to_at'), wanted, zone)}`;
  // The index goes by when a count was begun, and a count ends within its minute: the newest so many
  // have begun no more than a minute before the last of as many that were begun last.
  const { rows } = await sql<Access & { telling: string | null }>`
    select u.to_at as at, u.from_at as "from",
      case u.by_kind when 'service' then 'product' when 'customer' then 'own' else 'kept' end as who,
      case u.by_kind when 'service' then ${productName} when 'customer' then coalesce(c.name, '') else u.by_id end as name,
      u.purpose, u.operations, null as what, null as collection, null as item, null as "caseId", u.entry_id as telling
    from vault_unwrap u left join customer_contact c on u.by_kind = 'customer' and c.id::text = u.by_id
    where ${asked} and u.from_at >= coalesce((
      select u.from_at - interval '1 minute' from vault_unwrap u where ${asked}
      order by u.from_at desc offset ${limit - 1} limit 1), '-infinity')
    order by u.to_at desc, u.id limit ${limit}`.execute(db);
  const entries = await tellings(db, rows);
  return rows.map(({ telling, ...row }) => ({
    ...row,
    entry: telling ? (entries.get(telling) ?? null) : null,
  }));
}

/** Where the ledger tells of batches: one entry has many. */
async function tellings(
  db: Db,
  rows: readonly { readonly at: Instant; readonly telling: string | null }[],
): Promise<ReadonlyMap<string, number>> {
  const told = rows.filter(({ telling }) => telling !== null);
  const oldest = told.at(-1);
  if (!oldest) return new Map();
  const wanted = [...new Set(told.map(({ telling }) => telling))];
  const { rows: found } = await sql<{ telling: string; index: number }>`
    select body ->> 'telling' as telling, index::float8 as index
    from (
      select index, convert_from(bytes, 'UTF8')::jsonb -> 'body' as body from ledger_entry
      where type = 'UnwrapsCounted' and index is not null and at >= ${oldest.at}) as entry
    where body ->> 'telling' = any(${wanted}::text[])`.execute(db);
  return new Map(found.map(({ telling, index }) => [telling, index]));
}

const columns = [
  'at',
  'from',
  'who',
  'name',
  'purpose',
  'operations',
  'what',
  'collection',
  'item',
  'caseId',
  'entry',
] as const;

function file(rows: readonly Access[], format: 'csv' | 'json'): Response {
  const plain = rows.map((row) => ({
    ...row,
    at: instantText(row.at),
    from: instantText(row.from),
  }));
  const headers = {
    ...forNobodyElse,
    'content-disposition': attachment(`accesses.${format}`),
    'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json',
  };
  if (format === 'json') return new Response(JSON.stringify(plain, null, 1), { headers });
  const lines = async function* () {
    yield Buffer.from(byteOrderMark + csvLine(columns));
    for (const row of plain) yield Buffer.from(csvLine(columns.map((column) => row[column])));
  };
  return new Response(streamed(lines()), { headers });
}

/**
 * What proves that the ledger has an entry about this account: the entry as it stands there, and its
 * inclusion proof. Entries about others are not to be had here.
 */
async function proof(visit: Visit): Promise<Response> {
  const { c, room, account, words } = visit;
  const index = Number(c.req.param('index'));
  const { rows } = await sql`
    select from ledger_entry e
    where e.index = ${index} and (
      e.subject = ${`customer/${account.customerId}`} or e.type = 'UnwrapsCounted'
      or e.subject in (select 'case/' || id from customer_case where customer_id = ${account.customerId}))`.execute(
    room.world.database.db,
  );
  const file = rows.length > 0 ? await proofFile(room.world, index) : null;
  if (file === null) return visit.show(wrongPage(words, words.notFound), 404);
  return c.body(file, 200, {
    ...forNobodyElse,
    'content-type': 'application/json',
    'content-disposition': attachment(`ledger-${index}.json`),
  });
}
