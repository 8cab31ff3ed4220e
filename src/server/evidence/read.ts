import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { fill, type Language, type Words } from '../../kernel/language.ts';
import { type Check, type Duty, type Guard, isRefusalOf } from '../../policy/check.ts';
import type { Upholder } from '../../policy/clause.ts';
import { statuses } from '../../policy/status.ts';
import type { CheckResult } from '../../registers/findings/store.ts';

/** Most findings, occurrences and entries shown at once; the registers hold the rest. */
const shown = 50;

const text = (at: Instant | null | undefined): string | null => (at ? instantText(at) : null);

/** What a check has to show: which facts, read when, how many items, which violate. */
export async function checkEvidence(
  db: Db,
  check: Check,
  result: CheckResult | undefined,
  reader: { readonly language: Language; readonly seesItems: boolean },
) {
  const { rows: history } = await sql<{
    at: Instant;
    status: string;
    examined: number;
    violated: number;
  }>`
    select at, status, examined, violated from check_history
    where check_id = ${check.id} order by at desc limit ${shown}`.execute(db);
  return {
    by: 'check' as const,
    id: check.id,
    states: check.states[reader.language],
    status: result?.status ?? 'unknown',
    at: text(result?.at),
    factsAt: text(result?.facts_at),
    examined: result?.examined ?? 0,
    violated: result?.violated ?? 0,
    sources: (result?.sources ?? []) as unknown as readonly SourceLine[],
    findings: reader.seesItems ? await openFindings(db, check, reader.language) : [],
    history: history.map((row) => ({ ...row, at: instantText(row.at) })),
  };
}

interface SourceLine {
  readonly name: string;
  readonly readAt: string | null;
  readonly staleAfterHours: number;
}

interface FindingRow {
  readonly id: string;
  readonly subject_kind: string;
  readonly subject_id: string;
  readonly label: string;
  readonly detail: JsonObject;
  readonly opened_at: Instant;
  readonly due_at: Instant;
  readonly excepted_until: Instant | null;
  readonly owner: string | null;
}

async function openFindings(db: Db, check: Check, language: Language) {
  const { rows } = await sql<FindingRow>`
    select f.id, f.subject_kind, f.subject_id, f.label, f.detail, f.opened_at, f.due_at, f.excepted_until,
      p.name as owner
    from finding f left join person p on p.id = f.owner_id
    where f.check_id = ${check.id} and f.closed_at is null
    order by f.due_at, f.id limit ${shown}`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    subject: `${row.subject_kind}/${row.subject_id}`,
    sentence: fill(check.finding[language], { ...scalars(row.detail), label: row.label }),
    openedAt: instantText(row.opened_at),
    dueAt: instantText(row.due_at),
    exceptedUntil: text(row.excepted_until),
    owner: row.owner,
    path: check.path ? fill(check.path, { id: row.subject_id }) : null,
  }));
}

function scalars(detail: JsonObject): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(detail).flatMap(([key, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[key, value] as const] : [],
    ),
  );
}

/** What a duty has to show: who did which occurrence when, and what is open. */
export async function dutyEvidence(db: Db, duty: Duty, language: Language, seesPeople: boolean) {
  const { rows } = await sql<{
    id: string;
    subject: string;
    opened_at: Instant;
    due_at: Instant;
    done_at: Instant | null;
    missed_at: Instant | null;
    assignee: string | null;
    done_by: string | null;
  }>`
    select t.id, t.subject, t.opened_at, t.due_at, t.done_at, t.missed_at,
      coalesce(a.name, t.role) as assignee, d.name as done_by
    from task t left join person a on a.id = t.assignee_id left join person d on d.id = t.done_by
    where t.kind = ${duty.kind} and t.cancelled_at is null
    order by t.due_at desc, t.id limit ${shown}`.execute(db);
  const { rows: counted } = await sql<{
    total: number;
    done: number;
    missed: number;
    open: number;
  }>`
    select count(*)::int as total, count(done_at)::int as done, count(missed_at)::int as missed,
      count(*) filter (where done_at is null and missed_at is null)::int as open
    from task where kind = ${duty.kind} and cancelled_at is null`.execute(db);
  return {
    by: 'duty' as const,
    id: duty.kind,
    states: duty.states[language],
    counts: counted[0] ?? { total: 0, done: 0, missed: 0, open: 0 },
    occurrences: rows.map((row) => ({
      id: row.id,
      subject: row.subject,
      openedAt: instantText(row.opened_at),
      dueAt: instantText(row.due_at),
      doneAt: text(row.done_at),
      missedAt: text(row.missed_at),
      assignee: seesPeople ? row.assignee : null,
      doneBy: seesPeople ? row.done_by : null,
    })),
  };
}

/** What a guard has to show: the acts it refused, and the items that it kept out of others. */
export async function guardEvidence(db: Db, guard: Guard, language: Language) {
  const { rows } = await sql<{ clause: string; code: string; count: number; last: Instant }>`
    select clause, convert_from(bytes, 'UTF8')::jsonb #>> '{body,code}' as code, count(*)::int as count,
      max(at) as last
    from ledger_entry
    where type = 'GuardRefused' and subject = ${`promise/${guard.promise}`} and index is not null
    group by 1, 2 order by last desc`.execute(db);
  const own = [...rows.filter((row) => isRefusalOf(guard, row)), ...(await leftOut(db, guard))];
  const last = own.map((row) => row.last).toSorted(Temporal.Instant.compare);
  return {
    by: 'guard' as const,
    id: guard.id,
    states: guard.states[language],
    refusals: own.reduce((sum, { count }) => sum + count, 0),
    lastRefusalAt: text(last.at(-1)),
  };
}

/** What acts over many left out because of a guard, by type of act. */
async function leftOut(
  db: Db,
  { leavesOut = [] }: Guard,
): Promise<readonly { readonly count: number; readonly last: Instant }[]> {
  if (leavesOut.length === 0) return [];
  const { rows } = await sql<{ count: number; last: Instant }>`
    select sum(said.count)::int as count, max(said.at) as last
    from unnest(${leavesOut.map(({ type }) => type)}::text[],
      ${leavesOut.map(({ counted }) => counted)}::text[]) as act (type, counted)
    cross join lateral (
      select at, (convert_from(bytes, 'UTF8')::jsonb -> 'body' ->> act.counted)::int as count
      from ledger_entry where ledger_entry.type = act.type and index is not null
    ) said
    where said.count > 0 group by act.type`.execute(db);
  return rows;
}

interface EntryRow {
  readonly index: number;
  readonly at: Instant;
  readonly type: string;
  readonly actor: string;
  readonly clause: string;
  readonly body: JsonObject;
}

/** Entries shown with a promise; the register of the ledger has all. */
const shownEntries = 20;

/**
 * Entries of the ledger about a promise, newest first, each with its index for a proof and with
 * what it says: of which check or guard, and what the answer was.
 */
export async function promiseEntries(
  db: Db,
  promise: string,
  upholders: readonly Upholder[],
  language: Language,
) {
  const { rows } = await sql<EntryRow>`
    select index, at, type, actor, clause, convert_from(bytes, 'UTF8')::jsonb -> 'body' as body
    from ledger_entry where subject = ${`promise/${promise}`} and index is not null
    order by index desc limit ${shownEntries}`.execute(db);
  return rows.map(({ body, ...row }) => ({
    ...row,
    at: instantText(row.at),
    of: saidBy(upholders.find((each) => tellsOf({ ...row, body }, each)))?.[language] ?? null,
    answer: answerIn(body),
  }));
}

function saidBy(upholder: Upholder | undefined): Words | null {
  if (upholder?.by === 'check') return upholder.check.states;
  return upholder?.by === 'guard' ? upholder.guard.states : null;
}

function tellsOf({ type, clause, body }: EntryRow, upholder: Upholder): boolean {
  if (type === 'CheckAnswered')
    return upholder.by === 'check' && upholder.check.id === body['check'];
  if (type !== 'GuardRefused' || upholder.by !== 'guard') return false;
  const code = String(body['code']);
  return isRefusalOf(upholder.guard, { code, clause });
}

/** A status with what was counted, where the entry tells one. */
function answerIn(body: JsonObject) {
  const { status, examined, violated } = body;
  const known = statuses.find((each) => each === status);
  if (!known) return null;
  const counted = (value: unknown) => (typeof value === 'number' ? value : null);
  return { status: known, examined: counted(examined), violated: counted(violated) };
}

/** Every status the promise has had, oldest first. */
export async function statusHistory(db: Db, promise: string) {
  const { rows } = await sql<{ at: Instant; status: string; reason: JsonObject }>`
    select at, status, reason from promise_status_change where promise = ${promise} order by at`.execute(
    db,
  );
  return rows.map((row) => ({ ...row, at: instantText(row.at) }));
}

export async function evidenceOf(
  db: Db,
  upholder: Upholder,
  results: ReadonlyMap<string, CheckResult>,
  reader: { readonly language: Language; readonly seesItems: boolean },
) {
  switch (upholder.by) {
    case 'check':
      return checkEvidence(db, upholder.check, results.get(upholder.check.id), reader);
    case 'duty':
      return dutyEvidence(db, upholder.duty, reader.language, reader.seesItems);
    case 'guard':
      return guardEvidence(db, upholder.guard, reader.language);
  }
}
