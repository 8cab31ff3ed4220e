import { sql } from 'kysely';
import type { Db } from '../../kernel/db.ts';
import type { PersonId } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuseByGuard } from '../../kernel/result.ts';
import type { CaseReadRefusal } from './facts.reading.ts';

/** Whether a case allows a read, now: asked by the door before each read, and again while bytes flow. */

/** What somebody wants to read, and under which case. */
export interface CaseQuestion {
  readonly caseId: string;
  /** Whose vault it is in: the case must be about the same customer. */
  readonly customerId: string;
  readonly personId: PersonId;
  readonly collection: string;
  /** Object or record; null asks for the whole collection, as a listing of names does. */
  readonly objectId: string | null;
  /** When that was last changed; null where nothing single is asked for. */
  readonly changedAt: Instant | null;
  readonly now: Instant;
}

/** What an open case grants. */
export interface CaseGrant {
  /** From this instant on nothing more may be read. */
  readonly endsAt: Instant;
  /** Copies may be saved. */
  readonly copy: boolean;
}

interface CaseRow {
  readonly customerId: string;
  readonly requesterId: string;
  readonly state: string;
  readonly endsAt: Instant | null;
  readonly copy: boolean;
  readonly gone: boolean;
  readonly inScope: boolean;
}

/**
 * CUS-3, nobodyReadsOutsideTheirCase: only its requester, only while it is open, only what it names.
 * The door asks at each read and again at least each second of a stream; a case that was closed or
 * has run out meanwhile is refused in the middle.
 */
export async function caseAllows(
  db: Db,
  question: CaseQuestion,
): Promise<Result<CaseGrant, Refusal<CaseReadRefusal>>> {
  const { caseId, collection, objectId, changedAt } = question;
  const { rows } = await sql<CaseRow>`
    select it.customer_id as "customerId", it.requester_id as "requesterId", it.state, it.ends_at as "endsAt", it.copy,
      person.left_at is not null or person.suspended_at is not null or person.erased_at is not null as gone,
      exists (
        select from case_scope scope
        where scope.case_id = it.id and scope.collection = ${collection}
          and (scope.item_id is null or scope.item_id = ${objectId}::uuid))
        and (${objectId}::uuid is null or (
          (it.from_at is null or ${changedAt}::timestamptz >= it.from_at)
          and (it.to_at is null or ${changedAt}::timestamptz < it.to_at))) as "inScope"
    from customer_case it join person on person.id = it.requester_id
    where it.id = ${caseId}::uuid`.execute(db);
  return judge(rows[0], question);
}

function judge(
  found: CaseRow | undefined,
  { customerId, personId, now }: CaseQuestion,
): Result<CaseGrant, Refusal<CaseReadRefusal>> {
  const no = (code: CaseReadRefusal) => refuseByGuard('CUS-3', code);
  if (!found) return no('caseUnknown');
  if (found.requesterId !== personId) return no('caseNotYours');
  if (found.customerId !== customerId) return no('caseOfAnother');
  if (found.state !== 'open' || !found.endsAt) return no('caseNotOpen');
  if (Temporal.Instant.compare(found.endsAt, now) <= 0) return no('caseExpired');
  if (found.gone) return no('readerGone');
  // Null where the dates of the scope were asked about something whose change nobody knows.
  if (found.inScope !== true) return no('outsideScope');
  return ok({ endsAt: found.endsAt, copy: found.copy });
}
