import type { Register } from '../../policy/clause.ts';
import type { AnyFlow } from '../../policy/flow.ts';
import { routes } from './routes.ts';
import { leaving } from './store.leaving.ts';
import { personFlow } from './store.ts';

export const people: Register = {
  id: 'people',
  flows: { person: personFlow as unknown as AnyFlow },
  leaving,
  routes,
};
