import type { Clause } from '../../policy/clause.ts';

/** Declared because its text is published; nothing here is upheld yet, so every promise shows as unknown. */
export const privacy: Clause = {
  id: 'privacy',
  promises: {
    'PRI-1': { iso27001: ['A.5.34'] },
  },
  upholders: [],
};
