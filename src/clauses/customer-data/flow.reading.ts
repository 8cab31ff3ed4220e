import { ok, type Refusal, type Result, refuseByGuard } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type { CaseReadRefusal, ReadUnderCase, StaffDecrypted } from './facts.reading.ts';

export interface ReadingState {
  readonly personId: string | null;
  /** What the case says, or why it says no. */
  readonly allowed: Result<{ readonly copy: boolean }, Refusal<CaseReadRefusal>>;
}

/** CUS-3, nobodyReadsOutsideTheirCase: nothing is read that the case does not allow at this moment. */
export function decideReading(
  { personId, allowed }: ReadingState,
  command: ReadUnderCase,
  { now }: Context,
): Result<readonly StaffDecrypted[], Refusal<CaseReadRefusal>> {
  if (!personId) return refuseByGuard('CUS-3', 'caseNotYours');
  if (!allowed.ok) return allowed;
  if (command.copy && !allowed.value.copy) return refuseByGuard('CUS-3', 'copyNotGranted');
  return ok([
    {
      type: 'StaffDecrypted',
      subject: `case/${command.caseId}`,
      body: {
        customer: command.customerId,
        person: personId,
        what: command.what,
        collection: command.collection,
        item: command.itemId,
        changedAt: command.changedAt,
        count: command.count,
        copy: command.copy,
      },
      about: personId,
      readAt: now,
    },
  ]);
}
