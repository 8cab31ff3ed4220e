import type { Register } from '../../policy/clause.ts';
import type { AnyFlow } from '../../policy/flow.ts';
import { confirmingRoutes } from './routes.confirming.ts';
import { holdRoutes } from './routes.holds.ts';
import { importRoutes } from './routes.import.ts';
import { productRoutes } from './routes.products.ts';
import { routes } from './routes.ts';
import { confirmingFlow } from './store.confirming.ts';
import { holdFlow } from './store.holds.ts';
import { productFlow } from './store.products.ts';
import { customerFlow } from './store.ts';

/** Customers, the products that they use, and what holds their data where. */
export const customers: Register = {
  id: 'customers',
  flows: {
    confirming: confirmingFlow as unknown as AnyFlow,
    customer: customerFlow as unknown as AnyFlow,
    hold: holdFlow as unknown as AnyFlow,
    product: productFlow as unknown as AnyFlow,
  },
  routes: { ...routes, ...importRoutes, ...holdRoutes, ...productRoutes, ...confirmingRoutes },
};
