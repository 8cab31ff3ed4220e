import type { Register } from '../../policy/clause.ts';
import type { AnyFlow } from '../../policy/flow.ts';
import { routes } from './routes.ts';
import { eraseContents } from './store.erasing.ts';
import { keptInVault } from './store.keeping.ts';
import { keyFlow } from './store.keys.ts';
import { vaultFlow } from './store.tokens.ts';
import { unwrapFlow } from './store.unwraps.ts';

/** What customers entrusted: where each sealed object and record is, never what it says. */
export const vault: Register = {
  id: 'vault',
  flows: {
    key: keyFlow as unknown as AnyFlow,
    settings: vaultFlow as unknown as AnyFlow,
    unwraps: unwrapFlow as unknown as AnyFlow,
  },
  routes,
  kinds: keptInVault,
  closing: (tx, customerId, { now }) => eraseContents(tx, customerId, now),
};
