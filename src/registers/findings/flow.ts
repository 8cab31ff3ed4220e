import { personOf } from '../../kernel/actor.ts';
import type { PersonId } from '../../kernel/id.ts';
import { dateIn, endOfDay } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import {
  type ExceptionCommand,
  type ExceptionEvent,
  type ExceptionRefusal,
  longestExceptionDays,
} from './facts.ts';

export interface ExceptionState {
  readonly finding: {
    readonly id: string;
    readonly checkId: string;
    readonly promise: string;
    readonly ownerId: PersonId | null;
    readonly subjectKind: string;
    readonly subjectId: string;
    readonly closed: boolean;
    readonly exceptedUntil: Temporal.Instant | null;
  } | null;
}

type Decision = Result<readonly ExceptionEvent[], Refusal<ExceptionRefusal>>;

/**
 * An exception is a second person's decision: neither who must put the finding right nor whom it is
 * about can grant it.
 */
export function decideException(
  state: ExceptionState,
  command: ExceptionCommand,
  context: Context,
): Decision {
  const { finding } = state;
  if (!finding) return refuse('findingUnknown');
  if (finding.closed) return refuse('findingClosed');
  if (command.do === 'endException') return end(finding);
  const approverId = personOf(context.actor);
  if (!approverId) return refuse('approverNeeded');
  const isAbout = finding.subjectKind === 'person' && finding.subjectId === approverId;
  if (finding.ownerId === approverId || isAbout) return refuse('ownFinding');
  const today = dateIn(context.now, context.zone);
  const until = Temporal.PlainDate.from(command.until);
  if (Temporal.PlainDate.compare(until, today) < 0) return refuse('untilPast');
  if (today.until(until).days > longestExceptionDays) {
    return refuse('untilTooFar', { days: longestExceptionDays });
  }
  return ok([
    {
      type: 'ExceptionGranted',
      subject: `finding/${finding.id}`,
      body: {
        promise: finding.promise,
        check: finding.checkId,
        item: `${finding.subjectKind}/${finding.subjectId}`,
        until: command.until,
        approverId,
      },
      private: { reason: command.reason },
      findingId: finding.id,
      approverId,
      until: endOfDay(until, context.zone),
      reason: command.reason,
    },
  ]);
}

function end(finding: NonNullable<ExceptionState['finding']>): Decision {
  if (!finding.exceptedUntil) return refuse('noException');
  const { id, promise, checkId } = finding;
  const body = { promise, check: checkId };
  return ok([{ type: 'ExceptionEnded', subject: `finding/${id}`, body, findingId: id }]);
}
