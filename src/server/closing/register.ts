import type { Register } from '../../policy/clause.ts';
import { beginCustody, wakeClosures } from './backups.ts';

/**
 * The end of accounts, as a room: it owns no noun. Nights of the custody are on its clock. What the
 * ledger still says in plaintext of what was disposed of goes in `server/erasure.ts`.
 */
export const closing: Register = {
  id: 'closing',
  async begin({ db, context }) {
    await beginCustody(db, context);
    await wakeClosures(db, context);
  },
};
