import { dateIn } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import type {
  DutyCommand,
  DutyEvent,
  DutyRefusal,
  OfferCommand,
  OfferEvent,
  OfferRefusal,
} from './facts.duties.ts';
import { defaults } from './facts.terms.ts';

export interface DutyState {
  /** The rule in force that the command is about. */
  readonly rule: { readonly id: string } | null;
  readonly exception: { readonly id: string; readonly ruleId: string } | null;
  /** Of the two entitlements, how many there are. */
  readonly entitlements: number;
  /** Another rule in force is about the same two. */
  readonly taken: boolean;
  readonly callerId: string | null;
  readonly personAble: boolean;
}

type Decision = Result<readonly DutyEvent[], Refusal<DutyRefusal>>;

/** Rules of conflicting duties are data: written, replaced and ended, never rewritten. */
export function decideDuties(state: DutyState, command: DutyCommand, context: Context): Decision {
  switch (command.do) {
    case 'writeRule':
      return write(state, command, context);
    case 'endRule':
      if (!state.rule) return refuse('notFound');
      return ok([{ type: 'DutyRuleEnded', subject: `duty-rule/${state.rule.id}`, body: {} }]);
    case 'except':
      return except(state, command, context);
    case 'endException': {
      const { exception } = state;
      if (!exception) return refuse('notFound');
      return ok([
        {
          type: 'DutyExceptionEnded',
          subject: `duty-rule/${exception.ruleId}`,
          body: { exception: exception.id },
        },
      ]);
    }
  }
}

function write(
  { rule, entitlements, taken }: DutyState,
  command: DutyCommand & { do: 'writeRule' },
  context: Context,
): Decision {
  const { firstId, secondId, severity, name, reason } = command;
  if (command.id && !rule) return refuse('notFound');
  if (firstId === secondId) return refuse('sameEntitlement');
  if (entitlements < 2) return refuse('entitlementUnknown');
  if (taken) return refuse('ruleExists');
  return ok([
    {
      type: 'DutyRuleWritten',
      subject: `duty-rule/${context.newId()}`,
      body: { replaces: rule?.id ?? null, first: firstId, second: secondId, severity },
      private: { name, reason },
    },
  ]);
}

/** ACC-4, noConflictingDuties: nobody excepts themselves. */
function except(
  { rule, callerId, personAble }: DutyState,
  { personId, endsOn, reason }: DutyCommand & { do: 'except' },
  { now, zone, newId }: Context,
): Decision {
  if (!rule) return refuse('notFound');
  if (callerId === personId) return refuseByGuard('ACC-4', 'ownException');
  if (!personAble) return refuse('personNotAble');
  const today = dateIn(now, zone);
  if (endsOn < today.toString()) return refuse('endInPast');
  const days = defaults.longestDays;
  if (endsOn > today.add({ days }).toString()) return refuse('endTooFar', { days });
  return ok([
    {
      type: 'DutyExcepted',
      subject: `duty-rule/${rule.id}`,
      body: { exception: newId(), person: personId, endsOn },
      private: { reason },
      about: personId,
    },
  ]);
}

export interface OfferState {
  readonly systemId: string | null;
  /** Owner of the system, or security officer. */
  readonly answerable: boolean;
  readonly delegateAble: boolean;
}

/** How access to a system is asked for is its owner's to say. */
export function decideOffer(
  { systemId, answerable, delegateAble }: OfferState,
  command: OfferCommand,
  _context: Context,
): Result<readonly OfferEvent[], Refusal<OfferRefusal>> {
  if (!systemId) return refuse(command.do === 'setRule' ? 'systemsNotFound' : 'entitlementUnknown');
  if (!answerable) return refuse('notYourSystem');
  if (command.do === 'describe') {
    const { entitlementId, requestable, emergency, description } = command;
    return ok([
      {
        type: 'EntitlementDescribed',
        subject: `entitlement/${entitlementId}`,
        body: { requestable, emergency },
        private: { description },
      },
    ]);
  }
  if (!delegateAble) return refuse('personNotAble');
  const { delegateId, longestDays, privilegedBy, instructions } = command;
  return ok([
    {
      type: 'AccessRuleSet',
      subject: `system/${systemId}`,
      body: { delegate: delegateId, longestDays, privilegedBy },
      private: { instructions },
    },
  ]);
}
