import { instantText, lastDayOf } from '../../kernel/instant.ts';
import { ok, type Refusal, type Result, refuse, refuseByGuard } from '../../kernel/result.ts';
import type { Context, Effect } from '../../policy/event.ts';
import type {
  Campaign,
  Decide,
  Delegate,
  Evidence,
  ItemsDecided,
  ItemsDelegated,
  OrdersPlaced,
  RefusalCode,
} from './facts.ts';
import { revokeBy } from './flow.opening.ts';

/** What a selection comes to for the person who decides. */
export interface DecidingState {
  readonly campaign: Campaign | null;
  /** The person who decides; null for a token that stands for nobody. */
  readonly reviewerId: string | null;
  /** Items for this person to decide on, without their own access. */
  readonly mine: number;
  /** Items that are this person's own access. */
  readonly own: number;
  /** Items that somebody else reviews. */
  readonly others: number;
  /** Of mine, those the wanted entitlement does not fit: of another system, or what they have now. */
  readonly unfit: number;
  /** How many of mine each system has. */
  readonly systems: OrdersPlaced['body']['systems'];
  /** Lines `no<TAB>decision` of mine. */
  readonly evidence: Evidence;
}

/**
 * Decides on all selected items that are this person's to decide, in one act.
 *
 * ACC-5, nobodyReviewsTheirOwnAccess: own access in the selection is left out and reported; a
 * selection of nothing else is refused by the guard.
 */
export function decideItems(
  state: DecidingState,
  command: Decide,
  context: Context,
): Result<readonly (ItemsDecided | OrdersPlaced)[], Refusal<RefusalCode>> {
  const { campaign, reviewerId } = state;
  if (!campaign) return refuse('notFound');
  if (campaign.state !== 'open') return refuse('campaignClosed');
  if (!reviewerId) return refuse('needsPerson');
  const incomplete = missingIn(command);
  if (incomplete) return refuse(incomplete);
  if (state.mine === 0) return refuseEmpty(state);
  if (state.unfit > 0) return refuse('wantedElsewhere', { count: state.unfit });
  const goes = command.decision !== 'keep';
  const decided: ItemsDecided = {
    type: 'ItemsDecided',
    subject: `campaign/${campaign.id}`,
    body: {
      act: context.newId(),
      decision: command.decision,
      reviewer: reviewerId,
      count: state.mine,
      ownExcluded: state.own,
      othersExcluded: state.others,
      wantedEntitlement: command.wantedEntitlementId,
      revokeBy: goes ? instantText(revokeBy(context.now, campaign.revokeWithinHours)) : null,
      decisionsBlob: state.evidence.sha256,
    },
    private: { reason: command.reason },
    blobs: { decisionsBlob: state.evidence.bytes },
  };
  return ok(goes ? [decided, ordersOf(campaign, state)] : [decided]);
}

/** What is to go is ordered in the same act; the lines are those of the decisions. */
function ordersOf(campaign: Campaign, { mine, systems, evidence }: DecidingState): OrdersPlaced {
  return {
    type: 'OrdersPlaced',
    subject: `orders/${campaign.id}`,
    body: { origin: 'review', person: null, count: mine, systems, ordersBlob: evidence.sha256 },
  };
}

function missingIn({ decision, reason, wantedEntitlementId }: Decide): RefusalCode | null {
  if (decision !== 'keep' && reason === '') return 'reasonMissing';
  if (decision === 'change' && !wantedEntitlementId) return 'wantedMissing';
  if (decision !== 'change' && wantedEntitlementId) return 'wantedNotAsked';
  return null;
}

function refuseEmpty({ own, others }: DecidingState) {
  if (own > 0) return refuseByGuard('ACC-5', 'ownReview', { count: own });
  if (others > 0) return refuse('notYourItems', { count: others });
  return refuse('nothingSelected');
}

export interface DelegatingState {
  readonly campaign: Campaign | null;
  /** Whether the caller may pass on what `from` holds: their own, or anybody's as security officer. */
  readonly mayPass: boolean;
  readonly toAble: boolean;
  /** Undecided items of `from` in the selection, without access of `to`. */
  readonly count: number;
  /** Those that are access of `to`. */
  readonly own: number;
  /** Numbers of the items, one a line. */
  readonly evidence: Evidence;
}

/**
 * Passes undecided items on. ACC-5, nobodyReviewsTheirOwnAccess: nobody is handed their own access;
 * such items stay where they are, and a selection of nothing else is refused by the guard.
 */
export function decideDelegation(
  state: DelegatingState,
  command: Delegate,
  _context: Context,
): Result<readonly ItemsDelegated[], Refusal<RefusalCode>> {
  const { campaign } = state;
  if (!campaign) return refuse('notFound');
  if (campaign.state !== 'open') return refuse('campaignClosed');
  if (!state.mayPass) return refuse('notYourItems', { count: state.count + state.own });
  if (!state.toAble) return refuse('personNotAble');
  if (state.count === 0 && state.own > 0)
    return refuseByGuard('ACC-5', 'ownReview', { count: state.own });
  if (state.count === 0) return refuse('nothingSelected');
  return ok([
    {
      type: 'ItemsDelegated',
      subject: `campaign/${campaign.id}`,
      body: {
        from: command.from,
        to: command.to,
        count: state.count,
        ownExcluded: state.own,
        itemsBlob: state.evidence.sha256,
      },
      blobs: { itemsBlob: state.evidence.bytes },
    },
  ]);
}

export function mailsOfDelegation(
  event: ItemsDelegated,
  state: DelegatingState,
  context: Context,
): readonly Effect[] {
  const { campaign } = state;
  if (!campaign) return [];
  return [
    {
      kind: 'mail',
      to: event.body.to,
      template: 'access.itemsDelegated',
      params: {
        campaign: campaign.name,
        items: event.body.count,
        due: lastDayOf(campaign.dueAt, context.zone).toString(),
      },
      path: `/console/reviews/${campaign.id}`,
    },
  ];
}
