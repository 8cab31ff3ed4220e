import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import { type Instant, instantText } from '../../kernel/instant.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { fill, type Language } from '../../kernel/language.ts';
import type { Check, Duty, Guard } from '../../policy/check.ts';
import type { Upholder } from '../../policy/clause.ts';
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

/** What a guard has to show: the acts it refused. */
export async function guardEvidence(db: Db, guard: Guard, language: Language) {
  const { rows } = await sql<{ count: number; last: Instant | null }>`
    select count(*)::int as count, max(at) as last from ledger_entry
    where type = 'GuardRefused' and subject = ${`promise/${guard.promise}`} and index is not null`.execute(
    db,
  );
  return {
    by: 'guard' as const,
    id: guard.id,
    states: guard.states[language],
    refusals: rows[0]?.count ?? 0,
    lastRefusalAt: text(rows[0]?.last),
  };
}

/** Entries of the ledger about a promise, newest first, each with its index for a proof. */
export async function promiseEntries(db: Db, promise: string) {
  const { rows } = await sql<{
    index: number;
    at: Instant;
    type: string;
    actor: string;
    clause: string;
  }>`
    select index, at, type, actor, clause from ledger_entry
    where subject = ${`promise/${promise}`} and index is not null order by index desc limit ${shown}`.execute(
    db,
  );
  return rows.map((row) => ({ ...row, at: instantText(row.at) }));
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
