import type { Clause } from '../../policy/clause.ts';

/** Declared because its text is published; nothing here is upheld yet, so every promise shows as unknown. */
export const customerData: Clause = {
  id: 'customer-data',
  promises: {
    'CUS-1': { iso27001: ['A.8.24', 'A.5.34'] },
    'CUS-2': { iso27001: ['A.5.15', 'A.8.3'] },
    'CUS-3': { iso27001: ['A.5.15', 'A.5.18', 'A.8.3'] },
  },
  upholders: [],
};
