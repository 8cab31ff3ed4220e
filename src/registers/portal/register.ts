import { invariant } from '../../kernel/invariant.ts';
import type { Register } from '../../policy/clause.ts';
import type { AnyFlow, ObligationHandler, ReactionHandler } from '../../policy/flow.ts';
import { archivesUnder, customerOfExport, forgetExports } from './store.exports.ts';
import { keptOfExports } from './store.kinds.ts';
import { endSessionsOfContact, forgetVisits } from './store.sessions.ts';
import { expireKind, portalFlow } from './store.ts';

/** An archive goes when its days are over. */
const expire: ObligationHandler = async ({ db, execute }, { subject }) => {
  const exportId = subject.slice('export/'.length);
  const customerId = await customerOfExport(db, exportId);
  if (!customerId) return;
  const done = await execute(portalFlow, { do: 'expireExport', customerId, exportId });
  invariant(done.ok, 'the system may let an archive expire');
};

/** Whoever is no contact any more is out, on every device. */
const signOut: ReactionHandler = async ({ db, context }, { body }) => {
  const { contact } = body;
  if (typeof contact !== 'string') return;
  await db.transaction().execute((tx) => endSessionsOfContact(tx, contact, context.now));
};

/** What only a retired key could open is no archive any more. */
const letGo: ReactionHandler = async ({ db, execute }, { subject, body }) => {
  const customerId = subject.slice('customer/'.length);
  if (typeof body['version'] !== 'number') return;
  for (const exportId of await archivesUnder(db, customerId, body['version'])) {
    const done = await execute(portalFlow, { do: 'expireExport', customerId, exportId });
    invariant(done.ok, 'the system may let an archive expire');
  }
};

/** Contacts of customers at the portal: how they come in, and the archives that they ask for (RET-4). */
export const portal: Register = {
  id: 'portal',
  flows: { portal: portalFlow as unknown as AnyFlow },
  obligations: { [expireKind]: expire },
  reactions: { ContactRemoved: signOut, CustomerKeyRetired: letGo },
  kinds: keptOfExports,
  async closing(tx, customerId, { now }) {
    const { exports } = await forgetExports(tx, customerId, now);
    return { exports, visits: await forgetVisits(tx, customerId) };
  },
};
