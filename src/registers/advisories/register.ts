import type { Register } from '../../policy/clause.ts';
import type { AnyFlow } from '../../policy/flow.ts';
import { routes } from './routes.ts';
import { keptOfImports } from './store.kinds.ts';
import { scoresFlow } from './store.scores.ts';
import { takingFlow } from './store.taking.ts';
import { importFlow } from './store.ts';

export const advisories: Register = {
  id: 'advisories',
  flows: {
    import: importFlow as unknown as AnyFlow,
    taking: takingFlow as unknown as AnyFlow,
    scores: scoresFlow as unknown as AnyFlow,
  },
  routes,
  kinds: keptOfImports,
};
