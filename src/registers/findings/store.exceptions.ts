import { sql } from 'kysely';
import type { Tx } from '../../kernel/db.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Context } from '../../policy/event.ts';
import type { Flow, ObligationHandler } from '../../policy/flow.ts';
import { schedule, unschedule } from '../tasks/store.ts';
import {
  type ExceptionCommand,
  type ExceptionEvent,
  type ExceptionRefusal,
  exceptionCommand,
  exceptionEnds,
} from './facts.ts';
import { decideException, type ExceptionState } from './flow.ts';

/** Exceptions: a finding need not be put right for now, by a second person's decision. */
export const exceptionFlow: Flow<
  ExceptionState,
  ExceptionCommand,
  ExceptionEvent,
  ExceptionRefusal
> = {
  name: 'findings.exception',
  clause: 'findings',
  command: exceptionCommand,
  load: loadFinding,
  authorize: (_, command) => ({ action: command.do }),
  decide: decideException,
  project: projectException,
};

async function loadFinding(tx: Tx, { findingId }: ExceptionCommand): Promise<ExceptionState> {
  const { rows } = await sql<NonNullable<ExceptionState['finding']>>`
    select id, check_id as "checkId", promise, owner_id as "ownerId", subject_kind as "subjectKind",
      subject_id as "subjectId", closed_at is not null as closed, excepted_until as "exceptedUntil"
    from finding where id = ${findingId} for update`.execute(tx);
  return { finding: rows[0] ?? null };
}

async function projectException(tx: Tx, event: ExceptionEvent, context: Context): Promise<void> {
  const granted = event.type === 'ExceptionGranted' ? event : null;
  await sql`
    update finding set excepted_until = ${granted?.until ?? null}, excepted_by = ${granted?.approverId ?? null},
      exception_reason = ${granted?.reason ?? null}
    where id = ${event.findingId}`.execute(tx);
  await unschedule(tx, event.subject, exceptionEnds);
  if (granted) {
    const { subject, until: dueAt } = granted;
    const due = { id: context.newId(), clause: 'findings', kind: exceptionEnds, subject, dueAt };
    await schedule(tx, [due]);
  }
  await judgeAgain(tx, event.findingId, context.now);
}

/** The check that the finding belongs to is asked again at the next tick. */
async function judgeAgain(tx: Tx, findingId: string, now: Instant): Promise<void> {
  await sql`
    update check_result set next_change_at = ${now}
    where check_id = (select check_id from finding where id = ${findingId})`.execute(tx);
}

/** An exception has run out: its finding counts again. Where it was closed meanwhile, nothing is left to do. */
export const endExceptions: ObligationHandler = async ({ execute }, due) => {
  const findingId = due.subject.split('/')[1] ?? '';
  await execute(exceptionFlow, { do: 'endException', findingId });
};
