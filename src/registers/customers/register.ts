import type { Register } from '../../policy/clause.ts';

/** Customers, the products that they use, and what holds their data where. */
export const customers: Register = {
  id: 'customers',
};
