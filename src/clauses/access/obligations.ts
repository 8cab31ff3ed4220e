import { invariant } from '../../kernel/invariant.ts';
import type { Refusal, Result } from '../../kernel/result.ts';
import type { Execute, ObligationHandler, ReactionHandler } from '../../policy/flow.ts';
import {
  announceOrders,
  closeCampaign,
  openQuarter,
  proveOrders,
  remindReviewers,
  scheduleQuarter,
} from './flows.ts';

/** What the clock makes happen in this clause, and what follows from entries of other rooms. */

export const obligations: Readonly<Record<string, ObligationHandler>> = {
  'access.openQuarter': async ({ execute }) => {
    done(await execute(openQuarter, {}));
    done(await execute(scheduleQuarter, {}));
  },
  'access.remind': async ({ execute }, { subject }) => {
    const [, campaignId = '', days] = subject.split('/');
    done(await execute(remindReviewers, { campaignId, days: Number(days) }));
  },
  'access.closeCampaign': async ({ execute }, { subject }) => {
    const [, campaignId = ''] = subject.split('/');
    done(await execute(closeCampaign, { campaignId }));
  },
};

export const reactions: Readonly<Record<string, ReactionHandler>> = {
  /** A system was read: what was ordered to go may be proven gone. */
  AccessObserved: async ({ execute }, { subject }) => {
    const [, systemId = ''] = subject.split('/');
    done(await execute(proveOrders, { systemId }));
  },
  /** Somebody left: what their leaving ordered is told to the ledger, and by it to the connections. */
  AccessEnded: async ({ execute }) => {
    done(await execute(announceOrders, {}));
  },
};

/**
 * Puts the opening of the next quarter's campaign on the clock, where it is not yet. Called at every
 * start, as the system; idempotent.
 */
export async function ensureScheduled(room: { readonly execute: Execute }): Promise<void> {
  done(await room.execute(scheduleQuarter, {}));
}

/** The system is refused nothing that it asks here: a refusal would be a bug of ours. */
function done(answer: Result<unknown, Refusal>): void {
  invariant(answer.ok, `the clock was refused: ${answer.ok ? '' : answer.refusal.code}`);
}
