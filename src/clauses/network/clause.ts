import type { Clause } from '../../policy/clause.ts';

/** Declared because its text is published; nothing here is upheld yet, so every promise shows as unknown. */
export const network: Clause = {
  id: 'network',
  promises: {
    'NET-1': { iso27001: ['A.8.20', 'A.8.22'] },
    'NET-2': { iso27001: ['A.8.20', 'A.8.22'] },
  },
  upholders: [],
};
