import type { Register } from '../../policy/clause.ts';
import type { AnyFlow } from '../../policy/flow.ts';
import { routes } from './routes.ts';
import { accountFlow } from './store.accounts.ts';
import { grantFlow } from './store.grants.ts';
import { leaving } from './store.leaving.ts';
import { observedFlow } from './store.observed.ts';
import { readFlow } from './store.reads.ts';

export const accounts: Register = {
  id: 'accounts',
  flows: {
    read: readFlow as unknown as AnyFlow,
    observed: observedFlow as unknown as AnyFlow,
    account: accountFlow as unknown as AnyFlow,
    grant: grantFlow as unknown as AnyFlow,
  },
  leaving,
  routes,
};
