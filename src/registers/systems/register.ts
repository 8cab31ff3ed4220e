import type { Register } from '../../policy/clause.ts';
import type { AnyFlow } from '../../policy/flow.ts';
import { routes } from './routes.ts';
import { systemFlow } from './store.ts';

export const systems: Register = {
  id: 'systems',
  flows: { system: systemFlow as unknown as AnyFlow },
  routes,
};
