import type { ObligationHandler } from '../../policy/flow.ts';
import { unschedule } from '../tasks/store.ts';
import { askRun, findConnection } from './store.runs.ts';
import { planRead, readObligation } from './store.ts';

/** A whole read so often, however well changes are followed: what a source forgot to tell shows then. */
const wholeEveryDays = 7;

/** What the clock makes happen: reads of connections, each of which puts the next one on the clock. */
export const obligations: Readonly<Record<string, ObligationHandler>> = {
  [readObligation]: async ({ db, context }, due) => {
    const id = due.subject.slice('connection/'.length);
    const connection = await findConnection(db, id);
    if (!connection || connection.paused) return;
    const { now } = context;
    const { since, wholeAt, everyHours } = connection;
    const longAgo = now.subtract({ hours: 24 * wholeEveryDays });
    const whole =
      since === null || wholeAt === null || Temporal.Instant.compare(wholeAt, longAgo) <= 0;
    await db.transaction().execute(async (tx) => {
      const run = { id: context.newId(), connectionId: id, since: whole ? null : since };
      await askRun(tx, { ...run, reads: whole ? 'whole' : 'changes' }, now);
      // The row that fell due goes with it: whoever dies before closing it leaves no second chain.
      await unschedule(tx, due.subject, readObligation);
      // Counted from now: a clock that stood still is not caught up with.
      await planRead(tx, id, now.add({ hours: everyHours }), context);
    });
  },
};
