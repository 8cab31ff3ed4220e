import { invariant } from '../../kernel/invariant.ts';
import type { Refusal, Result } from '../../kernel/result.ts';
import type { Begin } from '../../policy/clause.ts';
import type { ObligationHandler, ReactionHandler } from '../../policy/flow.ts';
import { expireKind } from './facts.decisions.ts';
import {
  expireDecisions,
  reclassify,
  settleAdvisories,
  settleEverything,
  settleSource,
} from './flows.ts';
import { dayKind, drawDay, scheduleDay } from './store.days.ts';
import { isMatchedOtherwise } from './store.matching.ts';

/** What the clock makes happen in this clause, and what follows from entries of other rooms. */

export const obligations: Readonly<Record<string, ObligationHandler>> = {
  [expireKind]: async ({ execute }) => done(await execute(expireDecisions, {})),
  /** The charts have a row for each day, also for one on which nothing happened. */
  [dayKind]: async ({ db, context }) => {
    await db.transaction().execute(async (tx) => {
      await drawDay(tx, context);
      await scheduleDay(tx, context);
    });
  },
};

/**
 * Puts the first day of the charts on the clock, and matches everything again where versions are compared
 * otherwise than when it was. Called at every start, as the system; idempotent.
 */
export const ensureScheduled: Begin = async ({ db, execute, context }) => {
  if (await isMatchedOtherwise(db)) done(await execute(settleEverything, {}));
  await db.transaction().execute((tx) => scheduleDay(tx, context));
};

/** A source shows something else, is looked at no more, or again, or belongs to another asset. */
const settle: ReactionHandler = async ({ execute }, { subject }) => {
  done(await execute(settleSource, { sourceId: idOf(subject) }));
};

export const reactions: Readonly<Record<string, ReactionHandler>> = {
  SourceAudited: settle,
  AuditConfirmed: settle,
  SourceChanged: settle,
  SourceRetired: settle,
  SourceRestored: settle,
  AdvisoriesImported: async ({ execute }, { subject }) => {
    const importId = idOf(subject);
    done(await execute(settleAdvisories, { importId }));
    done(await execute(reclassify, { because: 'advisories', id: importId }));
  },
  /** What an asset asks for in confidentiality, integrity and availability weighs in the score. */
  SystemUpdated: async ({ execute }, { subject, body }) => {
    if (!['confidentiality', 'integrity', 'availability'].some((each) => each in body)) return;
    done(await execute(reclassify, { because: 'system', id: idOf(subject) }));
  },
  SystemsImported: async ({ execute }, { subject }) => {
    done(await execute(reclassify, { because: 'systems', id: idOf(subject) }));
  },
};

function idOf(subject: string): string {
  return subject.slice(subject.indexOf('/') + 1);
}

/** The system is refused nothing that it asks here: a refusal would be a bug of ours. */
function done(answer: Result<unknown, Refusal>): void {
  invariant(answer.ok, `the clock was refused: ${answer.ok ? '' : answer.refusal.code}`);
}
