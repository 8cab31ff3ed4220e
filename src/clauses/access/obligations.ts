import { invariant } from '../../kernel/invariant.ts';
import type { Refusal, Result } from '../../kernel/result.ts';
import type { Begin } from '../../policy/clause.ts';
import type { ObligationHandler, ReactionHandler } from '../../policy/flow.ts';
import {
  announceOrders,
  closeCampaign,
  endEmergency,
  lapseRequest,
  missEmergencyReview,
  openQuarter,
  proveOrders,
  remindReviewers,
  scheduleQuarter,
  sweepGrants,
} from './flows.ts';
import { endKind, missKind } from './store.emergency.ts';
import { scheduleSweep, sweepKind } from './store.expiry.ts';
import { orderWhatIsLeft, withdrawOfThosePresent } from './store.leaving.ts';
import { forgetRequestsOf, lapseKind } from './store.requests.ts';

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
  [lapseKind]: async ({ execute }, { subject }) => {
    done(await execute(lapseRequest, { id: idOf(subject) }));
  },
  [endKind]: async ({ execute }, { subject }) => {
    done(await execute(endEmergency, { id: idOf(subject) }));
  },
  [missKind]: async ({ execute }, { subject }) => {
    done(await execute(missEmergencyReview, { id: idOf(subject) }));
  },
  [sweepKind]: async ({ db, execute, context }) => {
    done(await execute(sweepGrants, {}));
    await scheduleSweep(db, context);
  },
};

function idOf(subject: string): string {
  return subject.split('/')[1] ?? '';
}

/** Orders placed inside another act are told to the ledger, and by it to the connections. */
const announce: ReactionHandler = async ({ execute }) => {
  done(await execute(announceOrders, {}));
};

/** A grant may end before the next sweep. */
const sweepInTime: ReactionHandler = ({ db, context }) => scheduleSweep(db, context);

/** What of leavers' accounts shows only now is ordered to go as well, once. */
async function orderLeftOver(
  { db, execute, context }: Parameters<ReactionHandler>[0],
  subject: string,
): Promise<void> {
  await db.transaction().execute((tx) => orderWhatIsLeft(tx, subject, context));
  done(await execute(announceOrders, {}));
}

const withdrawNeedless = ({ db, context }: Parameters<ReactionHandler>[0]): Promise<void> =>
  db.transaction().execute((tx) => withdrawOfThosePresent(tx, context));

export const reactions: Readonly<Record<string, ReactionHandler>> = {
  /** A system was read: what was ordered to go may be proven gone, and a leaver may show in it. */
  AccessObserved: async (room, { subject }) => {
    done(await room.execute(proveOrders, { systemId: idOf(subject) }));
    await orderLeftOver(room, subject);
  },
  AccountLinked: async (room, { subject }) => {
    await withdrawNeedless(room);
    await orderLeftOver(room, subject);
  },
  EmploymentContinued: withdrawNeedless,
  PersonErased: ({ db }, { subject }) =>
    db.transaction().execute((tx) => forgetRequestsOf(tx, idOf(subject))),
  AccessEnded: announce,
  AccessGivenBack: announce,
  GrantsExpired: announce,
  GrantApproved: sweepInTime,
  GrantsImported: sweepInTime,
  RequestsDecided: sweepInTime,
  EmergencyEnded: announce,
};

/**
 * Puts the opening of the next quarter's campaign and the next sweep of grants on the clock, where
 * they are not yet. Called at every start, as the system; idempotent.
 */
export const ensureScheduled: Begin = async ({ db, execute, context }) => {
  done(await execute(scheduleQuarter, {}));
  await scheduleSweep(db, context);
};

/** The system is refused nothing that it asks here: a refusal would be a bug of ours. */
function done(answer: Result<unknown, Refusal>): void {
  invariant(answer.ok, `the clock was refused: ${answer.ok ? '' : answer.refusal.code}`);
}
