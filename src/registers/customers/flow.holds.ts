import { type Actor, personOf } from '../../kernel/actor.ts';
import type { PersonId } from '../../kernel/id.ts';
import { dateIn } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context } from '../../policy/event.ts';
import {
  type HoldCommand,
  type HoldEvent,
  type HoldRefusal,
  reviewWithinDays,
} from './facts.holds.ts';
import type { CustomerState } from './facts.ts';

export interface HoldState {
  readonly customer: { readonly id: string; readonly state: CustomerState } | null;
  /** The customer's key is destroyed, or about to be: nothing is left that could be kept. */
  readonly keyLeft: boolean;
  /** The hold that the command names. */
  readonly hold: {
    readonly id: string;
    readonly placedBy: PersonId | null;
    readonly lifted: boolean;
  } | null;
  /** Holds of the customer that are placed, besides this one. */
  readonly others: number;
}

type Decision = Result<readonly HoldEvent[], Refusal<HoldRefusal>>;

/** Decides one command on holds. RET-2: nobody lifts alone what they placed alone. */
export function decideHold(state: HoldState, command: HoldCommand, context: Context): Decision {
  const { customer, hold } = state;
  if (!customer) return refuse('notFound');
  const subject = `customer/${customer.id}`;
  const by = personOf(context.actor);
  if (command.do === 'placeHold') {
    // What is certified as erased cannot be kept any more.
    if (customer.state === 'gone') return refuse('customerGone');
    if (state.keyLeft) return refuse('holdTooLate');
    const unfit = unfitReview(command.reviewOn, context);
    if (unfit) return unfit;
    const body = { hold: context.newId(), by, reviewOn: command.reviewOn };
    return ok([
      {
        type: 'HoldPlaced',
        subject,
        body,
        private: { reason: command.reason },
        about: customer.id,
      },
    ]);
  }
  if (!hold) return refuse('notFound');
  if (hold.lifted) return refuse('holdLifted');
  if (command.do === 'reviewHold') {
    const unfit = unfitReview(command.reviewOn, context);
    if (unfit) return unfit;
    const body = { hold: hold.id, by, reviewOn: command.reviewOn };
    const { note } = command;
    return ok([{ type: 'HoldReviewed', subject, body, private: { note }, about: customer.id }]);
  }
  if (!isSomebody(context.actor)) return refuse('needsPerson');
  if (hold.placedBy && hold.placedBy === by) return refuseByGuard('RET-2', 'ownHold');
  const body = { hold: hold.id, by, held: state.others > 0 };
  const { note } = command;
  return ok([{ type: 'HoldLifted', subject, body, private: { note }, about: customer.id }]);
}

/** Whether a person answers for the act; a hold is not lifted by a program. */
function isSomebody(actor: Actor): boolean {
  return personOf(actor) !== null;
}

function unfitReview(reviewOn: string, { now, zone }: Context) {
  const day = Temporal.PlainDate.from(reviewOn);
  const today = dateIn(now, zone);
  if (Temporal.PlainDate.compare(day, today) < 0) return refuse('reviewInPast');
  const last = today.add({ days: reviewWithinDays });
  return Temporal.PlainDate.compare(day, last) > 0
    ? refuse('reviewTooLate', { days: reviewWithinDays })
    : null;
}
